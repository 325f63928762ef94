/** Owns the throttle: how many calls are under way at once, who waits for a place, and who is next. */
import { AdapterError } from "../errors/adapter-error";
import type { Recorder } from "../metrics/metrics";
import type { ThrottleSettings } from "../settings/settings";
import type { Clock } from "../types/clock";

/** A call that waits, as iapGetAdapterQueue shows it. */
export interface QueuedCall {
  readonly method: string;
  readonly priority?: number;
  readonly waitedMs: number;
}

/**
 * What is kept of a call that waits. No promise is made before its turn: V8 moves what waits long to the old generation,
 * and every answer that such a promise is given follows it there, to stay until a full collection.
 */
interface Waiting {
  readonly start: (queueMs: number) => void;
  readonly method: string;
  readonly priority: number | undefined;
  readonly sinceMs: number;
  readonly lane: Lane;
  cancel?: () => void;
  previous?: Waiting | undefined;
  next?: Waiting | undefined;
}

/** Calls of one rank, first come, first served; any of them may leave without being served. */
interface Lane {
  readonly percent: number;
  first?: Waiting | undefined;
  last?: Waiting | undefined;
}

/** Place of a call without a priority, in percent of the queue: behind all that have one. */
const LAST = 100;

/**
 * The queue of one service instance. A priority's `percent` is its place in the queue: 0 is the front, 100 the end. A
 * call starts when none of a lower percent waits.
 */
export class CallQueue {
  /** Calls under way. */
  running = 0;
  /** Calls that wait for a place. */
  waiting = 0;
  /** Calls at once; the platform's servers share the configured number. */
  readonly limit: number;
  readonly #settings: ThrottleSettings;
  readonly #clock: Clock;
  readonly #metrics: Recorder | undefined;
  readonly #lanes: readonly Lane[];
  readonly #percentOf: ReadonlyMap<number, number>;

  /** @param settings - of an enabled throttle */
  constructor(settings: ThrottleSettings, clock: Clock, metrics?: Recorder) {
    this.#settings = settings;
    this.#metrics = metrics;
    this.#clock = clock;
    const { maxConcurrent, platformServers, priorities } = settings;
    this.limit = maxConcurrent === 0 ? Infinity : Math.max(1, Math.floor(maxConcurrent / platformServers));
    this.#percentOf = new Map(priorities.map(({ value, percent }) => [value, percent]));
    const percents = new Set([...this.#percentOf.values(), LAST]);
    this.#lanes = [...percents].sort((a, b) => a - b).map((percent) => ({ percent }));
  }

  /**
   * @param method - for iapGetAdapterQueue
   * @param priority - one of the values in `throttle.priorities`; another one, or none, waits at the end
   * @param task - runs at once, or when its turn has come; `queueMs` is how long it waited. Must not throw, but reject
   * @param onResult - is given what the task resolved with, once its place is free again
   * @param onProblem - is given what the task rejected with, or `QUEUE_FULL` at once, or `QUEUE_EXPIRED` when its turn
   *   does not come in time
   */
  enter<T>(
    method: string,
    priority: number | undefined,
    task: (queueMs: number) => Promise<T>,
    onResult: (result: T) => void,
    onProblem: (problem: unknown) => void,
  ): void {
    const start = (queueMs: number): void => {
      this.running += 1;
      task(queueMs).then(
        (result) => {
          this.#leave();
          onResult(result);
        },
        (problem) => {
          this.#leave();
          onProblem(problem);
        },
      );
    };
    if (this.running < this.limit) {
      start(0);
      return;
    }
    const { maxInQueue, expireTimeoutMs } = this.#settings;
    if (this.waiting >= maxInQueue) {
      this.#metrics?.record("queueWaits", 0, "QUEUE_FULL");
      const problem = new AdapterError("QUEUE_FULL", { found: this.waiting, expected: maxInQueue });
      // Nobody is called back while it is still calling.
      queueMicrotask(() => onProblem(problem));
      return;
    }
    const sinceMs = this.#clock.monotonic();
    const entry: Waiting = { start, method, priority, sinceMs, lane: this.#laneOf(priority) };
    this.#append(entry);
    if (expireTimeoutMs === 0) return;
    entry.cancel = this.#clock.schedule(expireTimeoutMs, () => {
      this.#remove(entry);
      const found = Math.round(this.#clock.monotonic() - sinceMs);
      this.#metrics?.record("queueWaits", found / 1000, "QUEUE_EXPIRED");
      onProblem(new AdapterError("QUEUE_EXPIRED", { found, expected: expireTimeoutMs }));
    });
  }

  /** Those that wait, the next one first. */
  calls(): QueuedCall[] {
    const calls: QueuedCall[] = [];
    const nowMs = this.#clock.monotonic();
    for (const lane of this.#lanes) {
      for (let at = lane.first; at !== undefined; at = at.next) {
        const { method, priority, sinceMs } = at;
        calls.push({ method, ...(priority === undefined ? {} : { priority }), waitedMs: Math.round(nowMs - sinceMs) });
      }
    }
    return calls;
  }

  /** Gives a place up, and the next one takes it. */
  #leave(): void {
    this.running -= 1;
    if (this.waiting === 0 || this.running >= this.limit) return;
    const entry = this.#lanes.find(({ first }) => first !== undefined)?.first;
    if (entry === undefined) return;
    this.#remove(entry);
    entry.cancel?.();
    const waitedMs = this.#clock.monotonic() - entry.sinceMs;
    this.#metrics?.record("queueWaits", waitedMs / 1000, undefined);
    entry.start(waitedMs);
  }

  #laneOf(priority: number | undefined): Lane {
    const percent = (priority === undefined ? undefined : this.#percentOf.get(priority)) ?? LAST;
    return this.#lanes.find((lane) => lane.percent === percent) as Lane;
  }

  #append(entry: Waiting): void {
    const { lane } = entry;
    entry.previous = lane.last;
    if (lane.last === undefined) lane.first = entry;
    else lane.last.next = entry;
    lane.last = entry;
    this.waiting += 1;
  }

  #remove(entry: Waiting): void {
    const { lane, previous, next } = entry;
    if (previous === undefined) lane.first = next;
    else previous.next = next;
    if (next === undefined) lane.last = previous;
    else next.previous = previous;
    this.waiting -= 1;
  }
}
