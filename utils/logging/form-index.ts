/** Owns every form of the known secrets, in typed arrays: an object for each of its places would take five times as much. */
import type { EncodedForm } from "./encoded-forms";
import { BEYOND, type Bytes, byteAt } from "./text-bytes";

/** Four characters, as bytes, packed into one number: what the pass compares before anything else. */
const GRAM = 4;
/**
 * The pass looks at one position of so many: of a form that is long enough, one of its first grams lies at such a position,
 * wherever the form begins. A form that is shorter makes the pass look at each position.
 */
const STRIDE = 4;
const LONG_ENOUGH = STRIDE + GRAM - 1;
/** Places that share a hash, on average, before there are more hashes. */
const PLACES_A_HASH = 2;
/** The filter has so many bits for each hash, so that few other grams look like one. */
const FILTER_BITS_A_HASH = 5;
/** It begins as small as this, beside everything else in the processor's nearest cache, and stays in the next one. */
const SMALLEST_FILTER = 13;
const LARGEST_FILTER = 20;

/** Where a form was found, and whether the run of characters around it belongs to the secret too. */
export interface FoundForm {
  readonly start: number;
  readonly length: number;
  readonly extent: EncodedForm["extent"];
}

/** The forms of one secret follow each other. */
export interface FormRange {
  readonly first: number;
  readonly count: number;
}

/** The gram that begins `by` characters behind the first of two that follow each other. */
const gramBetween = (first: number, second: number, by: number): number =>
  (first >>> (8 * by)) | (second << (32 - 8 * by));
const slotOf = (gram: number, shift: number): number => Math.imul(gram, 0x9e3779b1) >>> shift;

function roomFor(array: Int32Array, length: number): Int32Array {
  if (length <= array.length) return array;
  const larger = new Int32Array(Math.max(length, array.length + (array.length >> 1)));
  larger.set(array);
  return larger;
}

/** Finds forms in a text in one pass, however many there are. */
export class FormIndex {
  /** The characters of all forms, one form behind the other. */
  #texts = new Uint8Array(1024);
  /** Of each form where it begins in the texts, times two, and one more for the extent of a whole run; and where the last one ends. */
  #marks: Int32Array = new Int32Array(64);
  #forms = 0;
  /** Of each place a form times four, and how many of its characters stand before the gram by which it is found. */
  #places: Int32Array = new Int32Array(256);
  /** Of each place the next one with the same hash, counted from 1; 0 is none. */
  #next: Int32Array = new Int32Array(256);
  #placed = 0;
  /** Of each hash its first place, counted from 1. */
  #heads!: Int32Array;
  /** One bit per hash of a gram: zero says that no form has it at its beginning. */
  #filter!: Int32Array;
  /** How far a hash is shifted to be a place in the filter, and among the heads. */
  #filterShift!: number;
  #headShift!: number;
  #stride = STRIDE;
  /** Forms with characters that are no bytes, which the texts cannot tell apart. */
  readonly #beyond = new Map<number, string>();

  constructor() {
    this.#widenTo(SMALLEST_FILTER - FILTER_BITS_A_HASH);
  }

  /** Positions of a text that are looked at: each one that this divides. */
  get stride(): number {
    return this.#stride;
  }

  /** @param forms - of one secret, each of four characters or more */
  add(forms: readonly EncodedForm[]): FormRange {
    const first = this.#forms;
    for (const { text, extent } of forms) {
      const from = this.#begin(text.length);
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code >= BEYOND) this.#beyond.set(this.#forms, text);
        this.#texts[from + at] = byteAt(text, at);
      }
      this.#end(from + text.length, extent === "whole-run");
    }
    return { first, count: forms.length };
  }

  /** Takes the forms of one secret over from another index. */
  take(other: FormIndex, { first, count }: FormRange): FormRange {
    const taken = { first: this.#forms, count };
    for (let form = first; form < first + count; form += 1) {
      const mark = other.#marks[form]!;
      const text = other.#texts.subarray(mark >> 1, other.#marks[form + 1]! >> 1);
      const from = this.#begin(text.length);
      this.#texts.set(text, from);
      const beyond = other.#beyond.get(form);
      if (beyond !== undefined) this.#beyond.set(this.#forms, beyond);
      this.#end(from + text.length, (mark & 1) === 1);
    }
    return taken;
  }

  #begin(length: number): number {
    const from = this.#marks[this.#forms]! >> 1;
    if (from + length > this.#texts.length) {
      const larger = new Uint8Array(Math.max(from + length, this.#texts.length + (this.#texts.length >> 1)));
      larger.set(this.#texts);
      this.#texts = larger;
    }
    return from;
  }

  #end(to: number, isWholeRun: boolean): void {
    const form = this.#forms;
    this.#forms += 1;
    this.#marks = roomFor(this.#marks, this.#forms + 1);
    const from = this.#marks[form]! >> 1;
    if (isWholeRun) this.#marks[form]! |= 1;
    this.#marks[form + 1] = to << 1;
    if (to - from < LONG_ENOUGH) this.#stride = 1;
    const grams = Math.min(STRIDE, to - from - GRAM + 1);
    this.#places = roomFor(this.#places, this.#placed + grams);
    this.#next = roomFor(this.#next, this.#placed + grams);
    for (let before = 0; before < grams; before += 1) {
      this.#places[this.#placed] = (form << 2) | before;
      this.#link(this.#placed);
      this.#placed += 1;
    }
    if (this.#placed > this.#heads.length * PLACES_A_HASH) this.#widenTo(33 - this.#headShift);
  }

  #link(place: number): void {
    const packed = this.#places[place]!;
    const at = (this.#marks[packed >> 2]! >> 1) + (packed & 3);
    const texts = this.#texts;
    const gram = texts[at]! | (texts[at + 1]! << 8) | (texts[at + 2]! << 16) | (texts[at + 3]! << 24);
    const head = slotOf(gram, this.#headShift);
    this.#next[place] = this.#heads[head]!;
    this.#heads[head] = place + 1;
    const slot = slotOf(gram, this.#filterShift);
    this.#filter[slot >>> 5]! |= 1 << (slot & 31);
  }

  /** @param headBits - the hashes are so many bits long */
  #widenTo(headBits: number): void {
    this.#heads = new Int32Array(1 << headBits);
    this.#headShift = 32 - headBits;
    const filterBits = Math.min(headBits + FILTER_BITS_A_HASH, LARGEST_FILTER);
    this.#filter = new Int32Array(1 << (filterBits - 5));
    this.#filterShift = 32 - filterBits;
    for (let place = 0; place < this.#placed; place += 1) this.#link(place);
  }

  /**
   * @param bytes - of the text
   * @param from - the first position to look at, a multiple of {@link FormIndex.stride}
   * @param end - a form begins before it
   * @param floor - and not before this
   * @returns what is found by the first position at which anything is found
   */
  find(text: string, { ones, fours }: Bytes, from: number, end: number, floor: number): FoundForm | undefined {
    const filter = this.#filter;
    const shift = this.#filterShift;
    const stride = this.#stride;
    // A form that begins before `end` may be found by a gram that lies behind it.
    const last = Math.min(text.length, end + stride - 1 + GRAM) - GRAM;
    for (let at = from; at <= last; at += stride) {
      const gram = (at & 3) === 0 ? fours[at >> 2]! : gramBetween(fours[at >> 2]!, fours[(at >> 2) + 1]!, at & 3);
      const slot = slotOf(gram, shift);
      if ((filter[slot >>> 5]! & (1 << (slot & 31))) === 0) continue;
      const found = this.#findAt(text, ones, at, gram, floor);
      if (found !== undefined && found.start < end) return found;
    }
    return undefined;
  }

  /** The one that begins first, and of these the longest, behind what is masked already. */
  #findAt(text: string, ones: Uint8Array, at: number, gram: number, floor: number): FoundForm | undefined {
    let start = -1;
    let length = 0;
    let isWholeRun = false;
    for (let place = this.#heads[slotOf(gram, this.#headShift)]!; place !== 0; place = this.#next[place - 1]!) {
      const packed = this.#places[place - 1]!;
      const form = packed >> 2;
      const begins = at - (packed & 3);
      const mark = this.#marks[form]!;
      const size = (this.#marks[form + 1]! >> 1) - (mark >> 1);
      if (begins < floor || begins + size > text.length) continue;
      const masksMore =
        begins < start || (begins === start && (size > length || (size === length && (mark & 1) === 1)));
      if (start >= 0 && !masksMore) continue;
      if (!this.#stands(form, mark >> 1, size, text, ones, begins)) continue;
      start = begins;
      length = size;
      isWholeRun = (mark & 1) === 1;
    }
    return start < 0 ? undefined : { start, length, extent: isWholeRun ? "whole-run" : "exact" };
  }

  #stands(form: number, from: number, size: number, text: string, ones: Uint8Array, start: number): boolean {
    const texts = this.#texts;
    for (let at = 0; at < size; at += 1) if (texts[from + at] !== ones[start + at]) return false;
    const beyond = this.#beyond.get(form);
    return beyond === undefined || text.startsWith(beyond, start);
  }
}
