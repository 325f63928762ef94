/** Owns what an entity folder says about its service as a whole; shapes and endpoint rules are opened on first use. */
import { lazy } from "../types/lazy";
import type { EntityFolder } from "./entity-folder";
import type { EndpointFile, ServiceRecord } from "./entity-format";
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
  readonly #shapes: () => ShapeRegistry;
  readonly #endpointRules: () => EndpointRules;

  /**
   * @param folder - where schema.json and endpoint.json are read when they are needed
   * @param record - the `service` line of action.json
   */
  constructor(folder: EntityFolder, record: ServiceRecord) {
    this.name = folder.service;
    this.record = record;
    this.#shapes = lazy(() => folder.read("schema.json", (bytes) => new ShapeRegistry(bytes, this.namespace)));
    this.#endpointRules = lazy(() =>
      folder.read("endpoint.json", (bytes) => {
        const { nodes, ...rules } = JSON.parse(bytes.toString("latin1")) as EndpointFile;
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
}
