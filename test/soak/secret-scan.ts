/** Owns the search of many secrets in large logs: each in all the forms in which it may turn up. */
import { closeSync, openSync, readSync } from "node:fs";
import { sixEncodings } from "../support/canary";

const PREFIX = 16;
const PIECE = 8 * 1024 * 1024;

/** Finds any of a set of secrets, however many there are, in one pass over the text. */
export class SecretScan {
  readonly #prefixes = new Map<string, Set<string>>();
  /** Whether three bytes in a row begin any prefix: most places are done with by this. */
  readonly #begins = new Uint8Array(1 << 24);
  #longest = PREFIX;

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      for (const form of sixEncodings(secret)) this.#add(form);
    }
  }

  #add(form: string): void {
    if (form.length < PREFIX) return;
    const bytes = Buffer.from(form.slice(0, PREFIX), "latin1");
    this.#begins[((bytes[0] as number) << 16) | ((bytes[1] as number) << 8) | (bytes[2] as number)] = 1;
    const prefix = form.slice(0, PREFIX);
    const forms = this.#prefixes.get(prefix) ?? new Set();
    // What follows the first characters decides whether it is the secret or its beginning only.
    forms.add(form.slice(0, PREFIX * 2));
    this.#prefixes.set(prefix, forms);
    this.#longest = Math.max(this.#longest, PREFIX * 2);
  }

  /** @returns what was found, with what stands before it; the secret itself is cut */
  find(text: Buffer): string[] {
    const found: string[] = [];
    for (let at = 0; at + PREFIX <= text.length; at += 1) {
      const key = ((text[at] as number) << 16) | ((text[at + 1] as number) << 8) | (text[at + 2] as number);
      if (this.#begins[key] !== 1) continue;
      const forms = this.#prefixes.get(text.toString("latin1", at, at + PREFIX));
      if (forms === undefined) continue;
      const here = text.toString("latin1", at, at + this.#longest);
      for (const form of forms) {
        if (here.startsWith(form))
          found.push(`${text.toString("latin1", Math.max(0, at - 60), at)}${form.slice(0, 4)}…`);
      }
    }
    return found;
  }

  /** @returns what was found in a file, and its size in bytes */
  findInFile(path: string): { readonly found: readonly string[]; readonly bytes: number } {
    const file = openSync(path, "r");
    const piece = Buffer.alloc(PIECE + this.#longest);
    const found: string[] = [];
    let bytes = 0;
    let kept = 0;
    try {
      for (;;) {
        const read = readSync(file, piece, kept, PIECE, null);
        if (read === 0) break;
        bytes += read;
        const filled = kept + read;
        found.push(...this.find(piece.subarray(0, filled)));
        kept = Math.min(this.#longest - 1, filled);
        piece.copyWithin(0, filled - kept, filled);
      }
    } finally {
      closeSync(file);
    }
    return { found: [...new Set(found)], bytes };
  }
}
