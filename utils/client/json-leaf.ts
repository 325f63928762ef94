/** Owns what a value without members becomes when it is read from JSON: a timestamp, a blob, a number, text. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { blobText, timestampText } from "./json-safe";
import { serde } from "./serde";
import { numericValue } from "./write-output";

type LeafReader = (value: unknown) => unknown;

const NOT_BASE64 = /[^A-Za-z0-9+/]/;

/** How a shape without members is read. */
export class JsonLeaf {
  constructor(readonly read: LeafReader) {}

  /** @returns undefined for what stays as it is */
  static of(shape: NormalizedSchema): JsonLeaf | undefined {
    const read = leafReader(shape);
    return read === undefined ? undefined : new JsonLeaf(read);
  }
}

function leafReader(shape: NormalizedSchema): LeafReader | undefined {
  if (shape.isTimestampSchema()) return timestampReader(shape.getSchema());
  if (shape.isBlobSchema()) return readBlobText;
  if (shape.isNumericSchema()) return numericValue;
  if (shape.isStringSchema() && shape.getMergedTraits().mediaType) return String;
  return undefined;
}

/** @see https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait */
function timestampReader(schema: unknown): LeafReader {
  if (schema === 5) return (value) => isoText(serde().parseRfc3339DateTimeWithOffset(value));
  if (schema === 6) return (value) => isoText(serde().parseRfc7231DateTime(value));
  return (value) => isoText(serde().parseEpochTimestamp(value));
}

const isoText = (date: Date | undefined): string | undefined => date && timestampText(date);

/** Base64 whose last letter is full is already what would be made of its bytes. */
function readBlobText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value.length % 4 === 0 && !NOT_BASE64.test(value) ? value : blobText(serde().fromBase64(value));
}
