/** Owns a repeatable source of random choices, and random answers in XML for any shape. */
import type { NormalizedSchema } from "@smithy/core/schema";

/** The same seed gives the same choices, so that a failure can be repeated. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1 (Mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)] as T;
  }
}

const TEXTS = ["abc", "x<y>&\"z'", " lead and trail ", "ü☃😀", "", "a\nb", "]]>", "line\r\nend", "-1.5"];

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Writes random XML that fits a shape, with everything in between that XML allows. */
export class XmlAnswers {
  constructor(readonly choices: Choices) {}

  /** The element `name` with random content of `shape`. */
  element(shape: NormalizedSchema, name: string, depth = 0): string {
    if (shape.isStructSchema()) return this.#wrap(name, this.#members(shape, depth));
    if (shape.isListSchema()) return this.#wrap(name, this.#items(shape, depth));
    if (shape.isMapSchema())
      return this.#wrap(
        name,
        this.#entries(shape, depth)
          .map((entry) => `<entry>${entry}</entry>`)
          .join(this.#space()),
      );
    return this.#leaf(shape, name);
  }

  #members(shape: NormalizedSchema, depth: number): string {
    if (depth > 4) return "";
    let members = [...shape.structIterator()];
    if (shape.isUnionSchema()) members = [this.choices.pick(members)];
    let body = this.#space();
    for (const [member, memberShape] of members) {
      const traits = memberShape.getMergedTraits();
      if (traits.httpHeader || traits.httpPrefixHeaders || traits.httpResponseCode || traits.xmlAttribute) continue;
      if (memberShape.isStreaming() || this.choices.chance(0.25)) continue;
      body += this.#member(memberShape, String(memberShape.getMemberTraits().xmlName ?? member), depth) + this.#space();
      if (this.choices.chance(0.03)) body += "<notInTheModel a='1'><x/>text<y>z</y></notInTheModel>";
    }
    return body;
  }

  #member(shape: NormalizedSchema, name: string, depth: number): string {
    if (!shape.getMergedTraits().xmlFlattened) return this.element(shape, name, depth + 1);
    if (shape.isMapSchema())
      return this.#entries(shape, depth)
        .map((entry) => `<${name}>${entry}</${name}>`)
        .join("");
    const item = shape.getValueSchema();
    return Array.from({ length: this.choices.integer(3) }, () => this.element(item, name, depth + 1)).join(
      this.#space(),
    );
  }

  #items(shape: NormalizedSchema, depth: number): string {
    const item = shape.getValueSchema();
    const name = String(item.getMergedTraits().xmlName ?? "member");
    const length = depth > 4 ? 0 : this.choices.integer(4);
    return Array.from({ length }, () => this.element(item, name, depth + 1)).join(this.#space());
  }

  #entries(shape: NormalizedSchema, depth: number): string[] {
    const value = shape.getValueSchema();
    const keyName = String(shape.getKeySchema().getMergedTraits().xmlName ?? "key");
    const valueName = String(value.getMergedTraits().xmlName ?? "value");
    return ["k 1", "__proto__"]
      .slice(0, 1 + this.choices.integer(2))
      .map((key) => `<${keyName}>${key}</${keyName}>${this.element(value, valueName, depth + 1)}`);
  }

  #leaf(shape: NormalizedSchema, name: string): string {
    const text = this.#text(shape);
    if (text === "") return this.choices.chance(0.5) ? `<${name}/>` : `<${name}></${name}>`;
    const written = shape.isStringSchema() && this.choices.chance(0.2) ? cdata(text) : escapeText(text);
    const attribute = this.choices.chance(0.05) ? ' a="1 > 0"' : "";
    const comment = this.choices.chance(0.03) ? "<!-- a <b> -->" : "";
    return `<${name}${attribute}>${comment}${written}</${name}${this.choices.chance(0.05) ? " " : ""}>`;
  }

  #text(shape: NormalizedSchema): string {
    if (shape.isStringSchema()) return this.choices.pick(TEXTS);
    if (shape.isBooleanSchema()) return this.choices.pick(["true", "false", "True"]);
    if (shape.isBlobSchema()) return Buffer.from(`bytes${this.choices.integer(99)}`).toString("base64");
    if (shape.isTimestampSchema()) return this.#timestamp(shape);
    return this.choices.pick(["0", "7", "-3", "2.5", "1e3", "123456789012"]);
  }

  #timestamp(shape: NormalizedSchema): string {
    const date = new Date(1.5e12 + this.choices.integer(1e9) * 1000 + this.choices.pick([0, 0, 250]));
    if (shape.getSchema() === 7) return String(date.getTime() / 1000);
    if (shape.getSchema() === 6) return date.toUTCString();
    return this.choices.pick([
      date.toISOString(),
      date.toISOString().replace(/\.000Z$/, "Z"),
      date.toISOString().replace("Z", "+01:00"),
    ]);
  }

  #wrap(name: string, content: string): string {
    if (content.trim() === "" && this.choices.chance(0.5)) return `<${name}/>`;
    const attribute = this.choices.chance(0.05) ? ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` : "";
    return `<${name}${attribute}>${content}</${name}>`;
  }

  #space(): string {
    return this.choices.pick(["", "", "\n  ", "\n", "\n<!-- between -->\n", "\n<?between?>\n"]);
  }
}

const cdata = (text: string): string => `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
