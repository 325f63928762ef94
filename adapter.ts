/** Owns the class that a platform loads: its fields, its events, its methods. Everything else is in utils/. */
import { EventEmitter } from "node:events";
import { toAdapterError } from "./utils/errors/adapter-error";
import { errorEntry } from "./utils/errors/error-table";
import { createLogger } from "./utils/logging/platform-logger";
import type { Metrics } from "./utils/metrics/metrics";
import type { EntityIndex } from "./utils/models/entity-format";
import type { AdapterParts } from "./utils/platform/adapter-parts";
import { answer, CallbackListener, rethrowLater } from "./utils/platform/answer-callback";
import { bindPair } from "./utils/platform/bind-operations";
import { bindPlatformMethods, type PlatformMethod, type PlatformMethods } from "./utils/platform/bind-platform-methods";
import { EntityCache } from "./utils/platform/entity-cache";
import { CallError, type ErrorEnvelope, errorEnvelope, noMetrics } from "./utils/platform/envelope";
import { Health, type HealthcheckType, type HealthEvent } from "./utils/platform/health";
import { identityCheck } from "./utils/platform/identity-check";
import { openRuntime } from "./utils/platform/open-runtime";
import { addOperationMethods } from "./utils/platform/operation-methods";
import { performances } from "./utils/platform/perform";
import { operationCall, splitCallback } from "./utils/platform/read-arguments";
import { S3_CONNECTION, S3Connection, s3ConnectionOperations } from "./utils/platform/s3-connection/s3-connection";
import type { InstanceCall } from "./utils/platform/send-call";
import { type OpenRuntime, ServiceInstance } from "./utils/platform/service-instance";
import { adapterFolderOf } from "./utils/runtime/adapter-folder";
import type { Dependencies } from "./utils/runtime/create-runtime";
import { defaultDependencies } from "./utils/runtime/default-dependencies";
import { validateProperties } from "./utils/settings/validate-properties";
import type { Logger } from "./utils/types/logger";

const index: EntityIndex = require("./entities/index.json");

/** What only the platform calls; every other function is a method of pronghorn.json. */
const platformFunctions: ReadonlySet<string> = new Set([
  "connect",
  "healthCheck",
  "refreshProperties",
  "getAllFunctions",
  "iapGetAdapterWorkflowFunctions",
  "checkActionFiles",
  "checkProperties",
  "encryptProperty",
]);

const TIMEOUT_ICODE = errorEntry("TIMEOUT").icode;

/** What tests and the command line put in place of the process's own. */
interface Overrides extends Partial<Omit<Dependencies, "metrics">> {
  readonly metrics?: Metrics;
  readonly openRuntime?: OpenRuntime;
}

/**
 * One AWS service instance of the platform. Beside the methods below it has two for each operation of each service in
 * `entities/`: `ec2DescribeInstances(params, iapMetadata?, callback?)` and
 * `ec2DescribeInstancesSTSRole(params, stsParams, roleName, iapMetadata?, callback?)`. A callback is given `(data, error)`,
 * once; without a callback a method returns a promise.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are bound to the prototype below, from a table
class AwsAdapter extends EventEmitter {
  readonly id: string;
  healthcheckType: HealthcheckType = "startup";
  readonly #logger: Logger;
  readonly #instance: ServiceInstance;
  readonly #health: Health;
  readonly #s3Connection: S3Connection;
  readonly #parts: Omit<AdapterParts, "call" | "properties">;
  readonly #exposure: ReturnType<typeof defaultDependencies>["exposeMetrics"];
  #allProps: unknown;

  /**
   * Never throws: properties that are wrong keep the adapter OFFLINE, and every call answers what is wrong with them.
   * @param id - of the service instance
   * @param properties - of the service instance, as propertiesSchema.json describes them
   * @param overrides - not for platforms
   */
  constructor(id: string, properties: unknown, overrides: Overrides = {}) {
    super();
    this.id = typeof id === "string" && id !== "" ? id : "adapter-aws";
    this.#allProps = properties;
    this.#logger = overrides.logger ?? createLogger(this.id, (globalThis as { log?: unknown }).log);
    const dependencies = { ...defaultDependencies(adapterFolderOf(__dirname), this.#logger, this.id), ...overrides };
    const open = overrides.openRuntime ?? ((given) => openRuntime(this.id, given, dependencies));
    this.#instance = new ServiceInstance(open, dependencies.clock, properties, {
      metrics: dependencies.metrics,
      failed: (failed) => this.#checkAfter(failed),
    });
    this.#s3Connection = new S3Connection(dependencies.clock);
    this.#exposure = dependencies.exposeMetrics;
    this.#health = new Health({
      clock: dependencies.clock,
      logger: this.#logger,
      emit: (event) => this.#tell(event),
      check: () => this.#checkIdentity(),
    });
    this.#parts = {
      id: this.id,
      instance: this.#instance,
      health: this.#health,
      entities: new EntityCache(),
      metrics: dependencies.metrics,
      clock: dependencies.clock,
      environment: dependencies.environment,
      randomBytes: dependencies.randomBytes,
      files: dependencies.files,
      folder: dependencies.adapterFolder,
      dependencies,
      refresh: (given) => this.refreshProperties(given),
      methods: () => this.iapGetAdapterWorkflowFunctions(),
      reopen: () => this.#instance.replace(this.#allProps),
    };
    this.#readHealthcheckType();
  }

  /** The properties as given. They hold secrets: nothing prints them with the adapter, as no own field holds them. */
  get allProps(): unknown {
    return this.#allProps;
  }

  /** Whether the platform has connected the adapter. */
  get alive(): boolean {
    return this.#health.alive;
  }

  /** Whether the last health check passed. */
  get healthy(): boolean {
    return this.#health.healthy;
  }

  /** Emits OFFLINE, then ONLINE (check type none), or FIXED and ONLINE when the health check passes. Never rejects. */
  async connect(): Promise<void> {
    const { settings } = this.#instance;
    for (const warning of settings?.warnings ?? []) this.#logger.warn(this.#instance.mask(warning));
    await this.#exposeMetrics();
    await this.#health.connect(this.healthcheckType, settings?.healthcheck.frequencyMs ?? 0);
  }

  /** Asks AWS who the adapter acts as by default, and answers true or false. */
  healthCheck(reqObj?: unknown, callback?: unknown): Promise<boolean> | undefined {
    const given = splitCallback([reqObj, callback]);
    return answer(this.#health.run(), given.callback, () => false, this.#onCallbackFault);
  }

  /** Puts other properties to use without a restart; calls under way finish with the old ones. */
  refreshProperties(properties: unknown): void {
    this.#allProps = properties;
    this.#instance.replace(properties);
    this.#parts.entities.clear();
    this.#readHealthcheckType();
    const { problem, settings } = this.#instance;
    if (problem !== undefined) this.#logger.error(this.#instance.mask(problem.displayString));
    void this.#exposeMetrics();
    void this.#health.restart(this.healthcheckType, settings?.healthcheck.frequencyMs ?? 0);
  }

  /** Names of all functions of the adapter. */
  getAllFunctions(): string[] {
    const levels: object[] = [];
    for (let at: object = prototypeOfAdapter(); at !== EventEmitter.prototype; at = Object.getPrototypeOf(at)) {
      levels.push(at);
    }
    return levels
      .flatMap((functions) => Object.getOwnPropertyNames(functions))
      .filter((name) => name !== "constructor" && typeof this[name as keyof this] === "function")
      .sort();
  }

  /** Names of the functions that a workflow may use, without those in `ignore`. */
  iapGetAdapterWorkflowFunctions(ignore?: readonly string[]): string[] {
    const ignored = new Set(Array.isArray(ignore) ? ignore : []);
    return this.getAllFunctions().filter((name) => !platformFunctions.has(name) && !ignored.has(name));
  }

  /** What is wrong with the entity files: one text each, none for an adapter that is whole. */
  checkActionFiles(): string[] {
    const { checkEntities } =
      require("./utils/platform/installation") as typeof import("./utils/platform/installation");
    return checkEntities(this.#parts);
  }

  /** The properties with every default filled in, or `{ exception }` that names the property to correct. */
  checkProperties(properties: unknown): Record<string, unknown> {
    try {
      return validateProperties(properties).properties;
    } catch (thrown) {
      return { exception: this.#instance.mask(toAdapterError(thrown).displayString) };
    }
  }

  static {
    const methods = bindPlatformMethods<AwsAdapter>(EventEmitter.prototype, (adapter, method, given) =>
      adapter.#perform(method, given),
    );
    for (const operation of s3ConnectionOperations) {
      bindPair<AwsAdapter>(methods, S3_CONNECTION, S3_CONNECTION, operation, (adapter, method, _, __, kind, given) =>
        adapter.#operate(method, given, (values) => adapter.#s3Connection.call(operation, kind, values)),
      );
    }
    addOperationMethods<AwsAdapter>(methods, index, (adapter, method, service, operation, kind, given) =>
      adapter.#operate(method, given, (values) => operationCall(service, operation, kind, values)),
    );
    // biome-ignore lint/complexity/noThisInStatic: a class that names itself inside is given another name by the bundler
    Object.setPrototypeOf(this.prototype, methods);
  }

  #perform(method: PlatformMethod, given: readonly unknown[]) {
    return this.#run(method, given, async (origin, values) => {
      const call: AdapterParts["call"] = (read, way) => this.#instance.call(origin, read, way);
      try {
        return await performances[method]({ ...this.#parts, properties: this.#allProps, call }, values);
      } catch (thrown) {
        throw thrown instanceof CallError ? thrown : new CallError(this.#envelopeOf(thrown, origin));
      }
    });
  }

  #checkAfter(failed: CallError): void {
    if (failed.icode !== TIMEOUT_ICODE) return;
    if (this.#instance.settings?.request.healthcheckOnTimeout) void this.#health.run();
  }

  /** Calls an operation. Where there is a callback, no promise is made that would have to wait with the call. */
  #operate(method: string, given: ArrayLike<unknown>, read: (values: readonly unknown[]) => InstanceCall) {
    const { values, callback } = splitCallback(given);
    const origin = `${this.id}-adapter-${method}`;
    if (callback === undefined) return this.#instance.call(origin, () => read(values));
    return this.#instance.start(origin, () => read(values), new CallbackListener(callback, this.#onCallbackFault));
  }

  #run<Data>(
    method: string,
    given: readonly unknown[],
    perform: (origin: string, values: readonly unknown[]) => Promise<Data>,
  ) {
    const { values, callback } = splitCallback(given);
    const origin = `${this.id}-adapter-${method}`;
    const outcome = perform(origin, values);
    return answer(outcome, callback, (reason) => this.#envelopeOf(reason, origin), this.#onCallbackFault);
  }

  #envelopeOf(reason: unknown, origin: string): ErrorEnvelope {
    if (reason instanceof CallError) return reason.toEnvelope();
    return errorEnvelope(toAdapterError(reason), origin, (text) => this.#instance.mask(text), noMetrics());
  }

  readonly #onCallbackFault = (thrown: unknown): void => {
    const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.#logger.error(this.#instance.mask(`a callback or an event listener threw: ${reason}`));
    rethrowLater(thrown);
  };

  /** A listener that throws is the platform's fault, and no reason for the adapter not to know how it is. */
  #tell(event: HealthEvent): void {
    try {
      this.emit(event, { id: this.id });
    } catch (thrown) {
      this.#onCallbackFault(thrown);
    }
  }

  async #checkIdentity(): Promise<void> {
    const origin = `${this.id}-adapter-healthCheck`;
    const { settings } = this.#instance;
    await this.#instance.call(origin, () => identityCheck(settings), "direct");
  }

  async #exposeMetrics(): Promise<void> {
    const warn = (message: string) => this.#logger.warn(this.#instance.mask(message));
    const folder = this.#instance.settings?.metricsFolder;
    const snapshot = () => this.#parts.metrics.snapshot();
    await this.#exposure({ folder, id: this.id, snapshot, warn });
  }

  #readHealthcheckType(): void {
    this.healthcheckType = this.#instance.settings?.healthcheck.type ?? "startup";
  }
}

function prototypeOfAdapter(): object {
  return AwsAdapter.prototype;
}

/** The methods that every adapter of the platform has. */
interface AwsAdapter extends PlatformMethods {}

export = AwsAdapter;
