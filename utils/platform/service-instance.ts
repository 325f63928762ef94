/** Owns what an adapter runs on: the runtime of its present properties, or the reason why there is none. */
import { type AdapterError, toAdapterError } from "../errors/adapter-error";
import { Masker } from "../logging/masker";
import type { RoleRequest } from "../settings/plan-role-chain";
import type { Settings } from "../settings/settings";
import type { CallMetrics, CallResult, IapMetadata } from "../types/call";
import type { Clock } from "../types/clock";
import { CallError, errorEnvelope, noMetrics, type SuccessEnvelope, successEnvelope } from "./envelope";
import type { OperationCall } from "./read-arguments";
import { secretsOf } from "./secrets-of-properties";

/** The part of a runtime that the platform's side needs. */
export interface PlatformRuntime {
  readonly settings: Settings;
  readonly masker: { maskText(text: string): string; maskValue(value: unknown): unknown };
  call(
    service: string,
    operation: string,
    input: Record<string, unknown>,
    options: RoleRequest & { readonly metadata?: IapMetadata; readonly metrics?: CallMetrics },
  ): Promise<CallResult>;
  close(): void;
}

/** Makes the runtime of some properties. @throws AdapterError `INVALID_PROPERTIES` */
export type OpenRuntime = (properties: unknown) => PlatformRuntime;

/** Properties put to use: with a runtime, or with the problem that they have. */
interface Deployment {
  readonly runtime?: PlatformRuntime;
  readonly problem?: AdapterError;
  readonly mask: (text: string) => string;
  callsUnderWay: number;
  retired: boolean;
}

const roleRequest = ({ kind, stsParams, roleName, metadata }: OperationCall): RoleRequest => ({
  kind,
  stsParams,
  roleName,
  callProperties: metadata?.callProperties,
});

/** One service instance of the platform. Properties may be replaced while calls are under way. */
export class ServiceInstance {
  readonly #open: OpenRuntime;
  readonly #clock: Clock;
  #deployment: Deployment;

  /** Never throws: what is wrong with the properties is the answer to every call. */
  constructor(open: OpenRuntime, clock: Clock, properties: unknown) {
    this.#open = open;
    this.#clock = clock;
    this.#deployment = this.#deploy(properties);
  }

  /** Why no call can be made, if so. */
  get problem(): AdapterError | undefined {
    return this.#deployment.problem;
  }

  get settings(): Settings | undefined {
    return this.#deployment.runtime?.settings;
  }

  get runtime(): PlatformRuntime | undefined {
    return this.#deployment.runtime;
  }

  /** The text as a person may see it. */
  mask(text: string): string {
    return this.#deployment.mask(text);
  }

  /** Puts other properties to use; calls under way finish with the ones they began with. */
  replace(properties: unknown): void {
    const old = this.#deployment;
    this.#deployment = this.#deploy(properties);
    old.retired = true;
    closeWhenIdle(old);
  }

  #deploy(properties: unknown): Deployment {
    try {
      const runtime = this.#open(properties);
      return { runtime, mask: (text) => runtime.masker.maskText(text), callsUnderWay: 0, retired: false };
    } catch (thrown) {
      const masker = new Masker();
      for (const secret of secretsOf(properties)) masker.addSecret(secret);
      const mask = (text: string) => masker.maskText(text);
      return { problem: toAdapterError(thrown), mask, callsUnderWay: 0, retired: false };
    }
  }

  /**
   * @param origin - `<id>-adapter-<method>`
   * @param read - reads the call's arguments; what it throws is the call's answer
   * @throws CallError, always: the error as the platform is given it
   */
  async call(origin: string, read: () => OperationCall): Promise<SuccessEnvelope> {
    const deployment = this.#deployment;
    const started = this.#clock.monotonic();
    const metrics = noMetrics();
    deployment.callsUnderWay += 1;
    try {
      if (deployment.runtime === undefined) throw deployment.problem;
      const call = read();
      const { service, operation, params, metadata } = call;
      const options = { ...roleRequest(call), metrics, ...(metadata === undefined ? {} : { metadata }) };
      return successEnvelope(await deployment.runtime.call(service, operation, params, options));
    } catch (thrown) {
      metrics.roundTripMs = Math.round((this.#clock.monotonic() - started) * 1000) / 1000;
      throw new CallError(errorEnvelope(toAdapterError(thrown), origin, deployment.mask, metrics));
    } finally {
      deployment.callsUnderWay -= 1;
      closeWhenIdle(deployment);
    }
  }
}

function closeWhenIdle(deployment: Deployment): void {
  if (deployment.retired && deployment.callsUnderWay === 0) deployment.runtime?.close();
}
