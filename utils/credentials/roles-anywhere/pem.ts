/** Owns the reading of PEM text, and the words for what a file turns out to be. */

export interface PemBlock {
  /** What stands between `BEGIN` and the dashes, `CERTIFICATE`. */
  readonly label: string;
  /** The block alone, from `BEGIN` to `END`. */
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** https://www.rfc-editor.org/rfc/rfc7468 and the older labels of OpenSSL. */
const WORDS: Readonly<Record<string, string>> = {
  CERTIFICATE: "a certificate",
  "X509 CERTIFICATE": "a certificate",
  "TRUSTED CERTIFICATE": "a certificate",
  "CERTIFICATE REQUEST": "a certificate signing request",
  "NEW CERTIFICATE REQUEST": "a certificate signing request",
  "PRIVATE KEY": "a private key",
  "RSA PRIVATE KEY": "an RSA private key",
  "EC PRIVATE KEY": "an EC private key",
  "ENCRYPTED PRIVATE KEY": "an encrypted private key",
  "PUBLIC KEY": "a public key",
  "RSA PUBLIC KEY": "a public key",
  "OPENSSH PRIVATE KEY": "a private key in OpenSSH's own form",
  "X509 CRL": "a certificate revocation list",
  PKCS7: "a PKCS#7 bundle",
  CMS: "a PKCS#7 bundle",
};

/** @returns the text of a file, also of one that a Windows shell wrote in UTF-16; bytes that are no text stay apart from each other */
export const pemText = (content: Buffer): string =>
  content.toString(content[0] === 0xff && content[1] === 0xfe ? "utf16le" : "latin1");

/** Parameters of a curve stand before old EC keys and say nothing that the key does not. */
const IGNORED = new Set(["EC PARAMETERS", "DH PARAMETERS"]);

/**
 * @param text - PEM; line breaks may be real, written as `\n`, or lost, as forms and environment variables leave them
 * @returns the blocks in their order, each with proper lines
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const match of text.replaceAll("\\r", "").replaceAll("\\n", "\n").matchAll(BLOCK)) {
    const label = match[1] as string;
    if (IGNORED.has(label)) continue;
    const body = match[2] as string;
    // Encapsulated headers (`DEK-Info: …`) keep their lines: their layout is part of the form.
    const lines = body.includes(":") ? body.trim() : (body.replace(/\s+/g, "").match(/.{1,64}/g) ?? []).join("\n");
    blocks.push({ label, text: `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n` });
  }
  return blocks;
}

/** @returns words for the content of a file that is not what was expected */
export function contentWords(content: Buffer): string {
  const text = pemText(content);
  if (text.trim() === "") return "it is empty";
  const labels = [...new Set(pemBlocks(text).map(({ label }) => WORDS[label] ?? `a block ${label}`))];
  if (labels.length > 0) return `it holds ${labels.join(" and ")}`;
  if (text.includes("-----BEGIN ")) return "its PEM text is cut off";
  if (content[0] === 0x30) return "it holds binary ASN.1 of another kind";
  return "it holds neither PEM nor DER";
}
