/** Owns the difference between our clock and AWS's, learned from an answer that refused our date. */
import type { Clock } from "../types/clock";

/** One belongs to one client. */
export class ClockSkew {
  #offsetMs = 0;

  constructor(readonly clock: Clock) {}

  /** What is added to our clock, in milliseconds. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Epoch milliseconds as AWS counts them, as far as known. */
  now(): number {
    return this.clock.now() + this.#offsetMs;
  }

  /** @param offsetMs - how far AWS's clock is ahead of ours, as measured */
  correct(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  /**
   * @param headers - of an answer that just came, names in lower case
   * @returns how far AWS's clock is ahead of our uncorrected one; undefined without a usable Date header
   */
  measure(headers: Readonly<Record<string, string>>): number | undefined {
    const serverMs = Date.parse(headers["date"] ?? "");
    return Number.isNaN(serverMs) ? undefined : serverMs - this.clock.now();
  }
}
