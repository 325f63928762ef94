/** Owns the turning of one captured client into the contents of its entity folder. */
import type {
  EndpointFile,
  OperationRecord,
  ServiceRecord,
  ShapeRecord,
  ShapeReference,
  Traits,
  Waiter,
} from "../models/entity-format";
import type { CapturedClient, CapturedOperation, ServiceDescription, ServiceDocumentation } from "./captured-client";
import { operationDocumentation } from "./documentation";
import { endpointParameters } from "./endpoint-parameters";
import { ExtractionError } from "./extraction-error";
import { idempotencyOf } from "./idempotency";
import { memberDocumentation } from "./member-documentation";
import { ShapeCollector } from "./shape-collector";
import { type StreamingMembers, streamingMembers, unwrap } from "./streaming-members";
import { extractWaiters } from "./waiter-source";

export interface ServiceEntity {
  readonly service: ServiceRecord;
  /** Sorted by name. */
  readonly operations: readonly (readonly [string, OperationRecord])[];
  readonly shapes: readonly (readonly [string, ShapeRecord])[];
  readonly endpoint: EndpointFile;
  readonly documentation: ServiceDocumentation;
  /** The package and version of the API model, where the client package had no schemas. */
  readonly modelPackage?: string;
  /** What had to be left out, in words. */
  readonly omissions: readonly string[];
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/** The value that most entries have, so that only the others say theirs. */
function mostCommon<T>(values: readonly T[]): T {
  const counts = new Map<string, { value: T; count: number }>();
  for (const value of values) {
    const entry = counts.get(JSON.stringify(value)) ?? { value, count: 0 };
    entry.count += 1;
    counts.set(JSON.stringify(value), entry);
  }
  return [...counts.values()].reduce((most, entry) => (entry.count > most.count ? entry : most)).value;
}

function protocolSettings(client: CapturedClient): ServiceRecord["protocolSettings"] {
  // A codec instance is an optimisation of the package; the protocol's default one gives the same results.
  const plain = Object.entries(client.protocolSettings).filter(([name]) => name !== "jsonCodec");
  for (const [name, value] of plain) {
    if (typeof value === "object")
      throw new ExtractionError(client.packageName, `protocol setting ${name} is an object`);
  }
  return Object.fromEntries(plain) as ServiceRecord["protocolSettings"];
}

function pluginsOf(client: CapturedClient, operation: CapturedOperation): OperationRecord["plugins"] {
  return operation.plugins.map(({ plugin, options }) => {
    if (options === undefined) return [plugin];
    const plain = JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
    if (!same(Object.keys(plain), Object.keys(options as object))) {
      throw new ExtractionError(client.packageName, `${plugin} of ${operation.name} has an option that is no data`);
    }
    return [plugin, plain];
  });
}

function hasIdempotencyToken(input: ShapeReference, shapes: ShapeCollector): boolean {
  const { record } = unwrap(input, shapes);
  if (record === undefined || record[0] !== 3) return false;
  return record[3].some((member) => {
    const traits = Array.isArray(member) ? (member as readonly [ShapeReference, Traits])[1] : 0;
    return typeof traits === "number" ? (traits & 4) === 4 : traits["idempotencyToken"] === 1;
  });
}

/** Splits the http trait off, which stands as method, path and code of its own. */
function httpBinding(traits: Traits): {
  method: string;
  path: string;
  code?: number;
  boundMethod?: string;
  traits: Traits;
} {
  if (typeof traits === "number" || traits["http"] === undefined) return { method: "POST", path: "/", traits };
  const { http, ...others } = traits;
  const [method, path, code] = http as [string, string, number];
  return { method, path, code, boundMethod: method, traits: Object.keys(others).length === 0 ? 0 : others };
}

const packageDescription = (client: CapturedClient): ServiceDescription => ({
  operation: (name) => operationDocumentation(client, name),
  members: (keep) => memberDocumentation(client, keep),
  waiters: () => extractWaiters(client),
});

function operationRecord(
  client: CapturedClient,
  operation: CapturedOperation,
  shapes: ShapeCollector,
  service: ServiceRecord,
  waiters: OperationRecord["waiters"],
  documentation: string,
): OperationRecord {
  const [, , , rawTraits, rawInput, rawOutput] = operation.schema;
  const { traits, boundMethod, ...http } = httpBinding(shapes.traits(rawTraits));
  const input = shapes.reference(rawInput);
  const output = shapes.reference(rawOutput);
  const token = hasIdempotencyToken(input, shapes);
  const own = endpointParameters(client.packageName, operation.endpointParameters);
  const plugins = pluginsOf(client, operation) ?? [];
  const pagination = client.paginators.get(operation.name);
  const streams: StreamingMembers = streamingMembers(input, output, shapes);
  return {
    ...http,
    idempotency: idempotencyOf({ name: operation.name, traits, boundMethod, hasIdempotencyToken: token }),
    input,
    output,
    ...(traits === 0 ? {} : { traits }),
    ...(same(operation.authSchemes, service.authSchemes) ? {} : { authSchemes: operation.authSchemes }),
    ...(Object.keys(own).length === 0 ? {} : { endpointParameters: own }),
    ...(plugins.length === 0 ? {} : { plugins }),
    ...(pagination === undefined ? {} : { pagination }),
    ...(waiters === undefined ? {} : { waiters }),
    ...streams,
    documentation,
  };
}

function waitersOf(description: ServiceDescription): {
  byOperation: ReadonlyMap<string, Record<string, Waiter>>;
  omissions: string[];
} {
  const byOperation = new Map<string, Record<string, Waiter>>();
  const omissions: string[] = [];
  for (const { name, operation, waiter } of description.waiters()) {
    if (waiter === undefined) omissions.push(`waiter ${name} of ${operation} is written in an unknown way`);
    else byOperation.set(operation, { ...byOperation.get(operation), [name]: waiter });
  }
  return { byOperation, omissions };
}

/**
 * @param client - as captured from its package
 * @throws ExtractionError when something of it cannot be written as data
 */
export function extractService(client: CapturedClient): ServiceEntity {
  const settings = protocolSettings(client);
  const description = client.description ?? packageDescription(client);
  const shapes = new ShapeCollector(client.packageName, String(settings["defaultNamespace"]));
  const service: ServiceRecord = {
    package: client.packageName,
    version: client.version,
    sdkId: client.sdkId,
    signingName: client.signingName,
    signingEscapePath: client.signingEscapePath,
    apiVersion: client.apiVersion,
    protocol: client.protocol,
    protocolSettings: settings,
    clientPlugins: client.clientPlugins,
    authSchemes: mostCommon(client.operations.map(({ authSchemes }) => authSchemes)),
    endpointParameters: endpointParameters(client.packageName, client.commonEndpointParameters),
  };
  const { byOperation, omissions } = waitersOf(description);
  const operations = client.operations
    .map((operation) => {
      const waiters = byOperation.get(operation.name);
      return [
        operation.name,
        operationRecord(client, operation, shapes, service, waiters, description.operation(operation.name)),
      ] as const;
    })
    .sort(([left], [right]) => (left < right ? -1 : 1));
  for (const schema of client.errorSchemas) {
    // The base class of the package's exceptions is no shape of the service.
    if (!schema[1].startsWith("smithy.ts.sdk.synthetic")) shapes.reference(schema);
  }
  const { parameters, root, conditions, results, nodes } = client.rules;
  return {
    service,
    operations,
    shapes: shapes.records(),
    endpoint: { parameters, root, conditions, results, nodes },
    documentation: description.members((shape) => shapes.record(shape) !== undefined),
    ...(client.modelPackage === undefined ? {} : { modelPackage: client.modelPackage }),
    omissions: [...(client.omissions ?? []), ...omissions],
  };
}
