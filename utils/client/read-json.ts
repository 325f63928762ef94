/** Owns the reading of JSON answers, shape by shape, straight into JSON-safe output. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { type JsonNames, JsonPlans } from "./json-plans";

/**
 * Reads the bodies of awsJson and restJson answers. Members that the shape does not know are left out.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export class JsonReader {
  readonly #plans: JsonPlans;

  constructor(readonly names: JsonNames) {
    this.#plans = new JsonPlans(names);
  }

  /**
   * @param shape - schema of the members to read, a structure that {@link hasPlan} answers for
   * @param text - integers beyond 2^53 as text
   * @returns a JSON-safe object; undefined for a document that is none
   * @throws SyntaxError when the text is no JSON; what the leaves' parsers throw
   */
  read(shape: NormalizedSchema, text: string): Record<string, unknown> | undefined {
    const document: unknown = JSON.parse(text);
    if (typeof document !== "object" || document === null || Array.isArray(document)) return undefined;
    // In restJson only members of the model leave the topmost structure, whatever it says of its type.
    if (this.names === "jsonName" && "__type" in document) delete document.__type;
    return this.#plans.of(shape)?.read(document) as Record<string, unknown>;
  }
}

/** Whether every shape below has a plan: documents and numbers of any size are the protocol class's to read. */
export function hasPlan(shape: NormalizedSchema, seen: Set<unknown> = new Set()): boolean {
  const schema = shape.getSchema();
  if (seen.has(schema)) return true;
  seen.add(schema);
  if (shape.isStructSchema()) return [...shape.structIterator()].every(([, member]) => hasPlan(member, seen));
  if (shape.isListSchema() || shape.isMapSchema()) return hasPlan(shape.getValueSchema(), seen);
  return !(shape.isDocumentSchema() || shape.isBigIntegerSchema() || shape.isBigDecimalSchema());
}
