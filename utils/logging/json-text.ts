/** Owns the writing of a text as JSON: of a document with few quotes at a fraction of what JSON.stringify costs. */
import type { Bytes, TextBytes } from "./text-bytes";

const [SPACE, NEW_LINE] = [0x20, 0x0a];

/** Whether there is a control character other than the end of a line. */
function hasControl({ ones, fours }: Bytes, length: number): boolean {
  for (let group = 0; group < length >> 2; group += 1) {
    const four = fours[group]!;
    // The highest bit of each byte below a space: https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
    if (((four - 0x20202020) & ~four & 0x80808080) !== 0 && isControlIn(ones, group << 2, 4)) return true;
  }
  return isControlIn(ones, length & ~3, length & 3);
}

function isControlIn(ones: Uint8Array, from: number, count: number): boolean {
  for (let at = from; at < from + count; at += 1) if (ones[at]! < SPACE && ones[at] !== NEW_LINE) return true;
  return false;
}

const loneHalf = /[\ud800-\udfff]/;

/** @returns exactly what JSON.stringify does */
export function jsonText(text: string, textBytes: TextBytes): string {
  // What is no document of elements is JSON, where every second word is quoted.
  if (text.charAt(0) !== "<" || loneHalf.test(text)) return JSON.stringify(text);
  if (textBytes.with(text, (bytes) => hasControl(bytes, text.length))) return JSON.stringify(text);
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
