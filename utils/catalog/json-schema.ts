/** Owns the JSON schema of an operation's input, for people and forms: cut at a depth, never used to validate. */
import type { ShapeRecord, ShapeReference } from "../models/entity-format";
import type { ServiceDocumentation } from "./captured-client";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is known about the shapes of one service. */
export interface SchemaSource {
  readonly shapes: ReadonlyMap<string, ShapeRecord>;
  readonly members: ReadonlyMap<string, ServiceDocumentation["shapes"][number][1]>;
  readonly enumerations: ReadonlyMap<string, readonly string[]>;
}

/** How far a schema goes into what it describes, counted in structures. */
interface Depth {
  readonly properties: number;
  /** Levels whose members carry their sentence and their values. */
  readonly documented: number;
}

const DEPTH: Depth = { properties: 2, documented: 1 };

/** By sentinel value of the simple type; timestamps are 4 to 7. */
const SIMPLE: Readonly<Record<number, JsonSchema>> = {
  0: { type: "string" },
  1: { type: "number" },
  2: { type: "boolean" },
  15: {},
  17: { type: ["integer", "string"] },
  19: { type: ["number", "string"] },
  // Text, or an object that names base64 or a file.
  21: { type: ["string", "object"] },
  42: { type: ["string", "object"] },
};

function simple(type: number): JsonSchema {
  if (type >= 128) return { type: "object", additionalProperties: simple(type - 128) };
  if (type >= 64) return { type: "array", items: simple(type - 64) };
  return type >= 4 && type <= 7 ? { type: ["string", "number"], format: "date-time" } : (SIMPLE[type] ?? {});
}

/** Idempotency tokens are made by the client where the caller gives none. */
function isFilledIn(member: ShapeReference): boolean {
  const traits = typeof member === "object" ? member[1] : 0;
  return typeof traits === "number" ? (traits & 4) === 4 : traits["idempotencyToken"] === 1;
}

function structure(
  key: string,
  record: ShapeRecord & { 0: 3 | 4 | -3 },
  source: SchemaSource,
  depth: Depth,
): JsonSchema {
  if (depth.properties === 0) return { type: "object" };
  const [, , names, members, required = 0] = record;
  const deeper = { properties: depth.properties - 1, documented: depth.documented - 1 };
  const texts = source.members.get(key);
  const properties = names.map((name, index) => {
    const schema = describe(members[index] as ShapeReference, source, deeper);
    const [sentence = "", enumeration] = texts?.[name] ?? [];
    if (depth.documented <= 0) return [name, schema];
    const values = enumeration === undefined ? undefined : source.enumerations.get(enumeration);
    const valued = values === undefined ? schema : withValues(schema, values);
    return [name, sentence === "" ? valued : { description: sentence, ...valued }];
  });
  const demanded = names.slice(0, required).filter((_, index) => !isFilledIn(members[index] as ShapeReference));
  return {
    type: "object",
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) as JsonSchema }),
    ...(demanded.length === 0 ? {} : { required: demanded }),
  };
}

/** AWS adds values at any time, so they are examples of what is known and not a closed enumeration. */
function withValues(schema: JsonSchema, values: readonly string[]): JsonSchema {
  if (schema["type"] === "array") return { ...schema, items: { ...(schema["items"] as JsonSchema), examples: values } };
  return schema["type"] === "string" ? { ...schema, examples: values } : schema;
}

function describe(reference: ShapeReference, source: SchemaSource, depth: Depth): JsonSchema {
  if (typeof reference === "object") return describe(reference[0], source, depth);
  if (typeof reference === "number") return simple(reference);
  const record = source.shapes.get(reference);
  if (record === undefined) return { type: "object" };
  switch (record[0]) {
    case 0:
      return describe(record[2], source, depth);
    case 1:
      return { type: "array", items: describe(record[2], source, depth) };
    case 2:
      return { type: "object", additionalProperties: describe(record[3], source, depth) };
    default:
      return structure(reference, record as ShapeRecord & { 0: 3 | 4 | -3 }, source, depth);
  }
}

/**
 * @param input - reference to the input of an operation
 * @returns its schema, two structures deep; required members marked, sentences and known values at the first level
 */
export function inputSchema(input: ShapeReference, source: SchemaSource): JsonSchema {
  return { title: "params", ...describe(input, source, DEPTH) };
}
