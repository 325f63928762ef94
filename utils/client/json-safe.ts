/** Owns what a native value becomes in the JSON that a workflow passes on. */

/** ISO 8601 text, always in UTC with milliseconds. @throws RangeError for a date that is none */
export const timestampText = (date: Date): string => date.toISOString();

/** A number as itself; one that JSON or a double cannot carry exactly, as text. */
export function numberValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A number written in digits: an integer beyond 2^53 stays text. */
export function numberFromText(text: string): number | string {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) return Number.isNaN(value) && text.trim() !== "NaN" ? text : String(value);
  return /^\s*[+-]?\d+\s*$/.test(text) ? text.trim() : value;
}

/** An integer of any size: as a number while that is exact, beyond 2^53 as text. */
export function bigIntegerValue(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** Bytes as base64 text. */
export const blobText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** Sets a key that came over the wire; `__proto__` becomes a key like any other. */
export function setKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}
