/** Owns one service as its entity folder describes it; every file is opened, and every entry parsed, on first use. */
import { join } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import type { Files } from "../types/files";
import { lazy } from "../types/lazy";
import type { EndpointFile, OperationRecord, ServiceRecord } from "./entity-format";
import { LineIndex } from "./line-index";
import { suggestion } from "./nearest-name";
import { type OperationModel, operationModel } from "./operation-model";
import { ShapeRegistry } from "./shape-registry";

/** The endpoint rules in the form that `decideEndpoint` of `@smithy/core/endpoints` takes, and what to key a cache by. */
export interface EndpointRules {
  readonly nodes: Int32Array;
  readonly root: number;
  readonly conditions: readonly unknown[];
  readonly results: readonly unknown[];
  readonly parameters: readonly string[];
}

export class ServiceModel {
  /** The entity folder's name, which is the client package's: `route-53`. */
  readonly name: string;
  /** The `service` line of action.json. */
  readonly record: ServiceRecord;
  readonly #operations: LineIndex;
  readonly #opened = new Map<string, OperationModel>();
  readonly #shapes: () => ShapeRegistry;
  readonly #endpointRules: () => EndpointRules;

  /**
   * @param folder - `entities/<name>`
   * @param name - the service
   * @throws AdapterError `MODEL_UNREADABLE` when action.json is missing or broken
   */
  constructor(folder: string, name: string, files: Files) {
    const read = <T>(file: string, parse: (text: string) => T): T => {
      try {
        // The catalog writes ASCII only, so that the text costs one byte a character and no decoding.
        return parse(files.read(join(folder, file)).toString("latin1"));
      } catch (cause) {
        const reason = `${file}: ${cause instanceof Error ? cause.message : String(cause)}`;
        throw new AdapterError("MODEL_UNREADABLE", { service: name, reason }, { cause });
      }
    };
    this.name = name;
    const { record, operations } = read("action.json", (text) => ({
      record: JSON.parse(text.slice(text.indexOf("{", 2), text.indexOf("\n", 2) - 1)) as ServiceRecord,
      operations: new LineIndex(text, "operations"),
    }));
    this.record = record;
    this.#operations = operations;
    this.#shapes = lazy(() => read("schema.json", (text) => new ShapeRegistry(text, this.namespace)));
    this.#endpointRules = lazy(() =>
      read("endpoint.json", (text) => {
        const { nodes, ...rules } = JSON.parse(text) as EndpointFile;
        return { ...rules, nodes: Int32Array.from(nodes) };
      }),
    );
  }

  get packageVersion(): string {
    return this.record.version;
  }

  get sdkId(): string {
    return this.record.sdkId;
  }

  get signingName(): string {
    return this.record.signingName;
  }

  get apiVersion(): string {
    return this.record.apiVersion;
  }

  /** False where the path is signed as it is sent (S3). */
  get signingEscapePath(): boolean {
    return this.record.signingEscapePath;
  }

  /** Class name in `@aws-sdk/core/protocols`. */
  get protocol(): string {
    return this.record.protocol;
  }

  /** Arguments of the protocol's constructor, but for `errorTypeRegistries`. */
  get protocolSettings(): ServiceRecord["protocolSettings"] {
    return this.record.protocolSettings;
  }

  get clientPlugins(): readonly string[] {
    return this.record.clientPlugins;
  }

  get namespace(): string {
    return String(this.record.protocolSettings["defaultNamespace"]);
  }

  /** @throws AdapterError `MODEL_UNREADABLE` */
  get shapes(): ShapeRegistry {
    return this.#shapes();
  }

  /** @throws AdapterError `MODEL_UNREADABLE` */
  get endpointRules(): EndpointRules {
    return this.#endpointRules();
  }

  operationNames(): readonly string[] {
    return this.#operations.keys();
  }

  hasOperation(name: string): boolean {
    return this.#operations.has(name);
  }

  /**
   * @param name - as AWS spells it: `DescribeInstances`
   * @throws AdapterError `UNKNOWN_OPERATION`, with the nearest name
   */
  operation(name: string): OperationModel {
    let model = this.#opened.get(name);
    if (model === undefined) {
      const record = this.#operations.read(name) as OperationRecord | undefined;
      if (record === undefined) {
        const detail = { found: name, service: this.name, suggestion: suggestion(name, this.operationNames()) };
        throw new AdapterError("UNKNOWN_OPERATION", detail);
      }
      model = operationModel(this, name, record);
      this.#opened.set(name, model);
    }
    return model;
  }
}
