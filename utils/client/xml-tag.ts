/** Owns the tags of an element as they are looked for in a document: as text, and as its bytes, four at a time. */

/** No tag is shorter; a text that is not ASCII has other bytes than characters. */
const ASCII_TAG = /^[\0-\x7f]{4,}$/;

/** `<name>` or `</name>`, exactly. */
export class XmlTag {
  readonly length: number;
  /** Its bytes, little-endian; the last four may be counted twice. Empty where only the text can be compared. */
  readonly words: readonly number[];

  constructor(readonly text: string) {
    this.length = text.length;
    const words: number[] = [];
    if (ASCII_TAG.test(text)) {
      const bytes = Buffer.from(text, "latin1");
      for (let at = 0; at + 4 < bytes.length; at += 4) words.push(bytes.readInt32LE(at));
      words.push(bytes.readInt32LE(bytes.length - 4));
    }
    this.words = words;
  }
}

/** What an element is called, with both of its tags. */
export class ElementName {
  readonly opening: XmlTag;
  readonly closing: XmlTag;

  constructor(readonly text: string) {
    this.opening = new XmlTag(`<${text}>`);
    this.closing = new XmlTag(`</${text}>`);
  }
}
