/** Owns what an adapter runs on: the runtime of its present properties, or the reason why there is none. */
import type { Readable } from "node:stream";
import type { FederationRequest } from "../edge/edge-types";
import { type AdapterError, toAdapterError } from "../errors/adapter-error";
import { Masker } from "../logging/masker";
import { errorType } from "../metrics/error-type";
import type { Metrics } from "../metrics/metrics";
import type { RoleRequest } from "../settings/plan-role-chain";
import type { Settings } from "../settings/settings";
import type { CallMetrics, CallResult, IapMetadata, RawRequest } from "../types/call";
import type { Clock } from "../types/clock";
import { CallQueue } from "./call-queue";
import { type ComposedCall, countedStep } from "./composed-call";
import { CallError, errorEnvelope, noMetrics, type SuccessEnvelope, successEnvelope } from "./envelope";
import type { FederationCall } from "./federation-request";
import type { RawCall } from "./generic-request";
import type { OperationCall, RoleArguments } from "./read-arguments";
import { secretsOf } from "./secrets-of-properties";
import { type PauseLimits, Suspension } from "./suspension";

interface PlatformCallOptions extends RoleRequest {
  readonly way?: "sts" | undefined;
  readonly metadata?: IapMetadata | undefined;
  readonly metrics?: CallMetrics | undefined;
  readonly maxRetries?: number | undefined;
}

/** What an instance can be asked for. */
export type InstanceCall = OperationCall | RawCall | ComposedCall | FederationCall;

/** The part of a runtime that the platform's side needs. */
export interface PlatformRuntime {
  readonly settings: Settings;
  readonly masker: { maskText(text: string): string; maskValue(value: unknown): unknown };
  call(
    service: string,
    operation: string,
    input: Record<string, unknown>,
    options: PlatformCallOptions,
  ): Promise<CallResult>;
  callRaw(request: RawRequest, options: PlatformCallOptions): Promise<CallResult>;
  openBody(value: unknown, parameter: string): Uint8Array | Readable;
  federate(request: FederationRequest, options: PlatformCallOptions): Promise<CallResult>;
  close(): void;
}

/** Makes the runtime of some properties. @throws AdapterError `INVALID_PROPERTIES` */
export type OpenRuntime = (properties: unknown) => PlatformRuntime;

/** Properties put to use: with a runtime, or with the problem that they have. */
interface Deployment {
  readonly runtime?: PlatformRuntime;
  readonly problem?: AdapterError;
  readonly mask: (text: string) => string;
  /** Without one, calls start at once. */
  readonly queue?: CallQueue;
  callsUnderWay: number;
  retired: boolean;
}

const roleRequest = ({ kind, stsParams, roleName, metadata }: RoleArguments): RoleRequest => ({
  kind,
  stsParams,
  roleName,
  callProperties: metadata?.callProperties,
});

/** Who is told how the calls of the platform go. */
interface CallWatchers {
  readonly metrics?: Metrics | undefined;
  /** Of every call that failed, but for the adapter's own checks. */
  readonly failed?: (error: CallError) => void;
}

/** A pause without `throttle.expire_timeout` ends all the same: nobody waits for ever. */
const PAUSE_LIMIT_MS = 300_000;

/** One service instance of the platform. Properties may be replaced while calls are under way. */
export class ServiceInstance {
  readonly #open: OpenRuntime;
  readonly #clock: Clock;
  readonly #failed: CallWatchers["failed"];
  readonly suspension: Suspension;
  readonly #metrics: Metrics | undefined;
  #deployment: Deployment;
  #callsActive = 0;

  /**
   * Never throws: what is wrong with the properties is the answer to every call.
   * @param watchers - who is told how the calls of the platform go
   */
  constructor(open: OpenRuntime, clock: Clock, properties: unknown, { metrics, failed }: CallWatchers = {}) {
    this.#open = open;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#failed = failed;
    this.suspension = new Suspension(clock);
    this.#deployment = this.#deploy(properties);
    metrics?.observe("callsActive", () => this.#callsActive);
    metrics?.observe("queueDepth", () => (this.#deployment.queue?.waiting ?? 0) + this.suspension.waiting);
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

  /** What iapGetAdapterQueue shows: who is under way, and who waits for what. */
  queueState(): Readonly<Record<string, unknown>> {
    const { queue, runtime } = this.#deployment;
    const { averageRuntimeMs = 0, maxInQueue = 0 } = runtime?.settings.throttle ?? {};
    const running = queue?.running ?? this.#deployment.callsUnderWay;
    const waiting = queue?.waiting ?? 0;
    return {
      throttled: queue !== undefined,
      suspended: this.suspension.mode ?? false,
      paused: this.suspension.waiting,
      running,
      waiting,
      concurrentMax: queue !== undefined && Number.isFinite(queue.limit) ? queue.limit : null,
      maxInQueue,
      expectedWaitMs: queue === undefined ? 0 : Math.ceil(waiting / queue.limit) * averageRuntimeMs,
      calls: queue?.calls() ?? [],
    };
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
      const { throttle } = runtime.settings;
      const mask = (text: string) => runtime.masker.maskText(text);
      const queue = throttle.enabled ? { queue: new CallQueue(throttle, this.#clock, this.#metrics) } : {};
      return { runtime, mask, callsUnderWay: 0, retired: false, ...queue };
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
   * @param way - `direct` for the adapter's own checks, which neither throttle nor suspension holds up
   * @throws CallError, always: the error as the platform is given it
   */
  async call(origin: string, read: () => InstanceCall, way: "queued" | "direct" = "queued"): Promise<SuccessEnvelope> {
    const deployment = this.#deployment;
    const started = this.#clock.monotonic();
    const metrics = noMetrics();
    deployment.callsUnderWay += 1;
    this.#callsActive += 1;
    let call: InstanceCall | undefined;
    let failure: string | undefined;
    try {
      const { runtime } = deployment;
      if (runtime === undefined) throw deployment.problem;
      const given = read();
      call = given;
      const { queue } = deployment;
      const waits = way === "queued" && (queue !== undefined || this.suspension.mode !== undefined);
      const send = () => sendBy(runtime, given, metrics, this.#clock);
      return successEnvelope(await (waits ? this.#queued(deployment, origin, given, metrics, send) : send()));
    } catch (thrown) {
      metrics.roundTripMs = Math.round((this.#clock.monotonic() - started) * 1000) / 1000;
      const failover = deployment.runtime?.settings.request.failoverStatuses ?? [];
      const error = toAdapterError(thrown);
      failure = errorType(error, deployment.mask);
      const failed = new CallError(errorEnvelope(error, origin, deployment.mask, metrics, failover));
      if (way === "queued") this.#failed?.(failed);
      throw failed;
    } finally {
      const seconds = (this.#clock.monotonic() - started) / 1000;
      this.#metrics?.record("calls", seconds, methodLabel(origin, call, metrics, failure), failure);
      this.#callsActive -= 1;
      deployment.callsUnderWay -= 1;
      closeWhenIdle(deployment);
    }
  }

  #queued(
    { queue, runtime }: Deployment,
    origin: string,
    { metadata }: InstanceCall,
    metrics: CallMetrics,
    send: () => Promise<CallResult>,
  ): Promise<CallResult> {
    const run = (pausedMs: number) =>
      queue === undefined
        ? send()
        : queue.run(origin, metadata?.priority, (queueMs) => {
            metrics.queueMs = Math.round(pausedMs + queueMs);
            return send();
          });
    if (this.suspension.mode === undefined) return run(0);
    const sinceMs = this.#clock.monotonic();
    return this.suspension.pass(pauseLimits(runtime?.settings)).then(() => {
      const pausedMs = this.#clock.monotonic() - sinceMs;
      metrics.queueMs = Math.round(pausedMs);
      return run(pausedMs);
    });
  }
}

/** Under which name a call is counted: never one that a caller made up, as `awsRequest` may be given any. */
function methodLabel(
  origin: string,
  call: InstanceCall | undefined,
  metrics: CallMetrics,
  failure: string | undefined,
): string {
  const method = origin.slice(origin.lastIndexOf("-") + 1);
  if (call === undefined || !("operation" in call)) return method;
  const isKnown = failure === undefined || metrics.attempts > 0 || !method.startsWith("awsRequest");
  return isKnown ? `${call.service}/${call.operation}` : method;
}

function pauseLimits(settings: Settings | undefined): PauseLimits {
  const { maxInQueue = 0, expireTimeoutMs = 0 } = settings?.throttle ?? {};
  return { maxWaiting: maxInQueue, waitMs: expireTimeoutMs === 0 ? PAUSE_LIMIT_MS : expireTimeoutMs };
}

function sendBy(runtime: PlatformRuntime, call: InstanceCall, metrics: CallMetrics, clock: Clock): Promise<CallResult> {
  if ("compose" in call) return sendComposed(runtime, call, metrics, clock);
  const { kind, stsParams, roleName, metadata } = call;
  const way = "way" in call ? call.way : undefined;
  // Written out, and not spread: this runs for every call.
  const options = { kind, stsParams, roleName, callProperties: metadata?.callProperties, metadata, metrics, way };
  if ("federation" in call) return runtime.federate(call.federation, options);
  if ("request" in call) return runtime.callRaw(call.request, options);
  return runtime.call(call.service, call.operation, call.params, options);
}

async function sendComposed(
  runtime: PlatformRuntime,
  call: ComposedCall,
  metrics: CallMetrics,
  clock: Clock,
): Promise<CallResult> {
  const startedMs = clock.monotonic();
  const result = await call.compose({
    settings: runtime.settings,
    openBody: (value, parameter) => runtime.openBody(value, parameter),
    call: ({ service, operation, params, metadata, maxRetries }) => {
      const request = { ...roleRequest(call), ...(metadata === undefined ? {} : { metadata }) };
      const options = { ...request, ...(maxRetries === undefined ? {} : { maxRetries }) };
      return countedStep(metrics, (own) => runtime.call(service, operation, params, { ...options, metrics: own }));
    },
  });
  metrics.roundTripMs = Math.round((clock.monotonic() - startedMs) * 1000) / 1000;
  return { ...result, metrics };
}

function closeWhenIdle(deployment: Deployment): void {
  if (deployment.retired && deployment.callsUnderWay === 0) deployment.runtime?.close();
}
