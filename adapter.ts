/** Owns the class that a platform loads: its fields, its events, its methods. Everything else is in utils/. */
import { EventEmitter } from "node:events";
import { toAdapterError } from "./utils/errors/adapter-error";
import { createLogger } from "./utils/logging/platform-logger";
import type { EntityIndex } from "./utils/models/entity-format";
import { answer, rethrowLater } from "./utils/platform/answer-callback";
import { bindOperations } from "./utils/platform/bind-operations";
import { CallError, type ErrorEnvelope, errorEnvelope, noMetrics } from "./utils/platform/envelope";
import { Health, type HealthcheckType } from "./utils/platform/health";
import { identityCheck } from "./utils/platform/identity-check";
import { type OperationCall, operationCall, splitCallback, textArgument } from "./utils/platform/read-arguments";
import { type OpenRuntime, ServiceInstance } from "./utils/platform/service-instance";
import { createRuntime, type Dependencies, type Runtime } from "./utils/runtime/create-runtime";
import { defaultDependencies } from "./utils/runtime/default-dependencies";
import { parseSettings } from "./utils/settings/parse-settings";
import type { Logger } from "./utils/types/logger";

const index: EntityIndex = require("./entities/index.json");

/** What only the platform calls; every other function is a method of pronghorn.json. */
const platformFunctions: ReadonlySet<string> = new Set([
  "connect",
  "healthCheck",
  "refreshProperties",
  "getAllFunctions",
  "iapGetAdapterWorkflowFunctions",
]);

/** What tests and the command line put in place of the process's own. */
interface Overrides extends Partial<Dependencies> {
  readonly openRuntime?: OpenRuntime;
}

/**
 * One AWS service instance of the platform. Beside the methods below it has two for each operation of each service in
 * `entities/`: `ec2DescribeInstances(params, iapMetadata?, callback?)` and
 * `ec2DescribeInstancesSTSRole(params, stsParams, roleName, iapMetadata?, callback?)`. A callback is given `(data, error)`,
 * once; without a callback a method returns a promise.
 */
class AwsAdapter extends EventEmitter {
  readonly id: string;
  healthcheckType: HealthcheckType = "startup";
  readonly #logger: Logger;
  readonly #instance: ServiceInstance;
  readonly #health: Health;
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
    const dependencies = { ...defaultDependencies(__dirname, this.#logger), ...overrides };
    const open = overrides.openRuntime ?? ((given) => openRuntime(this.id, given, dependencies));
    this.#instance = new ServiceInstance(open, dependencies.clock, properties);
    this.#health = new Health({
      clock: dependencies.clock,
      logger: this.#logger,
      emit: (event) => this.emit(event, { id: this.id }),
      check: () => this.#checkIdentity(),
    });
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
    this.#readHealthcheckType();
    const { problem, settings } = this.#instance;
    if (problem !== undefined) this.#logger.error(this.#instance.mask(problem.displayString));
    void this.#health.restart(this.healthcheckType, settings?.healthcheck.frequencyMs ?? 0);
  }

  /** Names of all functions of the adapter. */
  getAllFunctions(): string[] {
    const own = AwsAdapter.prototype;
    return [own, Object.getPrototypeOf(own)]
      .flatMap((functions) => Object.getOwnPropertyNames(functions))
      .filter((name) => name !== "constructor" && typeof this[name as keyof this] === "function")
      .sort();
  }

  /** Names of the functions that a workflow may use, without those in `ignore`. */
  iapGetAdapterWorkflowFunctions(ignore?: readonly string[]): string[] {
    const ignored = new Set(Array.isArray(ignore) ? ignore : []);
    return this.getAllFunctions().filter((name) => !platformFunctions.has(name) && !ignored.has(name));
  }

  // biome-ignore-start lint/correctness/noUnusedFunctionParameters: those who read a method's text read their names
  // biome-ignore-start lint/complexity/noArguments: what counts is all that was given, and a rest parameter is one more name
  /**
   * Calls any operation of any service in `entities/`.
   * @param service - name of the entity folder, `secrets-manager`
   * @param operation - as AWS spells it, `GetSecretValue`
   */
  awsRequest(service: unknown, operation: unknown, params?: unknown, iapMetadata?: unknown, callback?: unknown) {
    return this.#run("awsRequest", [...arguments], (values) => anyOperation("plain", values));
  }

  /** Like {@link AwsAdapter.awsRequest}, as the role that `stsParams` or `roleName` names. */
  awsRequestSTSRole(
    service: unknown,
    operation: unknown,
    params?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ) {
    return this.#run("awsRequestSTSRole", [...arguments], (values) => anyOperation("STSRole", values));
  }

  // biome-ignore-end lint/complexity/noArguments: see above
  // biome-ignore-end lint/correctness/noUnusedFunctionParameters: see above

  static {
    const methods = bindOperations<AwsAdapter>(EventEmitter.prototype, index, (adapter, method, service, ...which) => {
      const [operation, kind, given] = which;
      return adapter.#run(method, given, (values) => operationCall(service, operation, kind, values));
    });
    Object.setPrototypeOf(AwsAdapter.prototype, methods);
  }

  #run(method: string, given: readonly unknown[], read: (values: readonly unknown[]) => OperationCall) {
    const { values, callback } = splitCallback(given);
    const origin = `${this.id}-adapter-${method}`;
    const outcome = this.#instance.call(origin, () => read(values));
    return answer(outcome, callback, (reason) => this.#envelopeOf(reason, origin), this.#onCallbackFault);
  }

  #envelopeOf(reason: unknown, origin: string): ErrorEnvelope {
    if (reason instanceof CallError) return reason.toEnvelope();
    return errorEnvelope(toAdapterError(reason), origin, (text) => this.#instance.mask(text), noMetrics());
  }

  readonly #onCallbackFault = (thrown: unknown): void => {
    const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.#logger.error(this.#instance.mask(`the callback of a call threw: ${reason}`));
    rethrowLater(thrown);
  };

  async #checkIdentity(): Promise<void> {
    const origin = `${this.id}-adapter-healthCheck`;
    const { settings } = this.#instance;
    await this.#instance.call(origin, () => identityCheck(settings));
  }

  #readHealthcheckType(): void {
    this.healthcheckType = this.#instance.settings?.healthcheck.type ?? "startup";
  }
}

/** @throws AdapterError when the properties are wrong, or no call could ever be signed with them */
function openRuntime(id: string, properties: unknown, dependencies: Dependencies): Runtime {
  const runtime = createRuntime(parseSettings(id, properties, dependencies.environment), dependencies);
  try {
    runtime.plan({ kind: "plain" });
    return runtime;
  } catch (thrown) {
    runtime.close();
    throw thrown;
  }
}

function anyOperation(kind: OperationCall["kind"], values: readonly unknown[]): OperationCall {
  const [service, operation, ...rest] = values;
  const named = { service: textArgument("service", service), operation: textArgument("operation", operation) };
  return operationCall(named.service ?? "", named.operation ?? "", kind, rest);
}

export = AwsAdapter;
