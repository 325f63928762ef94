/** Owns the look for text that UTF-8 cannot hold, in an input whose request could not be written. */
import type { AdapterError } from "../errors/adapter-error";
import type { OperationModel } from "../models/operation-model";
import { INPUT_ROOT, type InputPath, type InputProblem, invalidInput } from "./input-problem";

/** With `u`, a pair is one character: only halves are found. */
const HALF_OF_A_PAIR = /[\ud800-\udfff]/u;

/**
 * What percent-encodes a text names nothing when it cannot; looking at every text before would be paid for by every call.
 * @param input - native values
 * @param cause - what was thrown over it
 * @returns `INVALID_INPUT` naming the parameters; undefined where the cause is another
 */
export function illFormedInput(operation: OperationModel, input: object, cause: unknown): AdapterError | undefined {
  if (!(cause instanceof URIError)) return undefined;
  const problems: InputProblem[] = [];
  look(input, INPUT_ROOT, problems, new Set());
  return problems.length === 0 ? undefined : invalidInput(operation, problems);
}

/** @param seen - documents are taken as they are, circles and all */
function look(value: unknown, path: InputPath, problems: InputProblem[], seen: Set<object>): void {
  if (typeof value === "string") note("text", value, path, problems);
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) look(item, { parent: path, key: index }, problems, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, member] of Object.entries(value)) {
      note("a key", key, { parent: path, key }, problems);
      look(member, { parent: path, key }, problems, seen);
    }
  }
}

function note(what: string, text: string, path: InputPath, problems: InputProblem[]): void {
  const at = text.search(HALF_OF_A_PAIR);
  if (at < 0) return;
  const found = `${what} with half of a surrogate pair at its character ${at + 1}`;
  problems.push({ path, found, expected: "text that UTF-8 can hold" });
}
