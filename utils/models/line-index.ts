/** Owns the reading of one section of an entity file a line at a time, so that only the entries that are used get parsed. */

/**
 * An index over a JSON object that is written one entry a line:
 * ```
 * "section": {
 * "key": value,
 * …
 * }
 * ```
 * Opening costs one pass over the text; a value is parsed when it is read.
 */
export class LineIndex {
  readonly #text: string;
  readonly #starts = new Map<string, number>();

  /**
   * @param text - the whole file, ASCII
   * @param section - name of the object to index
   * @throws Error when the file has no such section
   */
  constructor(text: string, section: string) {
    this.#text = text;
    const head = `"${section}": {\n`;
    let start = text.startsWith(head) ? head.length : text.indexOf(`\n${head}`) + head.length + 1;
    if (start === head.length) throw new Error(`section ${section} is missing`);
    while (text.charCodeAt(start) === 0x22) {
      const quote = text.indexOf('"', start + 1);
      this.#starts.set(text.slice(start + 1, quote), quote + 3);
      start = text.indexOf("\n", quote) + 1;
      if (start === 0) throw new Error(`section ${section} does not end`);
    }
  }

  keys(): readonly string[] {
    return [...this.#starts.keys()];
  }

  has(key: string): boolean {
    return this.#starts.has(key);
  }

  /** @returns the parsed value, or undefined when there is no such key */
  read(key: string): unknown {
    const start = this.#starts.get(key);
    if (start === undefined) return undefined;
    let end = this.#text.indexOf("\n", start);
    if (this.#text.charCodeAt(end - 1) === 0x2c) end -= 1;
    return JSON.parse(this.#text.slice(start, end));
  }
}
