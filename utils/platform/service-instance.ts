/** Owns what an adapter runs on: the runtime of its present properties, or the reason why there is none. */
import { type AdapterError, toAdapterError } from "../errors/adapter-error";
import { Masker } from "../logging/masker";
import type { Metrics } from "../metrics/metrics";
import type { Settings } from "../settings/settings";
import type { Clock } from "../types/clock";
import { heedStreams } from "../types/waiting-streams";
import { CallQueue } from "./call-queue";
import type { CallError, SuccessEnvelope } from "./envelope";
import { type CallHost, type CallListener, type CallWay, RunningCall } from "./running-call";
import { secretsOf } from "./secrets-of-properties";
import type { InstanceCall, PlatformRuntime } from "./send-call";
import { type PauseLimits, Suspension } from "./suspension";

/** Makes the runtime of some properties. @throws AdapterError `INVALID_PROPERTIES` */
export type OpenRuntime = (properties: unknown) => PlatformRuntime;

/** Properties put to use: with a runtime, or with the problem that they have. */
interface Deployment extends CallHost {
  readonly problem?: AdapterError;
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
    const deployment = (parts: Pick<Deployment, "runtime" | "problem" | "queue" | "mask">): Deployment => {
      const made: Deployment = {
        ...{ ...parts, clock: this.#clock, callsUnderWay: 0, retired: false },
        ended: (seconds, method, failure) => {
          this.#metrics?.record("calls", seconds, method, failure);
          this.#callsActive -= 1;
          made.callsUnderWay -= 1;
          closeWhenIdle(made);
        },
        failed: (error) => this.#failed?.(error),
      };
      return made;
    };
    try {
      const runtime = this.#open(properties);
      const { throttle } = runtime.settings;
      const mask = (text: string) => runtime.masker.maskText(text);
      const queue = throttle.enabled ? { queue: new CallQueue(throttle, this.#clock, this.#metrics) } : {};
      return deployment({ runtime, mask, ...queue });
    } catch (thrown) {
      const masker = new Masker();
      for (const secret of secretsOf(properties)) masker.addSecret(secret);
      return deployment({ problem: toAdapterError(thrown), mask: (text) => masker.maskText(text) });
    }
  }

  /** As {@link start}. @throws CallError, always: the error as the platform is given it */
  call(origin: string, read: () => InstanceCall, way?: CallWay): Promise<SuccessEnvelope> {
    return new Promise((resolve, reject) => this.start(origin, read, { answered: resolve, failed: reject }, way));
  }

  /**
   * @param origin - `<id>-adapter-<method>`
   * @param read - reads the call's arguments; what it throws is the call's answer
   * @param listener - is told the answer or the error, once, and after this has returned
   * @param way - `direct` for the adapter's own checks, which neither throttle nor suspension holds up
   */
  start(origin: string, read: () => InstanceCall, listener: CallListener, way: CallWay = "queued"): void {
    const deployment = this.#deployment;
    const running = new RunningCall(deployment, origin, listener, way);
    deployment.callsUnderWay += 1;
    this.#callsActive += 1;
    try {
      if (deployment.runtime === undefined) throw deployment.problem;
      const call = read();
      running.call = call;
      if (way === "direct") sendNow(running);
      else if (this.suspension.mode === undefined) enter(deployment, origin, call, running);
      else this.#pause(deployment, origin, call, running);
    } catch (thrown) {
      queueMicrotask(() => running.fail(thrown));
    }
  }

  #pause(deployment: Deployment, origin: string, call: InstanceCall, running: RunningCall): void {
    if ("params" in call) heedStreams(call.params);
    const sinceMs = this.#clock.monotonic();
    const resumed = (): void => {
      running.pausedMs = this.#clock.monotonic() - sinceMs;
      enter(deployment, origin, call, running);
    };
    const refused = (problem: unknown): void => running.fail(problem);
    this.suspension.pass(pauseLimits(deployment.runtime?.settings)).then(resumed, refused);
  }
}

/** Behind those that wait, where there is a throttle. */
function enter({ queue }: Deployment, origin: string, call: InstanceCall, running: RunningCall): void {
  if (queue === undefined) {
    sendNow(running);
    return;
  }
  if ("params" in call) heedStreams(call.params);
  queue.enter(origin, call.metadata?.priority, running);
}

function sendNow(running: RunningCall): void {
  running.start(0).then(
    (result) => running.succeed(result),
    (problem) => running.fail(problem),
  );
}

function pauseLimits(settings: Settings | undefined): PauseLimits {
  const { maxInQueue = 0, expireTimeoutMs = 0 } = settings?.throttle ?? {};
  return { maxWaiting: maxInQueue, waitMs: expireTimeoutMs === 0 ? PAUSE_LIMIT_MS : expireTimeoutMs };
}

function closeWhenIdle(deployment: Deployment): void {
  if (deployment.retired && deployment.callsUnderWay === 0) deployment.runtime?.close();
}
