/** Owns the keeping of what was sent in confidence out of a refusal: AWS's validation repeats values in its message. */
import { NormalizedSchema } from "@smithy/core/schema";
import { KnownValues } from "../logging/known-values";
import type { OperationModel } from "../models/operation-model";

/** Shorter ones are words that an answer needs. */
const SHORTEST = 6;

/**
 * @param input - of the call, native
 * @param body - of a refusal
 * @returns the body without the values of the input's sensitive members, in whatever encoding it repeats them
 * @see https://smithy.io/2.0/spec/documentation-traits.html#sensitive-trait
 */
export function withoutSentSecrets(operation: OperationModel, input: unknown, body: Buffer): Buffer {
  const shape = NormalizedSchema.of(operation.input);
  if (body.length === 0 || shape.isUnitSchema()) return body;
  const values = new KnownValues();
  collect(shape, input, false, values);
  if (values.size === 0) return body;
  const text = body.toString("utf8");
  const masked = values.mask(text);
  return masked === text ? body : Buffer.from(masked);
}

function collect(shape: NormalizedSchema, value: unknown, inherited: boolean, values: KnownValues): void {
  if (value === undefined || value === null) return;
  const isSecret = inherited || Boolean(shape.getMergedTraits().sensitive);
  if (typeof value === "string") {
    if (isSecret && value.length >= SHORTEST) values.add(value);
  } else if (value instanceof Uint8Array) {
    if (isSecret && value.byteLength >= SHORTEST) values.add(Buffer.from(value).toString("utf8"));
  } else if (shape.isStructSchema()) {
    const members = value as Record<string, unknown>;
    for (const [name, member] of shape.structIterator()) collect(member, members[name], isSecret, values);
  } else if (shape.isListSchema() && Array.isArray(value)) {
    for (const item of value) collect(shape.getValueSchema(), item, isSecret, values);
  } else if (shape.isMapSchema() && typeof value === "object") {
    for (const item of Object.values(value)) collect(shape.getValueSchema(), item, isSecret, values);
  }
}
