/** Owns the brake on repetitions: when a service is down for everybody, a client stops adding to its load. */

/** The figures of the standard retry mode in `@smithy/core/retry`. */
const CAPACITY = 500;
const COST = { transient: 14, throttling: 5 } as const;
const REFUND_WITHOUT_RETRY = 1;

/** A token bucket; one belongs to one client. */
export class RetryBudget {
  #tokens = CAPACITY;

  get tokens(): number {
    return this.#tokens;
  }

  /** @returns whether a repetition may be paid for; then it is */
  take(kind: keyof typeof COST): boolean {
    if (this.#tokens < COST[kind]) return false;
    this.#tokens -= COST[kind];
    return true;
  }

  /** A call that ended well pays back what its last repetition cost, or a little when there was none. */
  refund(lastRetry: keyof typeof COST | undefined): void {
    this.#tokens = Math.min(
      CAPACITY,
      this.#tokens + (lastRetry === undefined ? REFUND_WITHOUT_RETRY : COST[lastRetry]),
    );
  }
}
