/** Owns the form of an API model as `aws-sdk` (version 2) publishes it, and which parts of it are understood. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExtractionError } from "./extraction-error";

/** A shape, a reference to one, or both in one: the published models are minified. */
export interface C2jShape {
  readonly shape?: string;
  /** Text where nothing is said. */
  readonly type?: string;
  readonly members?: Readonly<Record<string, C2jShape>>;
  readonly member?: C2jShape;
  readonly key?: C2jShape;
  readonly value?: C2jShape;
  readonly required?: readonly string[];
  /** Name of the member that is the body. */
  readonly payload?: string;
  readonly location?: string;
  readonly locationName?: string;
  readonly timestampFormat?: string;
  readonly contextParam?: { readonly name: string };
  readonly [flag: string]: unknown;
}

export interface C2jOperation {
  readonly http?: { readonly method?: string; readonly requestUri?: string; readonly responseCode?: number };
  readonly input?: C2jShape;
  readonly output?: C2jShape;
  readonly idempotent?: boolean;
  readonly httpChecksumRequired?: boolean;
  readonly endpoint?: { readonly hostPrefix?: string };
  readonly staticContextParams?: Readonly<Record<string, { readonly value: string | boolean }>>;
}

interface C2jPaginator {
  readonly input_token?: unknown;
  readonly output_token?: unknown;
  readonly limit_key?: unknown;
}

interface C2jAcceptor {
  readonly matcher: string;
  readonly argument?: string;
  readonly expected: unknown;
  readonly state: string;
}

export interface C2jWaiter {
  readonly operation: string;
  readonly delay: number;
  readonly acceptors: readonly C2jAcceptor[];
}

export interface C2jMetadata {
  readonly apiVersion: string;
  readonly protocol: string;
  readonly jsonVersion?: string;
  readonly serviceId: string;
  readonly uid: string;
  readonly awsQueryCompatible?: unknown;
}

export interface C2jModel {
  readonly metadata: C2jMetadata;
  readonly operations: Readonly<Record<string, C2jOperation>>;
  readonly shapes: Readonly<Record<string, C2jShape>>;
  readonly paginators: Readonly<Record<string, C2jPaginator>>;
  readonly waiters: Readonly<Record<string, C2jWaiter>>;
}

/** Of an operation: what is read here, and what says nothing about requests. What the old client says of the rest is not enough for operations that it has not. */
const OPERATION_KEYS: ReadonlySet<string> = new Set(
  "http input output idempotent httpChecksumRequired endpoint staticContextParams alias auth authtype deprecated deprecatedMessage deprecatedSince".split(
    " ",
  ),
);

/** Of a shape or a member. */
const SHAPE_KEYS: ReadonlySet<string> = new Set(
  [
    "shape type members member key value required payload location locationName timestampFormat contextParam",
    "union document streaming sensitive jsonvalue idempotencyToken hostLabel",
    // In words, for people, or for other protocols.
    "box deprecated deprecatedMessage deprecatedSince documentation synthetic requiresLength",
    // Constraints, which AWS checks.
    "enum min max pattern",
  ]
    .join(" ")
    .split(" "),
);

function refuseUnknownKeys(subject: string, path: string, known: ReadonlySet<string>, value: object): void {
  const unknown = Object.keys(value).find((key) => !known.has(key));
  if (unknown !== undefined) throw new ExtractionError(subject, `${path} says ${unknown}, which is not understood`);
}

/** @throws ExtractionError for what is not understood, anywhere in the shape */
function checkShape(subject: string, path: string, shape: C2jShape): void {
  refuseUnknownKeys(subject, path, SHAPE_KEYS, shape);
  for (const [name, member] of Object.entries(shape.members ?? {})) checkShape(subject, `${path}.${name}`, member);
  for (const part of ["member", "key", "value"] as const) {
    const inner = shape[part];
    if (inner !== undefined) checkShape(subject, `${path}.${part}`, inner);
  }
}

/**
 * @param subject - file, for errors
 * @throws ExtractionError for a trait that is not understood: left out, it would be wrong in silence
 */
export function checkModel(subject: string, { operations, shapes }: Pick<C2jModel, "operations" | "shapes">): void {
  for (const [name, operation] of Object.entries(operations)) {
    refuseUnknownKeys(subject, name, OPERATION_KEYS, operation);
    if (operation.input !== undefined) checkShape(subject, `${name}.input`, operation.input);
    if (operation.output !== undefined) checkShape(subject, `${name}.output`, operation.output);
  }
  for (const [name, shape] of Object.entries(shapes)) checkShape(subject, name, shape);
}

const readJson = <T>(path: string): T | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;

/**
 * @param folder - of an unpacked `aws-sdk`
 * @param uid - `networkmanager-2019-07-05`
 * @throws ExtractionError where there is none
 */
export function readModel(folder: string, uid: string): C2jModel {
  const file = (kind: string): string => join(folder, "apis", `${uid}.${kind}.json`);
  const model = readJson<Omit<C2jModel, "paginators" | "waiters">>(file("min"));
  if (model === undefined) throw new ExtractionError(`apis/${uid}.min.json`, "aws-sdk has no such model");
  return {
    ...model,
    paginators: readJson<{ pagination: C2jModel["paginators"] }>(file("paginators"))?.pagination ?? {},
    waiters: readJson<{ waiters: C2jModel["waiters"] }>(file("waiters2"))?.waiters ?? {},
  };
}
