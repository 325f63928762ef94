/** Owns what is known about one operation, in the form that the client works with. */
import type { $OperationSchema, $SchemaRef, SchemaTraits } from "@smithy/types";
import type {
  AuthScheme,
  EndpointParameters,
  Idempotency,
  OperationRecord,
  Pagination,
  Plugin,
  Waiter,
} from "./entity-format";
import type { ServiceModel } from "./service-model";

export interface OperationModel {
  readonly service: ServiceModel;
  readonly name: string;
  readonly method: string;
  /** With `{labels}` and a fixed query; `/` for protocols that do not bind to HTTP. */
  readonly path: string;
  /** One sentence. */
  readonly documentation: string;
  readonly idempotency: Idempotency;
  /** What `protocol.serializeRequest` and `deserializeResponse` take. */
  readonly schema: $OperationSchema;
  /** Wrap with `NormalizedSchema.of`. */
  readonly input: $SchemaRef;
  readonly output: $SchemaRef;
  /** The service's and the operation's own. */
  readonly endpointParameters: EndpointParameters;
  /** The operation's plugins, then the client's. */
  readonly plugins: readonly Plugin[];
  /** In order of preference; an endpoint's own `authSchemes` win over these. */
  readonly authSchemes: readonly AuthScheme[];
  readonly pagination?: Pagination;
  /** By waiter name (`InstanceRunning`); empty for most. */
  readonly waiters: Readonly<Record<string, Waiter>>;
  /** Name of the member that is a streamed body. */
  readonly streamingInput?: string;
  readonly streamingOutput?: string;
  /** Name of the member that is a stream of events. */
  readonly eventStreamInput?: string;
  readonly eventStreamOutput?: string;
}

/** A Smithy object of traits out of a bit vector or an object. */
function withHttp(record: OperationRecord): SchemaTraits {
  const traits = record.traits ?? 0;
  if (record.code === undefined) return traits as SchemaTraits;
  const http: [string, string, number] = [record.method, record.path, record.code];
  if (typeof traits === "object") return { ...traits, http };
  // Bit 1 is the only one that an operation has. https://smithy.io/2.0/spec/behavior-traits.html#idempotent-trait
  return (traits & 2) === 2 ? { idempotent: 1, http } : { http };
}

/**
 * @param service - the model it belongs to
 * @param name - as AWS spells it
 * @param record - its line in action.json
 */
export function operationModel(service: ServiceModel, name: string, record: OperationRecord): OperationModel {
  const { shapes, namespace, record: defaults } = service;
  const input = shapes.resolve(record.input);
  const output = shapes.resolve(record.output);
  const clientPlugins = defaults.clientPlugins.map((plugin): Plugin => [plugin]);
  const { pagination, streamingInput, streamingOutput, eventStreamInput, eventStreamOutput } = record;
  return {
    service,
    name,
    method: record.method,
    path: record.path,
    documentation: record.documentation,
    idempotency: record.idempotency,
    schema: { namespace, name, traits: withHttp(record), input, output },
    input,
    output,
    endpointParameters: { ...defaults.endpointParameters, ...record.endpointParameters },
    plugins: record.plugins === undefined ? clientPlugins : [...record.plugins, ...clientPlugins],
    authSchemes: record.authSchemes ?? defaults.authSchemes,
    waiters: record.waiters ?? {},
    ...(pagination === undefined ? {} : { pagination }),
    ...(streamingInput === undefined ? {} : { streamingInput }),
    ...(streamingOutput === undefined ? {} : { streamingOutput }),
    ...(eventStreamInput === undefined ? {} : { eventStreamInput }),
    ...(eventStreamOutput === undefined ? {} : { eventStreamOutput }),
  };
}
