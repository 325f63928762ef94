/** Owns the walk over the text of an XML document: tags, character data, and what may stand between them. */
import type { ElementName, XmlTag } from "./xml-tag";
import { decode, normalizeLineEnds } from "./xml-text";

/** About a millisecond of reading. */
const SLICE_CHARACTERS = 64 * 1024;
const SLASH = 47;
const GREATER = 62;

/**
 * A cursor over one document, fast because it only ever moves forward by `indexOf`.
 * It checks that tags match and that everything opened is closed; every fault is a `SyntaxError` that says where.
 * Document type declarations are skipped, never obeyed. https://www.w3.org/TR/xml/
 */
export class XmlScanner {
  /** Name of the tag opened last, prefix included. */
  name = "";
  /** Whether the tag opened last closed itself. */
  empty = false;
  /** Raw text of the attributes of the tag opened last. */
  attributes = "";
  #at = 0;
  #sliceStart = 0;
  /** Whether the document has carriage returns, which must be normalized wherever text is read. */
  readonly #hasReturns: boolean;
  /** Where the next `&` stands that has not been passed: text before it needs no decoding. */
  #nextEntity: number;

  /** The document's bytes, where each character is one of them. */
  readonly #bytes: DataView | undefined;

  /** @param bytes - that `text` was read from, as UTF-8 */
  constructor(
    readonly text: string,
    bytes?: Uint8Array,
  ) {
    // Decoding makes no character of less than a byte: as many of one as of the other, and they stand at the same places.
    this.#bytes =
      bytes?.length === text.length ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : undefined;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
    this.#hasReturns = text.includes("\r");
    this.#nextEntity = this.#findEntity(0);
  }

  /** Whether so much was passed since the last time that this was so that somebody else should have a turn. */
  isSliceOver(): boolean {
    if (this.#at - this.#sliceStart < SLICE_CHARACTERS) return false;
    this.#sliceStart = this.#at;
    return true;
  }

  /** Opens the root element, past declaration, comments and document type. */
  openRoot(): void {
    for (;;) {
      const lt = this.#find("<", this.#at, "a root element");
      if (this.text.slice(this.#at, lt).trim() !== "") throw this.#fault("text before the root element", this.#at);
      if (this.text.startsWith("<!DOCTYPE", lt)) this.#skipDoctype(lt);
      else if (!this.#skipMarkup(lt)) {
        if (this.text.charCodeAt(lt + 1) === SLASH) throw this.#fault("a closing tag before the root element", lt);
        this.#open(lt);
        return;
      }
    }
  }

  /** Checks that nothing but space, comments and instructions follows the root element. */
  end(): void {
    for (;;) {
      const lt = this.text.indexOf("<", this.#at);
      const rest = this.text.slice(this.#at, lt < 0 ? undefined : lt);
      if (rest.trim() !== "") throw this.#fault("text after the root element", this.#at);
      if (lt < 0) return;
      if (!this.#skipMarkup(lt)) throw this.#fault("a second root element", lt);
    }
  }

  /**
   * Moves to the next child element of the element being read, passing over its text.
   * @returns false at the closing tag, which {@link close} then consumes
   */
  nextChild(): boolean {
    for (;;) {
      const lt = this.#find("<", this.#at, "a closing tag");
      const code = this.text.charCodeAt(lt + 1);
      if (code === SLASH) {
        this.#at = lt;
        return false;
      }
      if ((code === 33 || code === 63) && this.#skipMarkup(lt)) continue;
      this.#open(lt);
      return true;
    }
  }

  /** Whether a child element follows in the element being read; the cursor stays where it is. */
  hasChild(): boolean {
    const { name, empty, attributes } = this;
    const at = this.#at;
    const found = this.nextChild();
    Object.assign(this, { name, empty, attributes });
    this.#at = at;
    return found;
  }

  /**
   * Opens the next child when it is exactly the one that was to be expected: a comparison in place costs a fraction of
   * cutting out a name and looking it up.
   * @returns false, without moving, for anything else
   */
  opens({ opening: tag }: ElementName): boolean {
    if (!this.#isAt(tag, this.#at)) return false;
    this.#at += tag.length;
    this.empty = false;
    this.attributes = "";
    return true;
  }

  /** Consumes the closing tag of `name`, at which the cursor stands. */
  close(name: string): void {
    const start = this.#at + 2;
    const end = start + name.length;
    if (this.text.startsWith(name, start)) {
      if (this.text.charCodeAt(end) === GREATER) {
        this.#at = end + 1;
        return;
      }
      const gt = this.#find(">", end, "the end of a closing tag");
      if (this.text.slice(end, gt).trim() === "") {
        this.#at = gt + 1;
        return;
      }
    }
    throw this.#fault(`a closing tag that is not </${name}>`, this.#at);
  }

  /** As {@link XmlScanner.close}, of an element that is known beforehand. */
  closeKnown({ text, closing }: ElementName): void {
    if (this.#isAt(closing, this.#at)) this.#at += closing.length;
    else this.close(text);
  }

  /** Four bytes at a time: a quarter of what it costs to compare texts. */
  #isAt({ words, length, text }: XmlTag, at: number): boolean {
    const bytes = this.#bytes;
    const last = words.length - 1;
    if (bytes === undefined || last < 0) return this.text.startsWith(text, at);
    if (at + length > bytes.byteLength) return false;
    for (let word = 0; word < last; word += 1) {
      if (bytes.getInt32(at + word * 4, true) !== words[word]) return false;
    }
    return bytes.getInt32(at + length - 4, true) === words[last];
  }

  /** Reads the character data of a leaf element and its closing tag. White space with a line break alone counts as nothing. */
  readText(name: string): string {
    const text = this.#readCharacters();
    this.close(name);
    return text;
  }

  /** As {@link XmlScanner.readText}, of an element that is known beforehand. */
  readTextOf(name: ElementName): string {
    const text = this.#readCharacters();
    this.closeKnown(name);
    return text;
  }

  #readCharacters(): string {
    const start = this.#at;
    const lt = this.#find("<", start, "a closing tag");
    let text: string;
    if (this.text.charCodeAt(lt + 1) === SLASH) {
      this.#at = lt;
      text = this.#decoded(start, lt);
    } else {
      text = this.#readPieces(lt);
    }
    return text.charCodeAt(0) <= 32 && text.includes("\n") && text.trim() === "" ? "" : text;
  }

  /** Passes over the rest of element `name`, whatever it holds. */
  skip(name: string): void {
    const open = [name];
    while (open.length > 0) {
      if (!this.nextChild()) this.close(open.pop() as string);
      else if (!this.empty) open.push(this.name);
    }
  }

  /** The value of one attribute of the tag opened last. */
  attribute(name: string): string | undefined {
    if (this.attributes === "") return undefined;
    for (const match of this.attributes.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      if (match[1] === name) return decode(match[2] ?? match[3] ?? "");
    }
    return undefined;
  }

  #readPieces(first: number): string {
    let text = this.#decoded(this.#at, first);
    let lt = first;
    while (this.text.charCodeAt(lt + 1) !== SLASH) {
      if (this.text.startsWith("<![CDATA[", lt)) {
        const end = this.#find("]]>", lt + 9, "the end of a CDATA section");
        text += normalizeLineEnds(this.text.slice(lt + 9, end));
        this.#at = end + 3;
      } else if (!this.#skipMarkup(lt)) {
        throw this.#fault("an element where text belongs", lt);
      }
      lt = this.#find("<", this.#at, "a closing tag");
      text += this.#decoded(this.#at, lt);
    }
    this.#at = lt;
    return text;
  }

  #decoded(start: number, end: number): string {
    const raw = this.text.slice(start, end);
    if (this.#nextEntity < start) this.#nextEntity = this.#findEntity(start);
    return this.#hasReturns || this.#nextEntity < end ? decode(raw) : raw;
  }

  #findEntity(from: number): number {
    const index = this.text.indexOf("&", from);
    return index < 0 ? this.text.length : index;
  }

  /** Passes over a comment, an instruction or a CDATA section; false when an element starts at `lt`. */
  #skipMarkup(lt: number): boolean {
    const { text } = this;
    if (text.startsWith("<!--", lt)) this.#at = this.#find("-->", lt + 4, "the end of a comment") + 3;
    else if (text.startsWith("<![CDATA[", lt)) this.#at = this.#find("]]>", lt + 9, "the end of a CDATA section") + 3;
    else if (text.startsWith("<?", lt)) this.#at = this.#find("?>", lt + 2, "the end of an instruction") + 2;
    else return false;
    return true;
  }

  #skipDoctype(lt: number): void {
    let depth = 0;
    for (let i = lt + 9; i < this.text.length; i++) {
      const char = this.text[i];
      if (char === "[") depth++;
      else if (char === "]") depth--;
      else if (char === ">" && depth === 0) {
        this.#at = i + 1;
        return;
      }
    }
    throw this.#fault("a document type without an end", lt);
  }

  #open(lt: number): void {
    const { text } = this;
    let i = lt + 1;
    let code = text.charCodeAt(i);
    while (code > 32 && code !== GREATER && code !== SLASH && code !== 60) code = text.charCodeAt(++i);
    if (i === lt + 1 || !isNameStart(text.charCodeAt(lt + 1))) throw this.#fault("a tag without a name", lt);
    this.name = text.slice(lt + 1, i);
    if (code === GREATER) {
      this.empty = false;
      this.attributes = "";
      this.#at = i + 1;
      return;
    }
    const gt = this.#endOfTag(i, lt);
    this.empty = text.charCodeAt(gt - 1) === SLASH;
    this.attributes = text.slice(i, this.empty ? gt - 1 : gt);
    this.#at = gt + 1;
  }

  #endOfTag(from: number, lt: number): number {
    const { text } = this;
    let i = from;
    for (;;) {
      const code = text.charCodeAt(i);
      if (code === GREATER) return i;
      if (code === 34 || code === 39) i = this.#find(text[i] as string, i + 1, "the end of an attribute");
      else if (code === 60 || Number.isNaN(code)) throw this.#fault("a tag without an end", lt);
      i++;
    }
  }

  #find(what: string, from: number, wanted: string): number {
    const index = this.text.indexOf(what, from);
    if (index < 0) throw this.#fault(`the end of the document before ${wanted}`, this.text.length);
    return index;
  }

  #fault(found: string, at: number): SyntaxError {
    return new SyntaxError(`${found} at character ${at}`);
  }
}

const isNameStart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 58 || code > 127;
