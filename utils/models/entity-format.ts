/** Owns the shape of the files in entities/<service>/, between the catalog that writes them and the models that read them. */

/** A trait bit vector, or an object of traits. https://smithy.io/2.0/trait-index.html */
export type Traits = number | Readonly<Record<string, unknown>>;

/** A simple type by number, a shape by name, `smithy.api#Unit` for none, or one of these with member traits. */
export type ShapeReference = number | string | readonly [ShapeReference, Traits];

/** The reference that stands for no input or no output. */
export const UNIT = "smithy.api#Unit";

/** `[kind, traits, ...rest]`: Smithy's static schema without namespace and name, which are its key. */
export type ShapeRecord =
  | readonly [kind: 0 | 1, traits: Traits, target: ShapeReference]
  | readonly [kind: 2, traits: Traits, key: ShapeReference, value: ShapeReference]
  | readonly [
      kind: 3 | 4 | -3,
      traits: Traits,
      names: readonly string[],
      members: readonly ShapeReference[],
      required?: number,
    ];

/** Where the value of one endpoint parameter comes from. https://smithy.io/2.0/additional-specs/rules-engine/parameters.html */
export type EndpointParameter =
  | { readonly type: "static"; readonly value: string | boolean | readonly string[] }
  /** A top-level member of the input. */
  | { readonly type: "context"; readonly name: string }
  /** Values selected from the input by a path expression. */
  | { readonly type: "operationContext"; readonly path: string }
  /** A setting of the client. */
  | { readonly type: "builtIn" | "clientContext"; readonly name: string };

export type EndpointParameters = Readonly<Record<string, EndpointParameter>>;

/** A service customisation that the SDK does in middleware, by the name of its plugin. */
export type Plugin = readonly [name: string, options?: Readonly<Record<string, unknown>>];

/** Scheme as in its Smithy id (`sigv4`, `sigv4a`, `httpBearerAuth`, `noAuth`), in order of preference. */
export type AuthScheme = readonly [scheme: string, signingName?: string];

/** Names of members, the output's as a path with dots. https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait */
export interface Pagination {
  readonly inputToken: string;
  readonly outputToken: string;
  readonly pageSize?: string;
  readonly more?: string;
}

/** https://smithy.io/2.0/additional-specs/waiters.html */
export interface WaiterAcceptor {
  readonly state: "success" | "failure" | "retry";
  readonly matcher:
    | { readonly success: boolean }
    | { readonly errorType: string }
    | {
        readonly output: {
          readonly path: string;
          readonly expected: string;
          readonly comparator: "stringEquals" | "booleanEquals" | "allStringEquals" | "anyStringEquals";
        };
      };
}

export interface Waiter {
  readonly minDelaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly acceptors: readonly WaiterAcceptor[];
}

/** Whether a request may be sent again when the first one may have been processed. */
export type Idempotency = "idempotent" | "unsafe";

/** The `service` line of action.json. */
export interface ServiceRecord {
  readonly package: string;
  readonly version: string;
  readonly sdkId: string;
  readonly signingName: string;
  /** False where the path is signed as it is sent (S3), true where it is encoded once more. */
  readonly signingEscapePath: boolean;
  readonly apiVersion: string;
  /** Class name in `@aws-sdk/core/protocols`, or one of the S3 client's own. */
  readonly protocol: string;
  readonly protocolSettings: Readonly<Record<string, string | number | boolean>>;
  readonly clientPlugins: readonly string[];
  readonly authSchemes: readonly AuthScheme[];
  readonly endpointParameters: EndpointParameters;
}

/** One line of `operations` in action.json; what it leaves out is the service's. */
export interface OperationRecord {
  readonly method: string;
  /** With `{labels}` and a fixed query, as in the Smithy http trait. */
  readonly path: string;
  /** Expected status; only of protocols that bind to HTTP. */
  readonly code?: number;
  readonly idempotency: Idempotency;
  readonly input: ShapeReference;
  readonly output: ShapeReference;
  readonly traits?: Traits;
  readonly authSchemes?: readonly AuthScheme[];
  readonly endpointParameters?: EndpointParameters;
  readonly plugins?: readonly Plugin[];
  readonly pagination?: Pagination;
  readonly waiters?: Readonly<Record<string, Waiter>>;
  readonly streamingInput?: string;
  readonly streamingOutput?: string;
  readonly eventStreamInput?: string;
  readonly eventStreamOutput?: string;
  readonly documentation: string;
}

/** endpoint.json: a decision diagram over conditions. https://smithy.io/2.0/additional-specs/rules-engine/ */
export interface EndpointFile {
  /** Names of the parameters that change the result. */
  readonly parameters: readonly string[];
  readonly root: number;
  readonly conditions: readonly unknown[];
  readonly results: readonly unknown[];
  /** Triples of condition, next node when true, next node when false. */
  readonly nodes: readonly number[];
}

/** entities/index.json: what the adapter binds its methods from. */
export type EntityIndex = Readonly<Record<string, IndexedService>>;

export interface IndexedService {
  /** Of the names of its methods. */
  readonly prefix: string;
  /** Of its client package. */
  readonly version: string;
  /** Whether its operations are methods of the adapter, or reached by `awsRequest` only. */
  readonly reach: "methods" | "awsRequest";
  readonly operations: readonly string[];
}
