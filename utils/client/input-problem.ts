/** Owns what is wrong with an input: where, what was found, what belongs there, said without giving a secret away. */
import { AdapterError } from "../errors/adapter-error";
import type { OperationModel } from "../models/operation-model";

/** A place in an input, linked to its parent so that a good input pays next to nothing for it. */
export interface InputPath {
  readonly parent: InputPath | undefined;
  readonly key: string | number;
}

export const INPUT_ROOT: InputPath = { parent: undefined, key: "params" };

export interface InputProblem {
  readonly path: InputPath;
  readonly found: string;
  readonly expected: string;
}

/** Problems listed in one error; an input of another operation would fill pages. */
const LISTED = 5;
const EXCERPT = 40;
const SECRET_NAME = /secret|password|passphrase|token|credential|private|authorization|api_?key/i;

/** `params.Filters[0].Name` */
export function pathText(path: InputPath): string {
  const parent = path.parent === undefined ? "" : pathText(path.parent);
  if (typeof path.key === "number") return `${parent}[${path.key}]`;
  if (parent === "") return path.key;
  return /^[A-Za-z_$][\w$]*$/.test(path.key) ? `${parent}.${path.key}` : `${parent}[${JSON.stringify(path.key)}]`;
}

/**
 * @param value - what stands in the input
 * @param path - where; under a name that sounds like a secret only the type is told
 * @returns its type, and a short excerpt when it is a scalar that may be shown
 */
export function foundText(value: unknown, path: InputPath, sensitive: boolean, mask: (text: string) => string): string {
  const type = typeText(value);
  if (sensitive || typeof value === "object" || typeof value === "undefined") return type;
  for (let at: InputPath | undefined = path; at !== undefined; at = at.parent) {
    if (SECRET_NAME.test(String(at.key))) return type;
  }
  const text = mask(String(value));
  const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
  return `${type} ${typeof value === "string" ? JSON.stringify(excerpt) : excerpt}`;
}

function typeText(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Date) return "a date";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "text" : `a ${typeof value}`;
}

/** One error for everything that is wrong with an input: the first problem in full, up to four more behind it. */
export function invalidInput(operation: OperationModel, problems: readonly InputProblem[]): AdapterError {
  const [first, ...others] = problems.map(({ path, found, expected }) => ({
    parameter: pathText(path),
    found,
    expected,
  }));
  const listed = others
    .slice(0, LISTED - 1)
    .map((other) => `${other.parameter}: found ${other.found}, expected ${other.expected}`);
  if (others.length >= LISTED) listed.push(`and ${others.length - LISTED + 1} more`);
  const also = listed.length === 0 ? "" : `; also ${listed.join("; ")}`;
  return new AdapterError("INVALID_INPUT", {
    parameter: first?.parameter ?? "params",
    found: first?.found ?? "",
    expected: `${first?.expected ?? ""}${also}`,
    documentation: `the parameters of ${operation.name} are described in the AWS API reference of ${operation.service.sdkId}.`,
    problems: problems.length,
  });
}
