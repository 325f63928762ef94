/** Owns the one pass over an operation's input: it checks JSON against the shape and makes native values of it. */
import { NormalizedSchema } from "@smithy/core/schema";
import { nearestName } from "../models/nearest-name";
import type { OperationModel } from "../models/operation-model";
import type { FileAccess } from "./file-access";
import { foundText, INPUT_ROOT, type InputPath, type InputProblem, invalidInput, pathText } from "./input-problem";
import { setKey } from "./json-safe";
import { BLOB_FORMS, readBlob } from "./read-blob";
import {
  readBigDecimal,
  readBigInteger,
  readBoolean,
  readJsonText,
  readNumber,
  readText,
  readTimestamp,
  type Scalar,
  UNREADABLE,
} from "./read-scalar";
import { serde } from "./serde";

type Problems = InputProblem[];
/** Reads one value; on a problem it notes it and answers undefined. */
type Read = (value: unknown, path: InputPath, problems: Problems) => unknown;

interface StructureMember {
  readonly name: string;
  read: Read;
}

/**
 * What an operation accepts, compiled once for each shape. Unknown members, missing required ones and wrong types are
 * problems; null is the same as absent, and an absent idempotency token is made. Numbers and booleans may be given as
 * clean text (`"5"`, `"true"`), because a workflow's form fields are text; enum values outside the model's list pass,
 * because AWS adds to them. Lengths and patterns are AWS's to judge.
 */
export class InputReader {
  readonly #readers = new WeakMap<object, Read>();
  readonly #files: FileAccess;
  readonly #mask: (text: string) => string;
  readonly #token: () => string;

  /**
   * @param mask - masks known secrets in excerpts of wrong values
   * @param token - makes an idempotency token, for each that is missing
   */
  constructor(files: FileAccess, mask: (text: string) => string, token: () => string) {
    this.#files = files;
    this.#mask = mask;
    this.#token = token;
  }

  /**
   * @param input - JSON or native values; undefined and null count as `{}`
   * @returns a new object of native values
   * @throws AdapterError `INVALID_INPUT` with up to five problems, `FILE_REFUSED`
   */
  read(operation: OperationModel, input: unknown): Record<string, unknown> {
    const shape = NormalizedSchema.of(operation.input);
    const problems: Problems = [];
    const read = shape.isUnitSchema() ? readNothing : this.#reader(shape);
    const value = readOrRefuse(read, input ?? {}, problems);
    if (problems.length > 0) throw invalidInput(operation, problems);
    return value as Record<string, unknown>;
  }

  #reader(shape: NormalizedSchema): Read {
    const schema = shape.getSchema();
    if (typeof schema !== "object" || shape.isStreaming()) return this.#leaf(shape);
    let read = this.#readers.get(schema);
    if (read === undefined) {
      read = this.#aggregate(shape);
      this.#readers.set(schema, read);
    }
    return read;
  }

  #aggregate(shape: NormalizedSchema): Read {
    if (shape.isUnionSchema()) return this.#union(shape);
    if (shape.isStructSchema()) return this.#structure(shape);
    if (shape.isListSchema()) return this.#list(shape);
    return this.#map(shape);
  }

  #structure(shape: NormalizedSchema): Read {
    const members = this.#members(shape);
    const tokens = tokenMembers(shape);
    const required = requiredMembers(shape);
    return (value, path, problems) => {
      if (!isPlainObject(value)) return this.#wrongType(value, path, problems, "an object");
      const output: Record<string, unknown> = {};
      for (const name of Object.keys(value)) {
        const given = value[name];
        if (given === undefined || given === null) continue;
        const member = members.get(name);
        if (member === undefined) unknownMember(name, [...members.keys()], path, problems);
        else output[name] = member.read(given, { parent: path, key: name }, problems);
      }
      for (const name of required) {
        if (value[name] === undefined || value[name] === null) {
          problems.push({ path: { parent: path, key: name }, found: "nothing", expected: "a value, it is required" });
        }
      }
      for (const name of tokens) output[name] ??= this.#token();
      return output;
    };
  }

  #union(shape: NormalizedSchema): Read {
    const members = this.#members(shape);
    const expected = `an object with exactly one of ${[...members.keys()].join(", ")}`;
    return (value, path, problems) => {
      if (!isPlainObject(value)) return this.#wrongType(value, path, problems, expected);
      const given = Object.keys(value).filter((name) => value[name] !== undefined && value[name] !== null);
      const name = given[0];
      const member = name === undefined ? undefined : members.get(name);
      if (name !== undefined && given.length === 1 && member === undefined) {
        unknownMember(name, [...members.keys()], path, problems);
      } else if (name === undefined || member === undefined || given.length !== 1) {
        problems.push({
          path,
          found: given.length === 0 ? "an object without members" : `${given.join(" and ")} together`,
          expected,
        });
      } else {
        return { [name]: member.read(value[name], { parent: path, key: name }, problems) };
      }
      return undefined;
    };
  }

  #list(shape: NormalizedSchema): Read {
    const item = this.#lazyReader(() => shape.getValueSchema());
    const sparse = Boolean(shape.getMergedTraits().sparse);
    return (value, path, problems) => {
      if (!Array.isArray(value)) return this.#wrongType(value, path, problems, "an array");
      const output: unknown[] = [];
      for (let index = 0; index < value.length; index++) {
        const given = value[index];
        if ((given === null || given === undefined) && sparse) output.push(null);
        else output.push(item.read(given, { parent: path, key: index }, problems));
      }
      return output;
    };
  }

  #map(shape: NormalizedSchema): Read {
    const entry = this.#lazyReader(() => shape.getValueSchema());
    const sparse = Boolean(shape.getMergedTraits().sparse);
    return (value, path, problems) => {
      if (!isPlainObject(value)) return this.#wrongType(value, path, problems, "an object");
      const output: Record<string, unknown> = {};
      for (const key of Object.keys(value)) {
        const given = value[key];
        if (given !== null && given !== undefined)
          setKey(output, key, entry.read(given, { parent: path, key }, problems));
        else if (sparse) setKey(output, key, null);
      }
      return output;
    };
  }

  #members(shape: NormalizedSchema): Map<string, StructureMember> {
    const members = new Map<string, StructureMember>();
    for (const [name, member] of shape.structIterator()) {
      const reader = this.#lazyReader(() => member);
      members.set(name, member.getMergedTraits().httpLabel ? this.#label(name, reader, member) : { name, ...reader });
    }
    return members;
  }

  /** Shapes refer to themselves, so a reader is made when it is first needed, and then takes its own place. */
  #lazyReader(shape: () => NormalizedSchema): { read: Read } {
    const lazy: { read: Read } = {
      read: (value, path, problems) => {
        lazy.read = this.#reader(shape());
        return lazy.read(value, path, problems);
      },
    };
    return lazy;
  }

  /** A label becomes part of the path; an empty one would address something else. */
  #label(name: string, reader: { read: Read }, shape: NormalizedSchema): StructureMember {
    const greedy = shape.isStringSchema();
    return {
      name,
      read: (value, path, problems) => {
        if (value === "" && greedy) return this.#wrongType(value, path, problems, "text that is not empty");
        return reader.read(value, path, problems);
      },
    };
  }

  #leaf(shape: NormalizedSchema): Read {
    const sensitive = Boolean(shape.getMergedTraits().sensitive);
    if (shape.isBlobSchema()) {
      const kind = shape.isStreaming() ? "stream" : "blob";
      return (value, path, problems) => {
        const bytes = readBlob(value, kind, this.#files, () => pathText(path));
        return bytes === UNREADABLE ? this.#wrongType(value, path, problems, BLOB_FORMS, sensitive) : bytes;
      };
    }
    const [readScalar, expected] = scalarReader(shape);
    return (value, path, problems) => {
      const scalar = readScalar(value);
      return scalar === UNREADABLE ? this.#wrongType(value, path, problems, expected, sensitive) : scalar;
    };
  }

  #wrongType(value: unknown, path: InputPath, problems: Problems, expected: string, sensitive = false): undefined {
    problems.push({ path, found: foundText(value, path, sensitive, this.#mask), expected });
  }
}

function scalarReader(shape: NormalizedSchema): readonly [(value: unknown) => Scalar, string] {
  if (shape.isStringSchema()) {
    const mediaType = String(shape.getMergedTraits().mediaType ?? "");
    return /[/+]json$/.test(mediaType) ? [readJsonText, "JSON as text or object"] : [readText, "text"];
  }
  if (shape.isBooleanSchema()) return [readBoolean, "true or false"];
  if (shape.isNumericSchema()) return [readNumber, "a number"];
  if (shape.isTimestampSchema()) return [readTimestamp, "a timestamp: ISO 8601 text, epoch seconds or a Date"];
  if (shape.isBigIntegerSchema()) return [readBigInteger, "an integer, as number or text"];
  if (shape.isBigDecimalSchema()) return [readDecimal, "a decimal, as number or text"];
  // Documents and event streams are taken as they are.
  return [(value) => value, "a value"];
}

/** A circle, or more depth than any service takes, ends with the stack. */
function readOrRefuse(read: Read, input: unknown, problems: Problems): unknown {
  try {
    return read(input, INPUT_ROOT, problems);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    problems.unshift({
      path: INPUT_ROOT,
      found: "values nested without end",
      expected: "an object that JSON can hold",
    });
    return undefined;
  }
}

const readDecimal = (value: unknown): Scalar => {
  const text = readBigDecimal(value);
  return typeof text === "string" ? new (serde().NumericValue)(text, "bigDecimal") : text;
};

const readNothing: Read = (value, path, problems) => {
  if (!isPlainObject(value)) {
    problems.push({
      path,
      found: foundText(value, path, true, String),
      expected: "nothing: the operation has no parameters",
    });
    return undefined;
  }
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined && value[name] !== null) unknownMember(name, [], path, problems);
  }
  return {};
};

/** The first members of a structure are its required ones; an idempotency token is made when it is missing. */
function requiredMembers(shape: NormalizedSchema): string[] {
  const count = Number((shape.getSchema() as readonly unknown[])[6] ?? 0);
  const members = [...shape.structIterator()].slice(0, count);
  return members.filter(([, member]) => !member.isIdempotencyToken()).map(([name]) => name);
}

const tokenMembers = (shape: NormalizedSchema): string[] =>
  [...shape.structIterator()].filter(([, member]) => member.isIdempotencyToken()).map(([name]) => name);

function unknownMember(name: string, names: readonly string[], path: InputPath, problems: Problems): void {
  const nearest = nearestName(name, names);
  const expected =
    names.length === 0
      ? "no parameters"
      : nearest === undefined
        ? `one of ${listed(names)}`
        : `a known member; did you mean ${nearest}?`;
  problems.push({ path: { parent: path, key: name }, found: "an unknown member", expected });
}

const listed = (names: readonly string[]): string =>
  names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")} and ${names.length - 12} more`;

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Uint8Array || value instanceof Date || value instanceof ArrayBuffer);
}
