/** Owns which members of an operation its model marks as sensitive, by every name that they have on the wire. */
import { NormalizedSchema } from "@smithy/core/schema";
import { SECRET_ANSWER_BODY, SECRET_REQUEST_BODY } from "../logging/message-for-log";
import type { OperationModel } from "../models/operation-model";

/**
 * Walks input and output once; keep the result with the operation.
 * @see https://smithy.io/2.0/spec/documentation-traits.html#sensitive-trait
 */
export function sensitiveMembers(operation: OperationModel): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const visit = (shape: NormalizedSchema): boolean => {
    const traits = shape.getMergedTraits();
    if (traits.sensitive) return true;
    const schema = shape.getSchema();
    if (typeof schema !== "object" || seen.has(schema)) return false;
    seen.add(schema);
    if (shape.isStructSchema()) {
      for (const [name, member] of shape.structIterator()) if (visit(member)) addNames(names, name, member);
      return false;
    }
    if (shape.isListSchema() || shape.isMapSchema()) {
      const holdsSensitive = visit(shape.getValueSchema());
      // Seen once more under another member, the answer must be the same.
      if (holdsSensitive) seen.delete(schema);
      return holdsSensitive;
    }
    return false;
  };
  const [input, output] = [NormalizedSchema.of(operation.input), NormalizedSchema.of(operation.output)];
  visit(input);
  visit(output);
  if (isBodySecret(input)) names.add(SECRET_REQUEST_BODY);
  if (isBodySecret(output)) names.add(SECRET_ANSWER_BODY);
  return names;
}

/** Whether the body is nothing but a sensitive member. https://smithy.io/2.0/spec/http-bindings.html#httppayload-trait */
function isBodySecret(shape: NormalizedSchema): boolean {
  if (!shape.isStructSchema()) return false;
  return [...shape.structIterator()].some(([, member]) => {
    const { httpPayload, sensitive } = member.getMergedTraits();
    return Boolean(httpPayload && sensitive);
  });
}

function addNames(names: Set<string>, name: string, member: NormalizedSchema): void {
  const { xmlName, jsonName, httpHeader, httpQuery, ec2QueryName } = member.getMergedTraits() as Record<
    string,
    unknown
  >;
  for (const one of [name, xmlName, jsonName, httpHeader, httpQuery, ec2QueryName]) {
    if (typeof one === "string") names.add(one);
  }
}
