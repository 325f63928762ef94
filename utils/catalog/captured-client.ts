/** Owns the shape of what is seen while a client package builds itself. */

/** What a client says about one endpoint parameter. */
export interface ParameterInstruction {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly get?: (input: unknown) => unknown;
}

export type ParameterInstructions = Readonly<Record<string, ParameterInstruction>>;

export interface PluginCall {
  readonly plugin: string;
  readonly options: unknown;
}

/** A static schema of the package, as loose as it has to be read: `[kind, namespace, name, traits, ...]`. */
export type RawSchema = readonly [number, string, string, unknown, ...unknown[]];

export interface CapturedOperation {
  readonly name: string;
  readonly schema: RawSchema;
  readonly endpointParameters: ParameterInstructions;
  readonly plugins: readonly PluginCall[];
  readonly authSchemes: readonly (readonly [scheme: string, signingName?: string])[];
}

export interface CapturedPaginator {
  readonly inputToken: string;
  readonly outputToken: string;
  readonly pageSize?: string;
}

export interface CapturedClient {
  readonly packageName: string;
  readonly version: string;
  /** Where the package is installed. */
  readonly folder: string;
  readonly sdkId: string;
  readonly signingName: string;
  readonly signingEscapePath: boolean;
  readonly apiVersion: string;
  readonly protocol: string;
  readonly protocolSettings: Readonly<Record<string, unknown>>;
  readonly errorSchemas: readonly RawSchema[];
  readonly clientPlugins: readonly string[];
  readonly commonEndpointParameters: ParameterInstructions;
  readonly rules: {
    readonly nodes: readonly number[];
    readonly root: number;
    readonly conditions: readonly unknown[];
    readonly results: readonly unknown[];
    readonly parameters: readonly string[];
  };
  readonly operations: readonly CapturedOperation[];
  /** By operation name. */
  readonly paginators: ReadonlyMap<string, CapturedPaginator>;
  readonly exports: Readonly<Record<string, unknown>>;
}
