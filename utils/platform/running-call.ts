/** Owns one call of the platform, from its arguments to its only answer. */
import { toAdapterError } from "../errors/adapter-error";
import { errorType } from "../metrics/error-type";
import type { CallMetrics, CallResult } from "../types/call";
import type { Clock } from "../types/clock";
import type { QueuedTask } from "./call-queue";
import { CallError, errorEnvelope, noMetrics, type SuccessEnvelope, successEnvelope } from "./envelope";
import { type InstanceCall, type PlatformRuntime, sendCall } from "./send-call";

/** What a call runs on, and who counts it. */
export interface CallHost {
  readonly runtime?: PlatformRuntime;
  readonly clock: Clock;
  readonly mask: (text: string) => string;
  /** @param failure - type of the error, if it was one; before the platform hears of it */
  ended(seconds: number, method: string, failure: string | undefined): void;
  /** Of every call that failed, but for the adapter's own checks; before the platform hears of it. */
  failed(error: CallError): void;
}

/** Who made a call: is told one of the two, once, and never while it is still calling. */
export interface CallListener {
  answered(answer: SuccessEnvelope): void;
  failed(error: CallError): void;
}

/** Whether throttle and suspension hold a call up: not the adapter's own checks. */
export type CallWay = "queued" | "direct";

/** One object a call, and no closures: a queue may hold a hundred thousand, and each is moved twice by the collector. */
export class RunningCall implements QueuedTask<CallResult> {
  readonly #host: CallHost;
  readonly #origin: string;
  readonly #listener: CallListener;
  readonly #way: CallWay;
  readonly #startedMs: number;
  #call: InstanceCall | undefined;
  /** Made when there is something to say. */
  #metrics: CallMetrics | undefined;

  /** @param origin - `<id>-adapter-<method>` */
  constructor(host: CallHost, origin: string, listener: CallListener, way: CallWay) {
    this.#host = host;
    this.#origin = origin;
    this.#listener = listener;
    this.#way = way;
    this.#startedMs = host.clock.monotonic();
  }

  /** What is called, once it is known. */
  set call(call: InstanceCall) {
    this.#call = call;
  }

  /** @param pausedMs - that the call waited before it came to the queue */
  set pausedMs(pausedMs: number) {
    this.#metricsOfCall().queueMs = Math.round(pausedMs);
  }

  start(queueMs: number): Promise<CallResult> {
    const { runtime, clock } = this.#host;
    const metrics = this.#metricsOfCall();
    metrics.queueMs = Math.round(metrics.queueMs + queueMs);
    try {
      return sendCall(runtime as PlatformRuntime, this.#call as InstanceCall, metrics, clock);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  succeed(result: CallResult): void {
    let answer: SuccessEnvelope;
    try {
      answer = successEnvelope(result);
    } catch (thrown) {
      this.fail(thrown);
      return;
    }
    this.#end(undefined);
    this.#listener.answered(answer);
  }

  fail(thrown: unknown): void {
    const { runtime, clock, mask } = this.#host;
    const metrics = this.#metricsOfCall();
    metrics.roundTripMs = Math.round((clock.monotonic() - this.#startedMs) * 1000) / 1000;
    const error = toAdapterError(thrown);
    const failover = runtime?.settings.request.failoverStatuses ?? [];
    const failed = new CallError(errorEnvelope(error, this.#origin, mask, metrics, failover));
    this.#end(errorType(error, mask));
    if (this.#way === "queued") this.#host.failed(failed);
    this.#listener.failed(failed);
  }

  #end(failure: string | undefined): void {
    const seconds = (this.#host.clock.monotonic() - this.#startedMs) / 1000;
    this.#host.ended(seconds, this.#label(failure), failure);
  }

  #metricsOfCall(): CallMetrics {
    this.#metrics ??= noMetrics();
    return this.#metrics;
  }

  /** Under which name a call is counted: never one that a caller made up, as `awsRequest` may be given any. */
  #label(failure: string | undefined): string {
    const call = this.#call;
    const named = call !== undefined && "operation" in call ? `${call.service}/${call.operation}` : undefined;
    if (named !== undefined && (failure === undefined || this.#metricsOfCall().attempts > 0)) return named;
    const method = this.#origin.slice(this.#origin.lastIndexOf("-") + 1);
    return named === undefined || method.startsWith("awsRequest") ? method : named;
  }
}
