/** Owns what a configured certificate becomes: leaf, chain and key that belong together and are valid now. */
import { createHash, type KeyObject, type X509Certificate } from "node:crypto";
import { type X509Identity, x509Algorithm } from "../../signing/sign-x509";
import { BoundedMap } from "../../types/bounded-map";
import type { Files } from "../../types/files";
import type { CertificateMaterial, TextOrFile } from "../../types/role-chain";
import { materialError, type Origin, originWords } from "./material-error";
import { readCertificates, readPrivateKey } from "./read-pem";
import { readPkcs12 } from "./read-pkcs12";

/** What signs, with what the errors and warnings about it say. */
export interface SigningMaterial extends X509Identity {
  readonly leaf: X509Certificate;
  /** Where the certificate was configured. */
  readonly origin: string;
}

interface Parts {
  readonly certificates: readonly X509Certificate[];
  readonly chain: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
  readonly certificateOrigin: Origin;
  readonly keyOrigin: Origin;
}

const KEPT = 16;

/**
 * Reads the files every time, and decrypts and parses only what has changed: a rotated certificate is used from the next
 * session on. One belongs to one adapter instance.
 */
export class SigningMaterials {
  readonly #files: Files;
  readonly #parsed = new BoundedMap<SigningMaterial>(KEPT);

  constructor(files: Files) {
    this.#files = files;
  }

  /**
   * @param nowMs - epoch milliseconds that the validity is judged by
   * @throws AdapterError `CREDENTIAL_SOURCE_FAILED`: a file that is missing or a wrong one, a passphrase that does not
   * open it, a key that is not the certificate's, a certificate that is over, not yet valid or a CA's
   */
  read(material: CertificateMaterial, words: string, nowMs: number): SigningMaterial {
    const contents = new Map<Origin, Buffer>();
    const content = (part: TextOrFile, property: string): [Buffer, Origin] => {
      const origin = originOf(part, property);
      const bytes = this.#content(part, origin, words);
      contents.set(origin, bytes);
      return [bytes, origin];
    };
    const chain = material.chain === undefined ? undefined : content(material.chain, "certificate_chain");
    const first =
      material.form === "pem" ? content(material.certificate, "certificate") : content(material.bundle, "pkcs12");
    const second = material.form === "pem" ? content(material.privateKey, "private_key") : undefined;
    const key = digest([...contents.values()], material.passphrase?.reveal());
    let parsed = this.#parsed.get(key);
    if (parsed === undefined) {
      const intermediates = chain === undefined ? [] : readCertificates(words, ...chain);
      parsed = combine(partsOf(words, material, first, second, intermediates), words);
      this.#parsed.set(key, parsed);
    }
    checkValidity(parsed, words, nowMs);
    return parsed;
  }

  #content(part: TextOrFile, origin: Origin, words: string): Buffer {
    if ("text" in part) {
      return Buffer.from(part.text.reveal(), origin.property === "pkcs12" ? "base64" : "utf8");
    }
    try {
      return this.#files.read(part.file);
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
      throw materialError(
        words,
        `${originWords(origin)} cannot be read: ${reason}`,
        "Check the path, and that the platform may read the file",
        cause,
      );
    }
  }
}

const originOf = (part: TextOrFile, property: string): Origin =>
  "file" in part ? { property: `${property}_file`, file: part.file } : { property };

function digest(contents: readonly Buffer[], passphrase: string | undefined): string {
  const hash = createHash("sha256");
  for (const bytes of contents) hash.update(`${bytes.length}\n`).update(bytes);
  return hash.update(passphrase === undefined ? "" : `passphrase\n${passphrase}`).digest("base64url");
}

function partsOf(
  words: string,
  material: CertificateMaterial,
  first: [Buffer, Origin],
  second: [Buffer, Origin] | undefined,
  chain: readonly X509Certificate[],
): Parts {
  if (second === undefined) {
    const [bytes, origin] = first;
    return {
      ...readPkcs12(words, bytes, material.passphrase, origin),
      chain,
      certificateOrigin: origin,
      keyOrigin: origin,
    };
  }
  const [keyBytes, keyOrigin] = second;
  return {
    certificates: readCertificates(words, ...first),
    keys: [readPrivateKey(words, keyBytes, material.passphrase, keyOrigin)],
    chain,
    certificateOrigin: first[1],
    keyOrigin,
  };
}

/** The leaf is the certificate of the key, wherever it stands; the others are its intermediates, in their order. */
function combine(parts: Parts, words: string): SigningMaterial {
  const { certificates, keys, certificateOrigin, keyOrigin } = parts;
  const origin = originWords(certificateOrigin);
  for (const privateKey of keys) {
    const leaf = certificates.find((certificate) => certificate.checkPrivateKey(privateKey));
    if (leaf === undefined) continue;
    if (x509Algorithm(privateKey) === undefined) {
      throw materialError(
        words,
        `${origin} has a key of type ${privateKey.asymmetricKeyType}, not RSA or EC`,
        "Use a certificate with an RSA or an EC key",
      );
    }
    if (leaf.ca) {
      throw materialError(
        words,
        `${origin} is the certificate of an authority (${oneLine(leaf.subject)})`,
        "Use an end-entity certificate that the authority issued",
      );
    }
    const others = [...certificates, ...parts.chain].filter((one) => !one.raw.equals(leaf.raw) && !isSelfIssued(one));
    const chain = issuersOf(leaf, others);
    return {
      leaf,
      certificate: leaf.raw,
      serialNumber: BigInt(`0x${leaf.serialNumber}`).toString(),
      privateKey,
      chain: chain.map(({ raw }) => raw),
      origin,
    };
  }
  const [certificate] = certificates;
  throw materialError(
    words,
    `certificate and private key do not match: the key in ${originWords(keyOrigin)} (${keyWords(keys[0])}) is not that of ${origin} (${oneLine(certificate?.subject ?? "")}, ${keyWords(certificate?.publicKey)})`,
    "Give the key that the certificate was issued for",
  );
}

/**
 * A whole bundle of authorities may be given where a chain belongs, and a header has its limits.
 * @returns those of `others` that lead on from `leaf`, nearest first, each once; all ways where there are several
 */
function issuersOf(leaf: X509Certificate, others: readonly X509Certificate[]): X509Certificate[] {
  const found: X509Certificate[] = [];
  for (let level = [leaf]; level.length > 0; ) {
    const issuers = new Set(level.map(({ issuer }) => issuer));
    const isNew = (one: X509Certificate): boolean => !found.some(({ raw }) => raw.equals(one.raw));
    level = [];
    for (const one of others) {
      if (!issuers.has(one.subject) || !isNew(one)) continue;
      found.push(one);
      level.push(one);
    }
  }
  return found;
}

/** The trust anchor itself needs no sending: AWS has it. */
const isSelfIssued = (certificate: X509Certificate): boolean => certificate.subject === certificate.issuer;

const oneLine = (name: string): string => name.replaceAll("\n", ", ");

function keyWords(key: KeyObject | undefined): string {
  const { modulusLength, namedCurve } = key?.asymmetricKeyDetails ?? {};
  return `${key?.asymmetricKeyType ?? "no key"} ${modulusLength ?? namedCurve ?? ""}`.trim();
}

function checkValidity({ leaf, origin }: SigningMaterial, words: string, nowMs: number): void {
  const subject = oneLine(leaf.subject);
  if (nowMs > Date.parse(leaf.validTo)) {
    throw materialError(
      words,
      `${origin} (${subject}) expired on ${leaf.validTo}`,
      "Have the certificate renewed; a file is read again by itself",
    );
  }
  if (nowMs < Date.parse(leaf.validFrom)) {
    throw materialError(
      words,
      `${origin} (${subject}) is not valid before ${leaf.validFrom}`,
      "Wait, or check the clock of the platform server",
    );
  }
}
