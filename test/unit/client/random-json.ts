/** Owns random answers in JSON for any shape, with what a service may and a careless one does send. */
import type { NormalizedSchema } from "@smithy/core/schema";
import type { Choices } from "./random-values";

const TEXTS = ["abc", "", " lead and trail ", "ü☃😀", 'quote " \\ \n', "<v>&amp;", "-1.5", "null", "__proto__"];
const DEEPEST = 4;

/** Writes random values that fit a shape, as a service writes them; `JSON.stringify` makes the body. */
export class JsonAnswers {
  constructor(readonly choices: Choices) {}

  /** Members of a structure that stand in the body. */
  structure(shape: NormalizedSchema, depth = 0): Record<string, unknown> {
    const output: Record<string, unknown> = {};
    let members = [...shape.structIterator()];
    const isUnion = shape.isUnionSchema();
    if (isUnion) members = [this.choices.pick(members)];
    else if (depth > DEEPEST) return output;
    for (const [name, member] of members) {
      const { httpHeader, httpPrefixHeaders, httpResponseCode, jsonName } = member.getMergedTraits();
      if (httpHeader || httpPrefixHeaders || httpResponseCode) continue;
      const written = String(jsonName ?? name);
      if (isUnion || this.choices.chance(0.7)) output[written] = this.value(member, depth + 1);
      else if (this.choices.chance(0.2)) output[written] = null;
    }
    if (!isUnion && this.choices.chance(0.1)) output["notInTheModel"] = { a: [1, { b: null }], c: "x" };
    return output;
  }

  value(shape: NormalizedSchema, depth: number): unknown {
    const { choices } = this;
    if (shape.isStructSchema() || shape.isUnionSchema()) return this.structure(shape, depth);
    if (shape.isListSchema()) return this.#items(shape, depth);
    if (shape.isMapSchema()) return this.#entries(shape, depth);
    if (shape.isStringSchema()) return shape.getMergedTraits().mediaType ? '{"a":[1]}' : choices.pick(TEXTS);
    if (shape.isBooleanSchema()) return choices.chance(0.5);
    if (shape.isTimestampSchema()) return this.#timestamp(shape);
    if (shape.isBlobSchema()) return Buffer.from(`bytes${choices.integer(99)}\u00ff`, "latin1").toString("base64");
    if (shape.isDocumentSchema()) return choices.pick([{ a: 1, b: [null, "x", true, 1.5] }, "text", 7, false, ["x"]]);
    if (shape.isBigIntegerSchema() || shape.isBigDecimalSchema()) return choices.integer(1e6);
    return this.#number(shape);
  }

  #items(shape: NormalizedSchema, depth: number): unknown[] {
    if (depth > DEEPEST) return [];
    const item = shape.getValueSchema();
    return Array.from({ length: this.choices.integer(3) }, () => this.value(item, depth + 1));
  }

  #entries(shape: NormalizedSchema, depth: number): Record<string, unknown> {
    if (depth > DEEPEST) return {};
    const keys = ["key 1", "ü", "constructor"].slice(0, this.choices.integer(4));
    const value = shape.getValueSchema();
    return Object.fromEntries(keys.map((key) => [key, this.value(value, depth + 1)]));
  }

  #number(shape: NormalizedSchema): unknown {
    // Of the numeric schemas only the fractional ones may be written as words.
    const whole = [0, 7, -3, 123456789012];
    return this.choices.pick(isFractional(shape) ? [...whole, 2.5, 1e-7, "NaN", "-Infinity"] : whole);
  }

  #timestamp(shape: NormalizedSchema): unknown {
    const date = new Date(1.5e12 + this.choices.integer(1e9) * 1000 + this.choices.pick([0, 0, 250]));
    if (shape.getSchema() === 5) return date.toISOString().replace(this.choices.chance(0.5) ? ".000Z" : "none", "Z");
    if (shape.getSchema() === 6) return date.toUTCString();
    return date.getTime() / 1000;
  }
}

/** Members that tell whole numbers from others are not in the schemas; a name that counts something is whole. */
const isFractional = (shape: NormalizedSchema): boolean =>
  shape.isNumericSchema() && /Double|Float|Ratio|Score|Percent/i.test(shape.getName() ?? "");
