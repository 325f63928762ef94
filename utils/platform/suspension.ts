/** Owns the suspended state of an adapter: calls wait for its end, or fail at once. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";

/** `pause`: calls wait; `error`: they fail. */
export type SuspendMode = "pause" | "error";

export interface PauseLimits {
  /** Calls that may wait. */
  readonly maxWaiting: number;
  readonly waitMs: number;
}

export class Suspension {
  #mode: SuspendMode | undefined;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined while calls go through. */
  get mode(): SuspendMode | undefined {
    return this.#mode;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  suspend(mode: SuspendMode): void {
    this.#mode = mode;
  }

  /** Lets the calls that wait go on, in the order in which they came. */
  resume(): void {
    this.#mode = undefined;
    for (const goOn of [...this.#waiting]) goOn();
  }

  /**
   * Resolves when calls go through again.
   * @throws AdapterError `SUSPENDED` in mode error, or after the wait; `QUEUE_FULL`
   */
  pass({ maxWaiting, waitMs }: PauseLimits): Promise<void> {
    if (this.#mode === undefined) return Promise.resolve();
    if (this.#mode === "error") return Promise.reject(new AdapterError("SUSPENDED", { waited: "" }));
    if (this.#waiting.size >= maxWaiting) {
      return Promise.reject(new AdapterError("QUEUE_FULL", { found: this.#waiting.size, expected: maxWaiting }));
    }
    return new Promise((resolve, reject) => {
      const goOn = () => {
        cancel();
        this.#waiting.delete(goOn);
        resolve();
      };
      const cancel = this.#clock.schedule(waitMs, () => {
        this.#waiting.delete(goOn);
        reject(new AdapterError("SUSPENDED", { waited: `; the call waited ${waitMs} ms for its end` }));
      });
      this.#waiting.add(goOn);
    });
  }
}
