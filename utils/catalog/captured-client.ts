/** Owns the shape of what is seen while a client package builds itself. */
import type { Waiter } from "../models/entity-format";

/** `[sentence]`, or `[sentence, enumeration]`; the enumeration is that of the values, or of the elements of a list. */
export type MemberDocumentation = readonly [sentence: string, enumeration?: string];

export interface ServiceDocumentation {
  /** By shape name, then by member name; sorted by shape. */
  readonly shapes: readonly (readonly [string, Readonly<Record<string, MemberDocumentation>>])[];
  /** By name of the enumeration, sorted. */
  readonly enumerations: readonly (readonly [string, readonly string[]])[];
}

export interface ExtractedWaiter {
  /** `InstanceRunning` */
  readonly name: string;
  readonly operation: string;
  /** Undefined when it is written in a way that is not known. */
  readonly waiter: Waiter | undefined;
}

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

/** What a package says in words, or in code that is not run. */
export interface ServiceDescription {
  /** One sentence on an operation; empty for none. */
  operation(name: string): string;
  /** @param keep - whether a shape's members are worth their space */
  members(keep: (shape: string) => boolean): ServiceDocumentation;
  waiters(): readonly ExtractedWaiter[];
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
  /** Where it is not the package itself that is read for it. */
  readonly description?: ServiceDescription;
  /** The package of the API model that shapes were read from, and its version, where it is another one. */
  readonly modelPackage?: string;
  /** What of the service could not be captured, in words. */
  readonly omissions?: readonly string[];
}
