/** Owns the characters of a text as bytes, side by side in memory, where looking at each of them costs a fraction of asking the text. */
import { endianness } from "node:os";

/** Most texts of a log entry are shorter; a longer one gets memory of its own. */
const KEPT = 8192;
/** What stands for a character that is no byte: it is no letter, no digit, no quote, and no space. */
export const BEYOND = 0xff;
const isBeyond = /[\u0100-\uffff]/;
const IS_LITTLE_ENDIAN = endianness() === "LE";

/** The characters one by one, and four at a time, the first of them in the lowest byte. Behind the last are zeros. */
export interface Bytes {
  readonly ones: Uint8Array;
  readonly fours: Int32Array;
}

interface Memory extends Bytes {
  readonly buffer: Buffer;
}

function memoryFor(length: number): Memory {
  const memory = new ArrayBuffer((length & ~3) + 8);
  const fours = IS_LITTLE_ENDIAN ? new Int32Array(memory) : new Int32Array(memory.byteLength >> 2);
  return { buffer: Buffer.from(memory), ones: new Uint8Array(memory), fours };
}

/** @returns the character as it stands in {@link Bytes} */
export const byteAt = (text: string, at: number): number => Math.min(text.charCodeAt(at), BEYOND);
const four = (first: number, second: number, third: number, fourth: number): number =>
  first | (second << 8) | (third << 16) | (fourth << 24);

function fill(memory: Memory, text: string): void {
  const { buffer, ones, fours } = memory;
  if (isBeyond.test(text)) for (let at = 0; at < text.length; at += 1) ones[at] = byteAt(text, at);
  else buffer.write(text, 0, "latin1");
  if (IS_LITTLE_ENDIAN) return;
  for (let at = 0; at < ones.length; at += 4)
    fours[at >> 2] = four(ones[at]!, ones[at + 1]!, ones[at + 2]!, ones[at + 3]!);
}

/** Memory that is used again for text after text, made when the first one comes. */
export class TextBytes {
  #kept: Memory | undefined;
  #isTaken = false;

  /**
   * @param look - is given the bytes, valid while it runs
   * @returns what it returns; nothing of the text is kept
   */
  with<T>(text: string, look: (bytes: Bytes) => T): T {
    const isKept = text.length <= KEPT && !this.#isTaken;
    if (!isKept) {
      const own = memoryFor(text.length);
      fill(own, text);
      return look(own);
    }
    this.#kept ??= memoryFor(KEPT);
    this.#isTaken = true;
    try {
      fill(this.#kept, text);
      return look(this.#kept);
    } finally {
      this.#kept.ones.fill(0, 0, text.length);
      this.#isTaken = false;
    }
  }
}
