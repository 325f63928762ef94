/** Owns the finding of known secrets in a text: one pass, whatever the number of secrets. */
import { MASK } from "../types/secret";
import { type EncodedForm, encodedForms } from "./encoded-forms";
import { type Bytes, fourAt, TextBytes } from "./text-bytes";

/** Four characters, as bytes, packed into one number: what the pass compares before anything else. */
const GRAM = 4;
/** The filter begins as small as this, beside everything else in the processor's nearest cache, and grows with the grams. */
const SMALLEST_FILTER = 13;
const LARGEST_FILTER = 20;
/** Bits for each gram, so that few others look like one. */
const BITS_PER_GRAM = 16;
/**
 * The pass looks at one position of so many: of a form that is long enough, one of its first grams lies at such a position,
 * wherever the form begins. A form that is shorter makes the pass look at each position.
 */
const STRIDE = 4;
const LONG_ENOUGH = STRIDE + GRAM - 1;

/** A form, and how many of its characters stand before the gram by which it is found. */
interface Candidate {
  readonly form: EncodedForm;
  readonly before: number;
}

interface Found {
  readonly form: EncodedForm;
  readonly start: number;
}

interface Index {
  /** One bit per hash of a gram: zero says that no form has it at its beginning. */
  filter: Uint32Array;
  /** How far a hash is shifted to be a place in the filter. */
  shift: number;
  readonly byGram: Map<number, Candidate[]>;
  stride: number;
}

/** The gram that begins `by` characters behind the first of two that follow each other. */
const gramBetween = (first: number, second: number, by: number): number =>
  (first >>> (8 * by)) | (second << (32 - 8 * by));
const slotOf = (gram: number, shift: number): number => Math.imul(gram, 0x9e3779b1) >>> shift;

const isRunCharacter = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x2b ||
  code === 0x2f ||
  code === 0x2d ||
  code === 0x5f ||
  code === 0x25;

/** The secrets of one instance, the most recent `maxSecrets` of them. */
export class KnownValues {
  readonly #bytes: TextBytes;
  readonly #maxSecrets: number;
  /** In order of use, so that the oldest is the first. */
  readonly #secrets = new Set<string>();
  #fresh: string[] = [];
  /** Secrets that are still in the index, but no longer remembered. */
  #forgotten = 0;
  #index: Index | undefined;

  /**
   * @param bytes - memory for the texts that are searched
   * @param maxSecrets - beyond it the longest unused is forgotten; names and patterns still mask it
   */
  constructor(bytes: TextBytes = new TextBytes(), maxSecrets = 8192) {
    this.#bytes = bytes;
    this.#maxSecrets = maxSecrets;
  }

  get size(): number {
    return this.#secrets.size;
  }

  /** Remembers a secret; its encoded forms are made when a text is next searched, not on the path of a call. */
  add(secret: string): void {
    for (const line of secret.includes("\n") ? secret.split(/\r?\n/) : [secret]) {
      const known = this.#secrets.delete(line);
      this.#secrets.add(line);
      if (!known && this.#index !== undefined) this.#fresh.push(line);
    }
    while (this.#secrets.size > this.#maxSecrets) {
      this.#secrets.delete(this.#secrets.values().next().value as string);
      this.#forgotten += 1;
    }
    // To be masked a while longer harms no text; an index made anew for each secret would take longer than the call.
    if (this.#forgotten * 4 <= this.#maxSecrets) return;
    this.#index = undefined;
    this.#fresh = [];
    this.#forgotten = 0;
  }

  #upToDate(): Index {
    if (this.#index === undefined) {
      this.#index = { ...emptyFilter(SMALLEST_FILTER), byGram: new Map(), stride: STRIDE };
      this.#fresh = [...this.#secrets];
    }
    const index = this.#index;
    for (const secret of this.#fresh) for (const form of encodedForms(secret)) enter(form, index);
    this.#fresh = [];
    return index;
  }

  /**
   * @param text - any text
   * @param end - where to stop in `text`; a secret that begins before it is masked whole, even when it ends beyond
   * @returns the text up to `end`, each known secret in it replaced by the mask
   */
  mask(text: string, end: number = text.length): string {
    if (this.#secrets.size === 0) return end < text.length ? text.slice(0, end) : text;
    return this.#bytes.with(text, (bytes) => this.#masked(text, bytes, end));
  }

  /**
   * @param bytes - of the text
   * @returns whether {@link KnownValues.mask} would change it
   */
  isIn(text: string, bytes: Bytes): boolean {
    return this.#secrets.size > 0 && this.#next(text, bytes, 0, text.length, 0, this.#upToDate()) !== undefined;
  }

  #masked(text: string, bytes: Bytes, end: number): string {
    const index = this.#upToDate();
    let masked = "";
    let copied = 0;
    let found = this.#next(text, bytes, 0, end, 0, index);
    while (found !== undefined) {
      const [from, to] = extentOf(found.form, text, found.start, copied);
      masked += text.slice(copied, from) + MASK;
      copied = to;
      if (copied >= end) return masked;
      // The first position that a form behind this one can be found at.
      found = this.#next(text, bytes, Math.ceil(to / index.stride) * index.stride, end, copied, index);
    }
    if (copied === 0) return end < text.length ? text.slice(0, end) : text;
    return masked + text.slice(copied, end);
  }

  /** The next known value from `from` on that begins before `end` and not before `floor`. */
  #next(
    text: string,
    { fours }: Bytes,
    from: number,
    end: number,
    floor: number,
    { filter, shift, byGram, stride }: Index,
  ): Found | undefined {
    // A form that begins before `end` may be found by a gram that lies behind it.
    const last = Math.min(text.length, end + stride - 1 + GRAM) - GRAM;
    for (let at = from; at <= last; at += stride) {
      const gram = (at & 3) === 0 ? fours[at >> 2]! : gramBetween(fours[at >> 2]!, fours[(at >> 2) + 1]!, at & 3);
      const slot = slotOf(gram, shift);
      if ((filter[slot >>> 5]! & (1 << (slot & 31))) === 0) continue;
      const found = firstMatch(byGram.get(gram), text, at, floor);
      if (found !== undefined && found.start < end) return found;
    }
    return undefined;
  }
}

const emptyFilter = (bits: number): Pick<Index, "filter" | "shift"> => ({
  filter: new Uint32Array(1 << (bits - 5)),
  shift: 32 - bits,
});

function markIn({ filter, shift }: Pick<Index, "filter" | "shift">, gram: number): void {
  const slot = slotOf(gram, shift);
  filter[slot >>> 5]! |= 1 << (slot & 31);
}

function enter(form: EncodedForm, index: Index): void {
  if (form.text.length < LONG_ENOUGH) index.stride = 1;
  const grams = Math.min(STRIDE, form.text.length - GRAM + 1);
  for (let before = 0; before < grams; before += 1) {
    const gram = fourAt(form.text, before);
    const candidates = index.byGram.get(gram);
    if (candidates === undefined) index.byGram.set(gram, [{ form, before }]);
    else candidates.push({ form, before });
    markIn(index, gram);
  }
  const bits = 32 - index.shift;
  if (index.byGram.size * BITS_PER_GRAM <= 1 << bits || bits >= LARGEST_FILTER) return;
  Object.assign(index, emptyFilter(bits + 1));
  for (const gram of index.byGram.keys()) markIn(index, gram);
}

/** The one that begins first, and of these the longest, behind what is masked already. */
function firstMatch(
  candidates: readonly Candidate[] | undefined,
  text: string,
  at: number,
  floor: number,
): Found | undefined {
  let found: Found | undefined;
  for (const { form, before } of candidates ?? []) {
    const start = at - before;
    if (start < floor || !text.startsWith(form.text, start)) continue;
    const isBetter =
      found === undefined ||
      start < found.start ||
      (start === found.start && form.text.length > found.form.text.length);
    if (isBetter) found = { form, start };
  }
  return found;
}

function extentOf(form: EncodedForm, text: string, start: number, floor: number): [from: number, to: number] {
  let from = start;
  let to = start + form.text.length;
  if (form.extent === "whole-run") {
    while (from > floor && isRunCharacter(text.charCodeAt(from - 1))) from -= 1;
    while (to < text.length && (isRunCharacter(text.charCodeAt(to)) || text[to] === "=")) to += 1;
  }
  return [from, to];
}
