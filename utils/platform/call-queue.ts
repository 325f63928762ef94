/** Owns the throttle: how many calls are under way at once, who waits for a place, and who is next. */
import { AsyncResource } from "node:async_hooks";
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

/** What may have to wait for its turn. */
export interface QueuedTask<T> {
  /** Runs at once, or when its turn has come; must not throw. @param queueMs - how long it waited */
  start(queueMs: number): Promise<T>;
  /** Is given what `start` resolved with, once its place is free again. */
  succeed(result: T): void;
  /** Is given what `start` rejected with, or `QUEUE_FULL` soon, or `QUEUE_EXPIRED` when its turn does not come in time. */
  fail(problem: unknown): void;
}

/**
 * What is kept of a call that waits. No promise is made before its turn: V8 moves what waits long to the old generation,
 * and every answer that such a promise is given follows it there, to stay until a full collection.
 */
interface Waiting {
  readonly task: QueuedTask<unknown>;
  readonly method: string;
  readonly priority: number | undefined;
  readonly sinceMs: number;
  readonly lane: Lane;
  /** Its turn comes when somebody else's call ends: traces and callbacks must not be taken for that one's. */
  readonly context: AsyncResource;
  previous: Waiting | undefined;
  next: Waiting | undefined;
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
  /** All wait equally long, so that one timer serves them all. */
  #isWatching = false;

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
   * @param task - is told of its turn, and of its end: exactly one of `succeed` and `fail`, once
   */
  enter<T>(method: string, priority: number | undefined, task: QueuedTask<T>): void {
    if (this.running < this.limit) {
      this.#start(task, 0);
      return;
    }
    const { maxInQueue, expireTimeoutMs } = this.#settings;
    if (this.waiting >= maxInQueue) {
      this.#metrics?.record("queueWaits", 0, "QUEUE_FULL");
      const problem = new AdapterError("QUEUE_FULL", { found: this.waiting, expected: maxInQueue });
      // Nobody is called back while it is still calling.
      queueMicrotask(() => task.fail(problem));
      return;
    }
    const sinceMs = this.#clock.monotonic();
    this.#append({
      task,
      method,
      priority,
      sinceMs,
      lane: this.#laneOf(priority),
      context: new AsyncResource("QueuedCall"),
      previous: undefined,
      next: undefined,
    });
    if (expireTimeoutMs > 0 && !this.#isWatching) this.#watch(expireTimeoutMs);
  }

  #start<T>(task: QueuedTask<T>, queueMs: number): void {
    this.running += 1;
    task.start(queueMs).then(
      (result) => {
        this.#leave();
        task.succeed(result);
      },
      (problem) => {
        this.#leave();
        task.fail(problem);
      },
    );
  }

  /** @param ms - until the wait of the one that has waited longest is too long */
  #watch(ms: number): void {
    this.#isWatching = true;
    this.#clock.schedule(ms, () => this.#expire());
  }

  #expire(): void {
    const { expireTimeoutMs } = this.#settings;
    const waitedMs = ({ sinceMs }: Waiting): number => this.#clock.monotonic() - sinceMs;
    let oldest = this.#oldest();
    try {
      for (; oldest !== undefined && waitedMs(oldest) >= expireTimeoutMs; oldest = this.#oldest()) {
        this.#remove(oldest);
        const found = Math.round(waitedMs(oldest));
        this.#metrics?.record("queueWaits", found / 1000, "QUEUE_EXPIRED");
        // Whoever hears of it may call again at once, and that call is watched below.
        const problem = new AdapterError("QUEUE_EXPIRED", { found, expected: expireTimeoutMs });
        const { context, task } = oldest;
        context.runInAsyncScope(() => task.fail(problem));
      }
    } finally {
      oldest = this.#oldest();
      if (oldest === undefined) this.#isWatching = false;
      else this.#watch(Math.max(1, expireTimeoutMs - waitedMs(oldest)));
    }
  }

  /** Of the first in each lane the one that has waited longest. */
  #oldest(): Waiting | undefined {
    let oldest: Waiting | undefined;
    for (const { first } of this.#lanes) {
      if (first !== undefined && (oldest === undefined || first.sinceMs < oldest.sinceMs)) oldest = first;
    }
    return oldest;
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
    const waitedMs = this.#clock.monotonic() - entry.sinceMs;
    this.#metrics?.record("queueWaits", waitedMs / 1000, undefined);
    entry.context.runInAsyncScope(() => this.#start(entry.task, waitedMs));
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
