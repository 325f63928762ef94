/** Owns the making of X.509 certificates with any key, validity and issuer, by writing their DER: node only reads them. https://www.rfc-editor.org/rfc/rfc5280 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";

export type KeyKind = "rsa-2048" | "rsa-4096" | "p-256" | "p-384" | "ed25519";

export interface Issued {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly keyPem: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** A kind, of which one is made, or the key itself. */
  readonly key?: KeyKind | KeyObject;
  /** Without one, self-signed. */
  readonly issuer?: Issued;
  readonly authority?: "ca" | "end-entity";
  /** Epoch milliseconds. */
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  /** Hex. */
  readonly serialNumber?: string;
  readonly keyUsage?: "digital-signature" | "key-encipherment" | "none";
}

const DAY_MS = 86_400_000;

function der(tag: number, ...parts: (Buffer | Uint8Array)[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const octets = (content: Buffer): Buffer => der(0x04, content);
const bits = (content: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);
const truth = der(0x01, Buffer.from([0xff]));

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const value of rest) {
    const groups = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

const name = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(objectId("2.5.4.3"), der(0x0c, Buffer.from(commonName)))));
const time = (ms: number): Buffer => der(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d{3}/g, "")));
const extension = (id: string, value: Buffer): Buffer => sequence(objectId(id), truth, octets(value));

const signatureAlgorithm = (key: KeyObject): Buffer =>
  key.asymmetricKeyType === "rsa"
    ? sequence(objectId("1.2.840.113549.1.1.11"), der(0x05))
    : sequence(objectId(key.asymmetricKeyType === "ec" ? "1.2.840.10045.4.3.2" : "1.3.101.112"));

/** @returns a new private key */
export function makeKey(kind: KeyKind): KeyObject {
  if (kind === "ed25519") return generateKeyPairSync("ed25519").privateKey;
  return kind.startsWith("rsa")
    ? generateKeyPairSync("rsa", { modulusLength: Number(kind.slice(4)) }).privateKey
    : generateKeyPairSync("ec", { namedCurve: kind === "p-256" ? "prime256v1" : "secp384r1" }).privateKey;
}

/** @returns a certificate of version 3 with its key */
export function issueCertificate(options: CertificateOptions): Issued {
  const { key = "p-256" } = options;
  const privateKey = typeof key === "string" ? makeKey(key) : key;
  const signer = options.issuer?.privateKey ?? privateKey;
  const issuerName = options.issuer?.certificate.subject.replace(/^CN=/, "") ?? options.commonName;
  const serial = Buffer.from(options.serialNumber ?? "0a1b2c3d4e5f", "hex");
  const usage = { "digital-signature": 0x80, "key-encipherment": 0x20, none: undefined }[
    options.keyUsage ?? "digital-signature"
  ];
  const isAuthority = options.authority === "ca";
  const extensions = [
    extension("2.5.29.19", sequence(...(isAuthority ? [truth] : []))),
    ...(usage === undefined ? [] : [extension("2.5.29.15", bits(Buffer.from([isAuthority ? 0x86 : usage]), 1))]),
  ];
  const now = Date.now();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, (serial[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), serial]) : serial),
    signatureAlgorithm(signer),
    name(issuerName),
    sequence(time(options.notBeforeMs ?? now - DAY_MS), time(options.notAfterMs ?? now + 365 * DAY_MS)),
    name(options.commonName),
    createPublicKey(privateKey).export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign(signer.asymmetricKeyType === "ed25519" ? null : "sha256", body, signer);
  const certificate = new X509Certificate(sequence(body, signatureAlgorithm(signer), bits(signature)));
  return {
    certificate,
    pem: certificate.toString(),
    privateKey,
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
