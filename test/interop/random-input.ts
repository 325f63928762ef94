/** Owns random inputs that fit the shape of an operation. */
import type { NormalizedSchema } from "@smithy/core/schema";
import type { Choices } from "../unit/client/random-values";

const TEXTS = ["abc", "a b/c+ü&=%", "x.y-z_1", "<v>\"q'&amp;\n", "0", "arn:aws:x:y:z"];
const LABELS = ["abc", "x-1", "lbl"];
const BUCKETS = ["my-bucket", "My_Bucket", "dotted.bucket", "bucket-1"];
const DEEPEST = 5;

/** @param service - some members must be of a kind that no shape tells: bucket names, queue URLs */
export function randomInput(shape: NormalizedSchema, choices: Choices, service: string): Record<string, unknown> {
  const input = (shape.isUnitSchema() ? {} : value(shape, choices, 0)) as Record<string, unknown>;
  if (service === "s3") {
    if (input["Bucket"] !== undefined) input["Bucket"] = choices.pick(BUCKETS);
    // A given checksum, or an algorithm that needs native code, is a matter of its own.
    for (const name of Object.keys(input)) if (/^Checksum/.test(name)) delete input[name];
  }
  if (service === "s3-control" && [...shape.structIterator()].some(([name]) => name === "AccountId"))
    input["AccountId"] = "123456789012";
  // The SDK asks the endpoint rules about it.
  if (service === "ec2" && input["SourceRegion"] !== undefined) input["SourceRegion"] = "us-west-2";
  if (service === "sqs" && input["QueueUrl"] !== undefined)
    input["QueueUrl"] = "https://sqs.eu-west-1.amazonaws.com/1/q";
  return input;
}

function value(shape: NormalizedSchema, choices: Choices, depth: number): unknown {
  if (shape.isUnionSchema()) return unionValue(shape, choices, depth);
  if (shape.isStructSchema()) return structureValue(shape, choices, depth);
  if (shape.isListSchema()) return depth > DEEPEST ? [] : items(shape.getValueSchema(), choices, depth);
  if (shape.isMapSchema()) return depth > DEEPEST ? {} : entries(shape.getValueSchema(), choices, depth);
  if (shape.isStringSchema()) {
    const { httpLabel, hostLabel } = shape.getMergedTraits();
    return choices.pick(httpLabel || hostLabel ? LABELS : TEXTS);
  }
  if (shape.isBooleanSchema()) return choices.chance(0.5);
  if (shape.isNumericSchema()) return choices.integer(1000);
  if (shape.isTimestampSchema()) return new Date(1.7e12 + choices.integer(1e6) * 1000);
  if (shape.isBlobSchema()) return new Uint8Array(Buffer.from(`bytes${choices.integer(99)}`));
  if (shape.isBigIntegerSchema()) return 5n;
  return { a: 1, b: ["x", null, true] };
}

function structureValue(shape: NormalizedSchema, choices: Choices, depth: number): unknown {
  const required = Number((shape.getSchema() as readonly unknown[])[6] ?? 0);
  const output: Record<string, unknown> = {};
  if (depth > DEEPEST && required === 0) return output;
  for (const [index, [name, member]] of [...shape.structIterator()].entries()) {
    if (index < required || (depth <= DEEPEST && choices.chance(depth === 0 ? 0.6 : 0.4))) {
      const given = value(member, choices, depth + 1);
      if (given !== undefined) output[name] = given;
    }
  }
  return output;
}

function unionValue(shape: NormalizedSchema, choices: Choices, depth: number): unknown {
  const members = [...shape.structIterator()];
  const [name, member] = depth > DEEPEST ? (members[0] as (typeof members)[number]) : choices.pick(members);
  return { [name]: value(member, choices, depth + 1) };
}

const items = (shape: NormalizedSchema, choices: Choices, depth: number): unknown[] =>
  Array.from({ length: 1 + choices.integer(2) }, () => value(shape, choices, depth + 1));

const entries = (shape: NormalizedSchema, choices: Choices, depth: number): unknown => ({
  key1: value(shape, choices, depth + 1),
  "ke y": value(shape, choices, depth + 1),
});
