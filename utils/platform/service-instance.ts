/** Owns what an adapter runs on: the runtime of its present properties, or the reason why there is none. */
import { type AdapterError, toAdapterError } from "../errors/adapter-error";
import { Masker } from "../logging/masker";
import { errorType } from "../metrics/error-type";
import type { Metrics } from "../metrics/metrics";
import type { Settings } from "../settings/settings";
import type { CallMetrics, CallResult } from "../types/call";
import type { Clock } from "../types/clock";
import { CallQueue } from "./call-queue";
import { CallError, errorEnvelope, noMetrics, type SuccessEnvelope, successEnvelope } from "./envelope";
import { secretsOf } from "./secrets-of-properties";
import { type InstanceCall, type PlatformRuntime, sendCall } from "./send-call";
import { type PauseLimits, Suspension } from "./suspension";

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

/** Who is told how the calls of the platform go. */
interface CallWatchers {
  readonly metrics?: Metrics | undefined;
  /** Of every call that failed, but for the adapter's own checks. */
  readonly failed?: (error: CallError) => void;
}

/** Whether throttle and suspension hold a call up. */
type CallWay = "queued" | "direct";

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

  /** As {@link start}. @throws CallError, always: the error as the platform is given it */
  call(origin: string, read: () => InstanceCall, way?: CallWay): Promise<SuccessEnvelope> {
    return new Promise((resolve, reject) => this.start(origin, read, resolve, reject, way));
  }

  /**
   * @param origin - `<id>-adapter-<method>`
   * @param read - reads the call's arguments; what it throws is the call's answer
   * @param onAnswer - is called, or else `onError`: one of the two, once, and after this has returned
   * @param way - `direct` for the adapter's own checks, which neither throttle nor suspension holds up
   */
  start(
    origin: string,
    read: () => InstanceCall,
    onAnswer: (answer: SuccessEnvelope) => void,
    onError: (error: CallError) => void,
    way: CallWay = "queued",
  ): void {
    const deployment = this.#deployment;
    const { runtime, mask } = deployment;
    const started = this.#clock.monotonic();
    const metrics = noMetrics();
    let call: InstanceCall | undefined;
    deployment.callsUnderWay += 1;
    this.#callsActive += 1;
    const end = (failure: string | undefined): void => {
      const seconds = (this.#clock.monotonic() - started) / 1000;
      this.#metrics?.record("calls", seconds, methodLabel(origin, call, metrics, failure), failure);
      this.#callsActive -= 1;
      deployment.callsUnderWay -= 1;
      closeWhenIdle(deployment);
    };
    const succeed = (result: CallResult): void => {
      let answer: SuccessEnvelope;
      try {
        answer = successEnvelope(result);
      } catch (thrown) {
        fail(thrown);
        return;
      }
      end(undefined);
      onAnswer(answer);
    };
    const fail = (thrown: unknown): void => {
      metrics.roundTripMs = Math.round((this.#clock.monotonic() - started) * 1000) / 1000;
      const error = toAdapterError(thrown);
      const failover = runtime?.settings.request.failoverStatuses ?? [];
      const failed = new CallError(errorEnvelope(error, origin, mask, metrics, failover));
      end(errorType(error, mask));
      if (way === "queued") this.#failed?.(failed);
      onError(failed);
    };
    try {
      if (runtime === undefined) throw deployment.problem;
      const given = read();
      call = given;
      const waits = way === "queued" && (deployment.queue !== undefined || this.suspension.mode !== undefined);
      if (waits) this.#queue(deployment, origin, given, metrics, succeed, fail);
      else sendCall(runtime, given, metrics, this.#clock).then(succeed, fail);
    } catch (thrown) {
      queueMicrotask(() => fail(thrown));
    }
  }

  #queue(
    { queue, runtime }: Deployment,
    origin: string,
    call: InstanceCall,
    metrics: CallMetrics,
    succeed: (result: CallResult) => void,
    fail: (thrown: unknown) => void,
  ): void {
    const enter = (pausedMs: number): void => {
      const send = async (queueMs: number): Promise<CallResult> => {
        metrics.queueMs = Math.round(pausedMs + queueMs);
        return sendCall(runtime as PlatformRuntime, call, metrics, this.#clock);
      };
      if (queue === undefined) send(0).then(succeed, fail);
      else queue.enter(origin, call.metadata?.priority, send, succeed, fail);
    };
    if (this.suspension.mode === undefined) {
      enter(0);
      return;
    }
    const sinceMs = this.#clock.monotonic();
    const resumed = (): void => {
      const pausedMs = this.#clock.monotonic() - sinceMs;
      metrics.queueMs = Math.round(pausedMs);
      enter(pausedMs);
    };
    this.suspension.pass(pauseLimits(runtime?.settings)).then(resumed, fail);
  }
}

/** Under which name a call is counted: never one that a caller made up, as `awsRequest` may be given any. */
function methodLabel(
  origin: string,
  call: InstanceCall | undefined,
  metrics: CallMetrics,
  failure: string | undefined,
): string {
  const named = call !== undefined && "operation" in call ? `${call.service}/${call.operation}` : undefined;
  if (named !== undefined && (failure === undefined || metrics.attempts > 0)) return named;
  const method = origin.slice(origin.lastIndexOf("-") + 1);
  return named === undefined || method.startsWith("awsRequest") ? method : named;
}

function pauseLimits(settings: Settings | undefined): PauseLimits {
  const { maxInQueue = 0, expireTimeoutMs = 0 } = settings?.throttle ?? {};
  return { maxWaiting: maxInQueue, waitMs: expireTimeoutMs === 0 ? PAUSE_LIMIT_MS : expireTimeoutMs };
}

function closeWhenIdle(deployment: Deployment): void {
  if (deployment.retired && deployment.callsUnderWay === 0) deployment.runtime?.close();
}
