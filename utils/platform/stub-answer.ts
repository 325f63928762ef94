/** Owns stub mode: an example answer for every call, made from the operation's output or from a file of the user. */
import { join } from "node:path";
import { NormalizedSchema } from "@smithy/core/schema";
import { ModelCatalog } from "../models/model-catalog";
import type { OperationModel } from "../models/operation-model";
import type { CallMetrics, CallResult } from "../types/call";
import type { Files } from "../types/files";
import { noMetrics } from "./envelope";
import type { PlatformRuntime } from "./send-call";

const DEPTH_LIMIT = 6;
const EXAMPLE_TIME = "2025-01-01T00:00:00.000Z";

/**
 * The same runtime, answering without a network; what an operation is called with is not looked at.
 * @param folder - where the adapter is installed
 */
export function stubbedRuntime(runtime: PlatformRuntime, folder: string, files: Files): PlatformRuntime {
  const models = new ModelCatalog(join(folder, "entities"), files);
  const result = (output: unknown, metrics: CallMetrics = noMetrics()): CallResult => {
    metrics.credentialSource = "stub";
    return { statusCode: 200, headers: { "x-adapter-stub": "true" }, output, metrics };
  };
  return {
    ...runtime,
    call: async (service, operation, _input, { metrics }) => {
      const model = models.service(service).operation(operation);
      const mock = join(folder, "entities", service, "mockdata", `${operation}.json`);
      return result(files.exists(mock) ? JSON.parse(files.read(mock).toString("utf8")) : exampleOutput(model), metrics);
    },
    callRaw: async (request, { metrics }) => result({ stub: true, ...request }, metrics),
  };
}

/** @returns JSON-safe, every member there, tokens of further pages left out so that nobody pages for ever */
export function exampleOutput(operation: OperationModel): unknown {
  const shape = NormalizedSchema.of(operation.output);
  if (shape.isUnitSchema()) return {};
  const example = exampleOf(shape, "Output", 0) as Record<string, unknown>;
  const { pagination, streamingOutput } = operation;
  for (const token of [pagination?.outputToken].flat()) if (token !== undefined) delete example[String(token)];
  delete example["NextToken"];
  if (streamingOutput !== undefined)
    Object.assign(example, { [streamingOutput]: "example", [`${streamingOutput}Encoding`]: "utf8" });
  return example;
}

function exampleOf(shape: NormalizedSchema, name: string, depth: number): unknown {
  if (shape.isStructSchema()) {
    if (depth >= DEPTH_LIMIT) return {};
    const members = [...shape.structIterator()];
    const shown = shape.isUnionSchema() ? members.slice(0, 1) : members;
    return Object.fromEntries(shown.map(([member, value]) => [member, exampleOf(value, member, depth + 1)]));
  }
  if (shape.isListSchema()) return depth >= DEPTH_LIMIT ? [] : [exampleOf(shape.getValueSchema(), name, depth + 1)];
  if (shape.isMapSchema())
    return depth >= DEPTH_LIMIT ? {} : { key: exampleOf(shape.getValueSchema(), name, depth + 1) };
  if (shape.isBooleanSchema()) return true;
  if (shape.isNumericSchema() || shape.isBigIntegerSchema() || shape.isBigDecimalSchema()) return 1;
  if (shape.isTimestampSchema()) return EXAMPLE_TIME;
  if (shape.isBlobSchema()) return Buffer.from("example").toString("base64");
  if (shape.isDocumentSchema()) return {};
  return `example-${name}`;
}
