/** Owns the reading of one section of an entity file a line at a time, so that only the entries that are used get parsed. */

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * An index over a JSON object that is written one entry a line, sorted by key:
 * ```
 * "section": {
 * "key": value,
 * …
 * }
 * ```
 * Nothing is prepared: a key is found by halving the section, and only its own line is decoded and parsed.
 */
export class LineIndex {
  readonly #bytes: Buffer;
  /** Where the first line of the section begins, and where the line after its last begins. */
  readonly #start: number;
  readonly #end: number;

  /**
   * @param bytes - the whole file, ASCII
   * @param section - name of the object to index
   * @throws Error when the file has no such section
   */
  constructor(bytes: Buffer, section: string) {
    const head = `\n"${section}": {\n`;
    const found = bytes.indexOf(head, 0, "latin1");
    if (found === -1) throw new Error(`section ${section} is missing`);
    const start = found + head.length;
    // No entry's line begins with a brace.
    const end = bytes.indexOf("\n}", start - 1, "latin1");
    if (end === -1) throw new Error(`section ${section} does not end`);
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end + 1;
  }

  /** Every key, sorted. Costs one pass over the section. */
  keys(): readonly string[] {
    const keys: string[] = [];
    for (let line = this.#start; line < this.#end; line = this.#bytes.indexOf(NEWLINE, line) + 1) {
      keys.push(this.#key(line));
    }
    return keys;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** @returns the parsed value, or undefined when there is no such key */
  read(key: string): unknown {
    const line = this.#find(key);
    if (line === undefined) return undefined;
    let end = this.#bytes.indexOf(NEWLINE, line);
    if (this.#bytes[end - 1] === COMMA) end -= 1;
    return JSON.parse(this.#bytes.toString("latin1", line + key.length + 4, end));
  }

  /** The key of the line that begins at an offset: between its first two quotes. */
  #key(line: number): string {
    return this.#bytes.toString("latin1", line + 1, this.#bytes.indexOf(QUOTE, line + 1));
  }

  #find(key: string): number | undefined {
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const line = middle === low ? low : this.#bytes.lastIndexOf(NEWLINE, middle - 1) + 1;
      const found = this.#key(line);
      if (found === key) return line;
      if (found < key) low = this.#bytes.indexOf(NEWLINE, middle) + 1;
      else high = line;
    }
    return undefined;
  }
}
