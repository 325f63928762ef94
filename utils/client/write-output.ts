/** Owns the turning of an operation's native output into JSON-safe output, shape by shape. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { bigIntegerValue, blobText, numberValue, setKey, timestampText } from "./json-safe";

type Write = (value: unknown) => unknown;

const same: Write = (value) => value;

/**
 * Dates become ISO 8601 text, bytes base64, integers beyond 2^53 text, lazily parsed JSON its text.
 * A union member that the model does not know yet is passed on under the name that AWS gave it.
 */
export class OutputWriter {
  readonly #writers = new WeakMap<object, Write>();

  /**
   * @param shape - schema of the operation's output
   * @param output - what the protocol read; it is changed in place
   * @returns the same, JSON-safe, without `$metadata`
   */
  write(shape: NormalizedSchema, output: Record<string, unknown>): Record<string, unknown> {
    delete output["$metadata"];
    if (!shape.isStructSchema()) return {};
    return this.#writer(shape)(output) as Record<string, unknown>;
  }

  #writer(shape: NormalizedSchema): Write {
    const schema = shape.getSchema();
    if (typeof schema !== "object") return this.#make(shape);
    let writer = this.#writers.get(schema);
    if (writer === undefined) {
      writer = this.#make(shape);
      this.#writers.set(schema, writer);
    }
    return writer;
  }

  #make(shape: NormalizedSchema): Write {
    if (shape.isStructSchema()) return this.#structure(shape);
    if (shape.isListSchema()) return this.#items(shape);
    if (shape.isMapSchema()) return this.#entries(shape);
    if (shape.isTimestampSchema()) return (value) => (value instanceof Date ? timestampText(value) : value);
    if (shape.isBlobSchema()) return (value) => (value instanceof Uint8Array ? blobText(value) : value);
    if (shape.isBooleanSchema()) return same;
    if (shape.isStringSchema()) return shape.getMergedTraits().mediaType ? (value) => String(value) : same;
    if (shape.isDocumentSchema()) return documentValue;
    return numericValue;
  }

  #structure(shape: NormalizedSchema): Write {
    let members: [string, Write][] | undefined;
    const isUnion = shape.isUnionSchema();
    return (value) => {
      if (value === null || typeof value !== "object") return value;
      const output = value as Record<string, unknown>;
      members ??= [...shape.structIterator()].map(([name, member]): [string, Write] => [name, this.#writer(member)]);
      for (const [name, write] of members) {
        const member = output[name];
        if (member === undefined) continue;
        if (member === null) delete output[name];
        else if (write !== same) output[name] = write(member);
      }
      return isUnion ? nameUnknownMember(output) : output;
    };
  }

  #items(shape: NormalizedSchema): Write {
    let write: Write | undefined;
    return (value) => {
      if (!Array.isArray(value)) return value;
      write ??= this.#writer(shape.getValueSchema());
      if (write === same) return value;
      for (let i = 0; i < value.length; i++) if (value[i] !== null) value[i] = write(value[i]);
      return value;
    };
  }

  #entries(shape: NormalizedSchema): Write {
    let write: Write | undefined;
    return (value) => {
      if (value === null || typeof value !== "object") return value;
      write ??= this.#writer(shape.getValueSchema());
      if (write === same) return value;
      const entries = value as Record<string, unknown>;
      for (const key of Object.keys(entries)) {
        const entry = entries[key];
        if (entry !== null) setKey(entries, key, write(entry));
      }
      return entries;
    };
  }
}

/** A number, or the digits of one that no double can hold. */
export function numericValue(value: unknown): unknown {
  if (typeof value === "number") return numberValue(value);
  if (typeof value === "bigint") return bigIntegerValue(value);
  // A big decimal of the SDK carries its digits as text.
  if (typeof value === "object" && value !== null && "string" in value) return String(value.string);
  return value;
}

/** A value that no shape describes, JSON-safe; changed in place. */
export function documentValue(value: unknown): unknown {
  if (value === null || typeof value !== "object") return numericValue(value);
  if (value instanceof Date) return timestampText(value);
  if (value instanceof Uint8Array) return blobText(value);
  if (Array.isArray(value)) return value.map(documentValue);
  if ("type" in value && "string" in value && Object.getPrototypeOf(value) !== Object.prototype)
    return numericValue(value);
  for (const [key, member] of Object.entries(value))
    setKey(value as Record<string, unknown>, key, documentValue(member));
  return value;
}

/** The SDK hands over an unknown union member as `$unknown: [name, value]`. */
function nameUnknownMember(output: Record<string, unknown>): Record<string, unknown> {
  const unknown = output["$unknown"];
  if (!Array.isArray(unknown)) return output;
  delete output["$unknown"];
  setKey(output, String(unknown[0]), documentValue(unknown[1]));
  return output;
}
