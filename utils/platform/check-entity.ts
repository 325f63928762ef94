/** Owns the look at an entity folder as it will be after a change: through the readers that calls go through. */
import { NormalizedSchema } from "@smithy/core/schema";
import { toAdapterError } from "../errors/adapter-error";
import type { OperationRecord, ShapeRecord, ShapeReference } from "../models/entity-format";
import { UNIT } from "../models/entity-format";
import { ModelCatalog } from "../models/model-catalog";
import type { Files } from "../types/files";

/** A file as it is not yet. */
export interface FutureFile {
  readonly path: string;
  readonly content: string;
  /** Names of the operations or shapes in which it differs. */
  readonly changed: readonly string[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTraits = (value: unknown): boolean => Number.isInteger(value) || isObject(value);
const isText = (value: unknown): value is string => typeof value === "string";

/** Sentinels of the simple types; 64 and 128 more for lists and maps of them. */
const SIMPLE: ReadonlySet<number> = new Set([0, 1, 2, 4, 5, 6, 7, 15, 17, 19, 21, 42]);
const isSimple = (value: number): boolean => SIMPLE.has(value >= 128 ? value - 128 : value >= 64 ? value - 64 : value);

/** Which shapes and simple types a record leads to, if it is written as one. */
function referencesOf(record: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(record) || !isTraits(record[1])) return undefined;
  const [kind, , first, second, required = 0] = record as unknown as readonly unknown[];
  if (kind === 0 || kind === 1) return record.length === 3 ? [first] : undefined;
  if (kind === 2) return record.length === 4 ? [first, second] : undefined;
  if (kind !== 3 && kind !== 4 && kind !== -3) return undefined;
  const fits = Array.isArray(first) && Array.isArray(second) && first.every(isText) && first.length === second.length;
  const counted = Number.isInteger(required) && (required as number) >= 0;
  return fits && counted && (required as number) <= (first as unknown[]).length ? (second as unknown[]) : undefined;
}

function referenceProblem(reference: unknown, names: ReadonlySet<string>): string | undefined {
  if (Array.isArray(reference)) {
    if (reference.length !== 2 || Array.isArray(reference[0]) || !isTraits(reference[1])) return "is no reference";
    return referenceProblem(reference[0], names);
  }
  if (typeof reference === "number") return isSimple(reference) ? undefined : `names the type ${reference}`;
  if (!isText(reference)) return "is no reference";
  return reference === UNIT || names.has(reference) ? undefined : `needs the shape ${reference}, which is not there`;
}

function shapeProblems(shapes: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): string | undefined {
  for (const [name, record] of Object.entries(shapes)) {
    const references = referencesOf(record);
    if (references === undefined) return `${name} is not written as a shape`;
    for (const reference of references) {
      const problem = referenceProblem(reference, names);
      if (problem !== undefined) return `${name} ${problem}`;
    }
  }
  return undefined;
}

function membersOf(reference: ShapeReference, shapes: Readonly<Record<string, ShapeRecord>>): ReadonlySet<string> {
  const key = Array.isArray(reference) ? reference[0] : reference;
  const [, , names] = shapes[key as string] ?? [];
  return new Set(Array.isArray(names) ? (names as string[]) : []);
}

/** What the client looks for in the input and the output by name has to be there. */
function operationProblem(
  name: string,
  record: OperationRecord,
  shapes: Readonly<Record<string, ShapeRecord>>,
  names: ReadonlySet<string>,
): string | undefined {
  const { method, path, input, output, pagination } = record;
  if (!/^[A-Z]+$/.test(String(method))) return `${name} has no HTTP method`;
  if (!isText(path) || !path.startsWith("/")) return `${name} has no path`;
  for (const reference of [input, output]) {
    const problem = referenceProblem(reference, names);
    if (problem !== undefined) return `${name} ${problem}`;
  }
  const inputs = membersOf(input, shapes);
  const labels = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, label]) => label);
  const needed = [...labels, record.streamingInput, record.eventStreamInput, pagination?.inputToken].flat();
  const missing = needed.find((member) => member !== undefined && !inputs.has(String(member)));
  if (missing !== undefined) return `${name} needs the member ${missing} in its input`;
  const outputs = membersOf(output, shapes);
  const streamed = [record.streamingOutput, record.eventStreamOutput];
  const absent = streamed.find((member) => member !== undefined && !outputs.has(member));
  return absent === undefined ? undefined : `${name} needs the member ${absent} in its output`;
}

/** Every member of every level, as a serializer comes to them. */
function visit(schema: NormalizedSchema, seen: Set<unknown>): void {
  const identity = schema.getSchema();
  if (seen.has(identity)) return;
  if (typeof identity === "object") seen.add(identity);
  if (schema.isStructSchema()) for (const [, member] of schema.structIterator()) visit(member, seen);
  else if (schema.isListSchema() || schema.isMapSchema()) visit(schema.getValueSchema(), seen);
}

/**
 * @param entitiesFolder - holds one folder a service
 * @param service - whose folder one file of which changes
 * @returns why the entity would not work any more, or nothing
 */
export function entityProblem(
  entitiesFolder: string,
  service: string,
  files: Files,
  future: FutureFile,
): string | undefined {
  const bytes = Buffer.from(future.content, "latin1");
  const after: Files = { ...files, read: (path) => (path === future.path ? bytes : files.read(path)) };
  try {
    const operations = new ModelCatalog(entitiesFolder, after).service(service);
    const { shapes: registry } = operations.model;
    const shapes = Object.fromEntries(registry.names().map((name) => [name, registry.record(name)]));
    const names = new Set(Object.keys(shapes));
    const broken = shapeProblems(shapes, names);
    if (broken !== undefined) return broken;
    for (const name of operations.operationNames()) {
      const problem = operationProblem(name, operations.record(name), shapes as Record<string, ShapeRecord>, names);
      if (problem !== undefined) return problem;
    }
    const seen = new Set<unknown>();
    for (const name of future.changed) {
      if (operations.hasOperation(name)) {
        const { input, output } = operations.operation(name);
        for (const schema of [input, output]) visit(NormalizedSchema.of(schema), seen);
      }
      if (Object.hasOwn(shapes, name)) visit(NormalizedSchema.of(registry.resolve(name)), seen);
    }
    return undefined;
  } catch (thrown) {
    return toAdapterError(thrown).displayString;
  }
}
