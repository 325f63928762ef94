/** Owns the passing over of texts that hold none of some words: it looks at one group of four characters after the other. */

const GROUP = 4;
/** The shortest word of which each text that holds it has a group that few others have. */
export const SHORTEST_WORD = 3;
/** The lower five bits of a letter are the same in either case. */
const LETTER = 0x1f;
const LETTERS = 0x1f1f1f1f;
/** Of a group's hash, so that the whole filter stays in the processor's nearest cache. */
const BITS = 16;

/** Groups of secret names that AWS's texts are full of. */
const ordinary: ReadonlySet<string> = new Set(
  "x-am -amz amz- mz-s atio tion izat code ture riva ivat vate stri ring".split(" "),
);

/** Words in any case. It may say yes to what is none, and never no to what is one. */
export class WordFilter {
  readonly #bits = new Int32Array(1 << (BITS - 5));

  /** @param word - ASCII, of {@link SHORTEST_WORD} characters or more */
  add(word: string): void {
    // Wherever the word begins, the look stops at one of four groups next to each other, or as far apart as four more: at
    // those that few other texts have. Of equal ones the last, as words differ in their ends.
    for (let rest = 0; rest < GROUP; rest += 1) {
      let best = rest - GROUP;
      for (let from = rest; from < word.length; from += GROUP) if (price(word, from) <= price(word, best)) best = from;
      this.#enter(word, best, 0, 0);
    }
  }

  /** Enters the group that begins at `from` in the word, with everything that may stand beside the word. */
  #enter(word: string, from: number, place: number, group: number): void {
    if (place === GROUP) {
      for (const slot of [slotOf(group), otherSlotOf(group)]) this.#bits[slot >>> 5]! |= 1 << (slot & 31);
      return;
    }
    const at = from + place;
    const isInside = at >= 0 && at < word.length;
    const [first, last] = isInside ? [word.charCodeAt(at) & LETTER, word.charCodeAt(at) & LETTER] : [0, LETTER];
    for (let letter = first; letter <= last; letter += 1)
      this.#enter(word, from, place + 1, group | (letter << (8 * place)));
  }

  /** Whether one of the words, or a part of it, may stand among these four characters. */
  mayHold(four: number): boolean {
    const group = four & LETTERS;
    const slot = slotOf(group);
    if ((this.#bits[slot >>> 5]! & (1 << (slot & 31))) === 0) return false;
    const other = otherSlotOf(group);
    return (this.#bits[other >>> 5]! & (1 << (other & 31))) !== 0;
  }
}

const slotOf = (group: number): number => Math.imul(group, 0x9e3779b1) >>> (32 - BITS);
const otherSlotOf = (group: number): number => Math.imul(group, 0x85ebca6b) >>> (32 - BITS);

/** How many characters of the group that begins at `from` are none of the word. */
const outside = (word: string, from: number): number =>
  from <= -GROUP || from >= word.length ? GROUP : Math.max(0, -from) + Math.max(0, from + GROUP - word.length);

const price = (word: string, from: number): number =>
  outside(word, from) + (ordinary.has(word.slice(Math.max(0, from), from + GROUP).toLowerCase()) ? 1.5 : 0);
