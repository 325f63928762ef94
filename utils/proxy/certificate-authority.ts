/** Owns the proxy's local certificate authority: made at the first start, trusted by whom the operator gives it to, and for nothing but TLS names. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { pki as Pki } from "node-forge";
import { AdapterError } from "../errors/adapter-error";
import { BoundedMap } from "../types/bounded-map";
import type { Clock } from "../types/clock";
import { lazy } from "../types/lazy";

/** Files that hold a private key. */
export interface AuthorityFiles {
  /** Only its owner may enter it. */
  makeFolder(path: string): Promise<void>;
  read(path: string): Promise<Buffer | undefined>;
  /** Whether anybody but the owner may read it. */
  isExposed(path: string): Promise<boolean>;
  /** Only its owner may read it. @returns false when it is there already */
  create(path: string, content: Buffer): Promise<boolean>;
  remove(path: string): Promise<void>;
}

/** A certificate and its key as PEM. */
export interface Credential {
  readonly cert: string;
  readonly key: string;
}

const CERTIFICATE = "ca.pem";
const KEY = "ca-key.pem";
const MODULUS_BITS = 2048;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 730;
const LEAF_DAYS = 7;
/** Clients' clocks may be behind ours. */
const BACKDATED_MS = DAY_MS;
const MOST_HOSTS = 500;
/** Another start makes the authority in milliseconds once its key's file is there; after a second, nobody is at it. */
const MOST_READINGS = 11;
const PAUSE_MS = 100;

const forge = lazy(() => require("node-forge") as typeof import("node-forge"));

export interface AuthorityDependencies {
  readonly files: AuthorityFiles;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
  /** @returns the private key of a new RSA pair, as PEM of PKCS#8 */
  readonly rsaKey: (modulusBits: number) => Promise<string>;
}

/** Signs certificates for hosts; their common key lives in memory only. */
export class CertificateAuthority {
  readonly #leaves = new BoundedMap<Credential & { readonly untilMs: number }>(MOST_HOSTS);
  readonly #leafKey: string;

  private constructor(
    readonly certificateFile: string,
    readonly own: Credential,
    readonly dependencies: AuthorityDependencies,
    leafKey: string,
  ) {
    this.#leafKey = leafKey;
  }

  /**
   * Reads the authority of `folder`, or makes one there: `ca.pem` for the clients, `ca-key.pem` for the owner alone.
   * Of several first starts at once, one makes it and the others wait for it.
   * @throws AdapterError `INVALID_INPUT` when the key is missing, broken, or open to others
   */
  static async open(folder: string, dependencies: AuthorityDependencies): Promise<CertificateAuthority> {
    const [certFile, keyFile] = [join(folder, CERTIFICATE), join(folder, KEY)];
    const { files, clock, rsaKey } = dependencies;
    await files.makeFolder(folder);
    for (let readings = 1; ; readings += 1) {
      let own = await readOwn(certFile, keyFile, dependencies);
      if (own === "none") own = await makeOwn(certFile, keyFile, dependencies);
      if (own !== "partial") return new CertificateAuthority(certFile, own, dependencies, await rsaKey(MODULUS_BITS));
      if (readings === MOST_READINGS) throw refused(folderOf(certFile), "one of ca.pem and ca-key.pem alone, or empty");
      await clock.sleep(PAUSE_MS);
    }
  }

  /** @param host - a name or an IP address */
  certificateFor(host: string): Credential {
    const { clock, randomBytes } = this.dependencies;
    const nowMs = clock.now();
    const kept = this.#leaves.get(host);
    if (kept !== undefined && kept.untilMs - DAY_MS > nowMs) return kept;
    const leaf = issueLeaf(host, this.own, this.#leafKey, { nowMs, randomBytes });
    const made = { cert: leaf + this.own.cert, key: this.#leafKey, untilMs: nowMs + LEAF_DAYS * DAY_MS };
    this.#leaves.set(host, made);
    return made;
  }
}

/** @returns `partial` when somebody else has begun to make it meanwhile */
async function makeOwn(
  certFile: string,
  keyFile: string,
  { files, clock, randomBytes, rsaKey }: AuthorityDependencies,
): Promise<Credential | "partial"> {
  const own = selfSigned(await rsaKey(MODULUS_BITS), { nowMs: clock.now(), randomBytes });
  if (!(await files.create(keyFile, Buffer.from(own.key)))) return "partial";
  await files.create(certFile, Buffer.from(own.cert));
  return own;
}

/** @returns `partial` while a file is missing or empty, as those of a start under way are */
async function readOwn(
  certFile: string,
  keyFile: string,
  { files, clock }: AuthorityDependencies,
): Promise<Credential | "none" | "partial"> {
  const [cert, key] = await Promise.all([files.read(certFile), files.read(keyFile)]);
  if (cert === undefined && key === undefined) return "none";
  if (!cert?.length || !key?.length) return "partial";
  if (await files.isExposed(keyFile)) throw refused(keyFile, "a key that others may read (chmod 600)");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
    if (!certificate.ca || !certificate.checkPrivateKey(createPrivateKey(key))) throw new Error();
  } catch {
    throw refused(folderOf(certFile), "no authority with its key");
  }
  if (Date.parse(certificate.validTo) - LEAF_DAYS * DAY_MS > clock.now()) {
    return { cert: cert.toString(), key: key.toString() };
  }
  await files.remove(certFile);
  await files.remove(keyFile);
  return "none";
}

const folderOf = (file: string): string => file.slice(0, -CERTIFICATE.length);

const refused = (file: string, found: string): AdapterError =>
  new AdapterError("INVALID_INPUT", {
    parameter: "--ca-folder",
    found: `${file}: ${found}`,
    expected: "a folder with the authority that an earlier start made, or an empty one",
    documentation: "remove the folder to have a new authority made, and give its ca.pem to the clients again.",
  });

/** When a certificate is made, and what its serial number is drawn from. */
interface Making extends Pick<AuthorityDependencies, "randomBytes"> {
  readonly nowMs: number;
}

/**
 * 16 bytes with hardly a chance of coming twice. DER wants a positive number without zeros before it (X.690, 8.3.2):
 * of the first byte, the upper bit is off and the next one on.
 */
function serialNumber(randomBytes: Making["randomBytes"]): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString("hex");
}

function draft({ nowMs, randomBytes }: Making, days: number, publicKey: Pki.PublicKey): Pki.Certificate {
  const certificate = forge().pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = serialNumber(randomBytes);
  certificate.validity.notBefore = new Date(nowMs - BACKDATED_MS);
  certificate.validity.notAfter = new Date(nowMs + days * DAY_MS);
  return certificate;
}

function selfSigned(keyPem: string, making: Making): Credential {
  const { pki, md } = forge();
  const key = pki.privateKeyFromPem(keyPem);
  const certificate = draft(making, AUTHORITY_DAYS, pki.rsa.setPublicKey(key.n, key.e));
  const name = [
    { name: "commonName", value: "adapter-aws signing proxy" },
    { name: "organizationName", value: `local authority ${certificate.serialNumber.slice(0, 8)}` },
  ];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
    { name: "keyUsage", keyCertSign: true, critical: true },
    { name: "subjectKeyIdentifier" },
  ]);
  certificate.sign(key, md.sha256.create());
  return { cert: pki.certificateToPem(certificate), key: keyPem };
}

function issueLeaf(host: string, own: Credential, leafKeyPem: string, making: Making): string {
  const { pki, md } = forge();
  const authority = pki.certificateFromPem(own.cert);
  const leafKey = pki.privateKeyFromPem(leafKeyPem);
  const certificate = draft(making, LEAF_DAYS, pki.rsa.setPublicKey(leafKey.n, leafKey.e));
  // The common name is bounded at 64 characters; who is meant stands in subjectAltName.
  certificate.setSubject([{ name: "commonName", value: host.slice(0, 64) }]);
  certificate.setIssuer(authority.subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames: [isAddress(host) ? { type: 7, ip: host } : { type: 2, value: host }] },
    {
      name: "authorityKeyIdentifier",
      keyIdentifier: authority.generateSubjectKeyIdentifier().getBytes(),
    },
  ]);
  certificate.sign(pki.privateKeyFromPem(own.key), md.sha256.create());
  return pki.certificateToPem(certificate);
}

const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(":");
