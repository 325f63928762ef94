/** Owns the secrets that are known by value: how long they are remembered, and their masking in one pass, however many they are. */
import type { Clock } from "../types/clock";
import { MASK } from "../types/secret";
import { encodedForms } from "./encoded-forms";
import { FormIndex, type FormRange, type FoundForm } from "./form-index";
import { type Bytes, TextBytes } from "./text-bytes";

export interface KnownValuesOptions {
  /** Beyond it the longest unused is forgotten; names and patterns still mask it. 8,192 unless told. */
  readonly maxSecrets?: number | undefined;
  /** Without it nothing is forgotten for its time. */
  readonly clock?: Pick<Clock, "monotonic"> | undefined;
}

interface Known {
  /** On the monotonic clock; Infinity for a secret of which nobody knows until when it is one. */
  readonly untilMs: number;
  /** Where its forms are in the index, once they are. */
  forms: FormRange | undefined;
}

const MAX_SECRETS = 8192;
/** So many more than a quarter of all have to change before it is worth looking at all. */
const FEW = 64;

const isRunCharacter = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x2b ||
  code === 0x2f ||
  code === 0x2d ||
  code === 0x5f ||
  code === 0x25;

/** The secrets of one instance. */
export class KnownValues {
  readonly #bytes: TextBytes;
  readonly #maxSecrets: number;
  readonly #clock: Pick<Clock, "monotonic"> | undefined;
  /** Both in order of use, so that the oldest is the first; the sessions of a busy hour do not push the configured keys out. */
  readonly #lasting = new Map<string, Known>();
  readonly #passing = new Map<string, Known>();
  #index: FormIndex | undefined;
  /** Secrets whose forms are not in the index yet. */
  readonly #fresh = new Set<string>();
  /** Secrets that are still in the index, but no longer remembered. */
  #forgotten = 0;
  #addedSinceLook = 0;

  /** @param bytes - memory for the texts that are searched */
  constructor(bytes: TextBytes = new TextBytes(), { maxSecrets, clock }: KnownValuesOptions = {}) {
    this.#bytes = bytes;
    this.#maxSecrets = maxSecrets ?? MAX_SECRETS;
    this.#clock = clock;
  }

  get size(): number {
    return this.#lasting.size + this.#passing.size;
  }

  /**
   * Remembers a secret; its encoded forms are made when a text is next searched, not on the path of a call.
   * @param untilMs - on the monotonic clock, from when on nobody can print it, or use it, any more; it is forgotten some time after
   */
  add(secret: string, untilMs: number = Number.POSITIVE_INFINITY): void {
    for (const line of secret.includes("\n") ? secret.split(/\r?\n/) : [secret]) this.#remember(line, untilMs);
    this.#forgetPassed();
    while (this.size > this.#maxSecrets) {
      const isPassing = this.#passing.size > 0 && this.#passing.size * 2 >= this.#maxSecrets;
      const oldest = isPassing || this.#lasting.size === 0 ? this.#passing : this.#lasting;
      this.#forget(oldest, oldest.keys().next().value as string);
    }
  }

  #remember(line: string, untilMs: number): void {
    const known = this.#lasting.get(line) ?? this.#passing.get(line);
    this.#lasting.delete(line);
    this.#passing.delete(line);
    const latestMs = Math.max(untilMs, known?.untilMs ?? 0);
    const secrets = latestMs === Number.POSITIVE_INFINITY ? this.#lasting : this.#passing;
    secrets.set(line, { untilMs: latestMs, forms: known?.forms });
    if (known !== undefined) return;
    this.#addedSinceLook += 1;
    if (this.#index !== undefined) this.#fresh.add(line);
  }

  #forgetPassed(): void {
    if (this.#clock === undefined || this.#addedSinceLook * 4 < this.#passing.size + FEW) return;
    this.#addedSinceLook = 0;
    const nowMs = this.#clock.monotonic();
    for (const [secret, { untilMs }] of this.#passing) if (untilMs <= nowMs) this.#forget(this.#passing, secret);
  }

  #forget(secrets: Map<string, Known>, secret: string): void {
    if (secrets.get(secret)?.forms !== undefined) this.#forgotten += 1;
    secrets.delete(secret);
    this.#fresh.delete(secret);
  }

  #upToDate(): FormIndex {
    if (this.#index === undefined) {
      this.#index = new FormIndex();
      for (const secrets of [this.#lasting, this.#passing])
        for (const secret of secrets.keys()) this.#fresh.add(secret);
    } else if (this.#forgotten * 4 > this.size + FEW) {
      // To be masked a while longer harms no text; an index made anew for each secret would take longer than the call.
      this.#index = this.#withoutForgotten(this.#index);
    }
    for (const secret of this.#fresh) {
      const known = this.#lasting.get(secret) ?? this.#passing.get(secret);
      if (known !== undefined) known.forms = this.#index.add(encodedForms(secret));
    }
    this.#fresh.clear();
    return this.#index;
  }

  #withoutForgotten(former: FormIndex): FormIndex {
    const index = new FormIndex();
    for (const secrets of [this.#lasting, this.#passing])
      for (const known of secrets.values())
        if (known.forms !== undefined) known.forms = index.take(former, known.forms);
    this.#forgotten = 0;
    return index;
  }

  /**
   * @param text - any text
   * @param end - where to stop in `text`; a secret that begins before it is masked whole, even when it ends beyond
   * @returns the text up to `end`, each known secret in it replaced by the mask
   */
  mask(text: string, end: number = text.length): string {
    if (this.size === 0) return end < text.length ? text.slice(0, end) : text;
    return this.#bytes.with(text, (bytes) => this.#masked(text, bytes, end));
  }

  /**
   * @param bytes - of the text
   * @returns whether {@link KnownValues.mask} would change it
   */
  isIn(text: string, bytes: Bytes): boolean {
    return this.size > 0 && this.#upToDate().find(text, bytes, 0, text.length, 0) !== undefined;
  }

  #masked(text: string, bytes: Bytes, end: number): string {
    const index = this.#upToDate();
    let masked = "";
    let copied = 0;
    let found = index.find(text, bytes, 0, end, 0);
    while (found !== undefined) {
      const [from, to] = extentOf(found, text, copied);
      masked += text.slice(copied, from) + MASK;
      copied = to;
      if (copied >= end) return masked;
      // The first position that a form behind this one can be found at.
      found = index.find(text, bytes, Math.ceil(to / index.stride) * index.stride, end, copied);
    }
    if (copied === 0) return end < text.length ? text.slice(0, end) : text;
    return masked + text.slice(copied, end);
  }
}

function extentOf({ start, length, extent }: FoundForm, text: string, floor: number): [from: number, to: number] {
  let from = start;
  let to = start + length;
  if (extent === "whole-run") {
    while (from > floor && isRunCharacter(text.charCodeAt(from - 1))) from -= 1;
    while (to < text.length && (isRunCharacter(text.charCodeAt(to)) || text[to] === "=")) to += 1;
  }
  return [from, to];
}
