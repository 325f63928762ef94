/** Owns percent-encoding by bytes, as the Signature Version 4 specification words it. Strings here hold one byte a character. */

const isUnreserved = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0x5f ||
  code === 0x7e;

const encodedBytes: readonly string[] = Array.from({ length: 256 }, (_, code) =>
  isUnreserved(code) ? String.fromCharCode(code) : `%${code.toString(16).toUpperCase().padStart(2, "0")}`,
);

/** @returns `bytes` with everything outside `A-Za-z0-9-._~` percent-encoded in upper case */
export function encodeBytes(bytes: string): string {
  if (/^[\w\-.~]*$/.test(bytes)) return bytes;
  let encoded = "";
  for (let index = 0; index < bytes.length; index++) encoded += encodedBytes[bytes.charCodeAt(index) & 0xff];
  return encoded;
}

/** @returns `text` with each valid `%XX` replaced by its byte; a stray `%` stays */
export function decodeBytes(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** @returns the key or value of a query string or form, where `+` stands for a space */
export const decodeFormBytes = (text: string): string =>
  decodeBytes(text.includes("+") ? text.replaceAll("+", " ") : text);

/**
 * @param bytes - one byte a character
 * @returns the text those bytes spell in UTF-8, or undefined when they spell none
 */
export function utf8Text(bytes: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, "latin1");
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer) ? text : undefined;
}
