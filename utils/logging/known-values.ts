/** Owns the finding of known secrets in a text: one pass, whatever the number of secrets. */
import { MASK } from "../types/secret";
import { type EncodedForm, encodedForms } from "./encoded-forms";

/** Four characters, by their low bytes, packed into one number: what the pass compares before anything else. */
const GRAM = 4;
const FILTER_BITS = 18;

interface Index {
  /** One bit per hash of a first gram: zero says that no form begins like that. Small enough for the processor's cache. */
  readonly filter: Uint32Array;
  readonly formsByGram: Map<number, EncodedForm[]>;
}

const gramOf = (text: string): number => {
  let gram = 0;
  for (let at = 0; at < GRAM; at += 1) gram = (gram << 8) | (text.charCodeAt(at) & 0xff);
  return gram;
};
const slotOf = (gram: number): number => Math.imul(gram, 0x9e3779b1) >>> (32 - FILTER_BITS);

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
  readonly #maxSecrets: number;
  /** In order of use, so that the oldest is the first. */
  readonly #secrets = new Set<string>();
  #fresh: string[] = [];
  #index: Index | undefined;

  /** @param maxSecrets - beyond it the longest unused is forgotten; names and patterns still mask it */
  constructor(maxSecrets = 8192) {
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
      if (!known) this.#fresh.push(line);
    }
    while (this.#secrets.size > this.#maxSecrets) {
      this.#secrets.delete(this.#secrets.values().next().value as string);
      this.#index = undefined;
    }
  }

  #upToDate(): Index {
    if (this.#index === undefined) {
      this.#index = { filter: new Uint32Array(1 << (FILTER_BITS - 5)), formsByGram: new Map() };
      this.#fresh = [...this.#secrets];
    }
    const { filter, formsByGram } = this.#index;
    for (const secret of this.#fresh) {
      for (const form of encodedForms(secret)) {
        const gram = gramOf(form.text);
        const slot = slotOf(gram);
        filter[slot >>> 5]! |= 1 << (slot & 31);
        const forms = formsByGram.get(gram);
        if (forms === undefined) formsByGram.set(gram, [form]);
        else forms.push(form);
      }
    }
    this.#fresh = [];
    return this.#index;
  }

  /**
   * @param text - any text
   * @param end - where to stop in `text`; a secret that begins before it is masked whole, even when it ends beyond
   * @returns the text up to `end`, each known secret in it replaced by the mask
   */
  mask(text: string, end = text.length): string {
    if (this.#secrets.size === 0) return end < text.length ? text.slice(0, end) : text;
    const { filter, formsByGram } = this.#upToDate();
    let masked = "";
    let copied = 0;
    let gram = 0;
    for (let at = 0; at < text.length && copied < end; at += 1) {
      gram = (gram << 8) | (text.charCodeAt(at) & 0xff);
      const slot = slotOf(gram);
      if ((filter[slot >>> 5]! & (1 << (slot & 31))) === 0) continue;
      const start = at - GRAM + 1;
      if (start < copied) continue;
      if (start >= end) break;
      const form = longestMatch(formsByGram.get(gram), text, start);
      if (form === undefined) continue;
      const [from, to] = extentOf(form, text, start, copied);
      masked += text.slice(copied, from) + MASK;
      copied = to;
      at = to - 1;
    }
    if (copied === 0) return end < text.length ? text.slice(0, end) : text;
    return copied < end ? masked + text.slice(copied, end) : masked;
  }
}

function longestMatch(forms: readonly EncodedForm[] | undefined, text: string, start: number): EncodedForm | undefined {
  let longest: EncodedForm | undefined;
  for (const form of forms ?? []) {
    if (text.startsWith(form.text, start) && form.text.length > (longest?.text.length ?? 0)) longest = form;
  }
  return longest;
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
