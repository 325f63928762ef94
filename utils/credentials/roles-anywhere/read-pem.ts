/** Owns the reading of certificates and private keys from PEM or DER, with an error for each wrong file. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Secret } from "../../types/secret";
import { materialError, type Origin, originWords } from "./material-error";
import { contentWords, type PemBlock, pemBlocks, pemText } from "./pem";

const isCertificate = ({ label }: PemBlock): boolean => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label);
const isPrivateKey = ({ label }: PemBlock): boolean => /^((RSA|EC|ENCRYPTED) )?PRIVATE KEY$/.test(label);
const isEncrypted = ({ label, text }: PemBlock): boolean =>
  label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type: *4,ENCRYPTED/m.test(text);

/** A value without lines and dashes that starts like a path was meant as a file. */
const looksLikePath = (content: Buffer): boolean =>
  /^[\w./\\:~ -]{1,260}\.\w{1,4}$/.test(content.toString("latin1").trim());

function wrongContent(words: string, content: Buffer, origin: Origin, expected: string): Error {
  const where = originWords(origin);
  if (origin.file === undefined && looksLikePath(content)) {
    return materialError(
      words,
      `${where} is not PEM text but looks like a path`,
      `Use ${origin.property}_file for a file`,
    );
  }
  return materialError(
    words,
    `${where} is not ${expected}: ${contentWords(content)}`,
    `Give ${expected} in ${origin.property}`,
  );
}

/**
 * @param content - PEM with one certificate or more, or one in DER
 * @returns the certificates in their order, at least one
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` saying what the file holds instead
 */
export function readCertificates(words: string, content: Buffer, origin: Origin): X509Certificate[] {
  const blocks = pemBlocks(pemText(content)).filter(isCertificate);
  try {
    if (blocks.length > 0) return blocks.map(({ text }) => new X509Certificate(text));
    if (content[0] === 0x30) return [new X509Certificate(content)];
  } catch (cause) {
    if (blocks.length > 0) {
      throw materialError(
        words,
        `${originWords(origin)} holds a certificate that cannot be read`,
        "Export the certificate again",
        cause,
      );
    }
  }
  throw wrongContent(words, content, origin, "a certificate");
}

/**
 * @param content - one private key: PKCS#8, encrypted PKCS#8, PKCS#1 or SEC1, in PEM or DER
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED`: not a key, a passphrase that is missing or wrong
 */
export function readPrivateKey(
  words: string,
  content: Buffer,
  passphrase: Secret | undefined,
  origin: Origin,
): KeyObject {
  const [block] = pemBlocks(pemText(content)).filter(isPrivateKey);
  if (block === undefined) {
    const key = content[0] === 0x30 ? readDer(content, passphrase) : undefined;
    if (key === undefined) throw wrongContent(words, content, origin, "a private key");
    return key;
  }
  if (isEncrypted(block) && passphrase === undefined) {
    throw materialError(words, `${originWords(origin)} is encrypted, and no passphrase is given`, "Set passphrase");
  }
  try {
    return createPrivateKey({
      key: block.text,
      ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
    });
  } catch (cause) {
    throw unreadableKey(words, origin, isEncrypted(block), cause);
  }
}

function unreadableKey(words: string, origin: Origin, encrypted: boolean, cause: unknown): Error {
  const where = originWords(origin);
  const code = String((cause as { code?: unknown }).code ?? "");
  if (encrypted && /UNSUPPORTED/.test(code)) {
    return materialError(
      words,
      `${where} is encrypted in a way that is no longer supported`,
      "Encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc",
      cause,
    );
  }
  if (encrypted) {
    return materialError(words, `${where} cannot be decrypted with the passphrase`, "Correct passphrase", cause);
  }
  return materialError(
    words,
    `${where} holds a private key that cannot be read`,
    "Export the private key again",
    cause,
  );
}

/** The three forms that a private key has in DER, told apart by trying. */
function readDer(content: Buffer, passphrase: Secret | undefined): KeyObject | undefined {
  const secret = passphrase === undefined ? {} : { passphrase: passphrase.reveal() };
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    try {
      return createPrivateKey({ key: content, format: "der", type, ...secret });
    } catch {
      // Not this form.
    }
  }
  return undefined;
}
