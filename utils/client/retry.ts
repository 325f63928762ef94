/** Owns the loop around an attempt: whether a failure is repeated, when, and what is mended in between. */
import { AdapterError } from "../errors/adapter-error";
import type { Idempotency } from "../models/entity-format";
import type { Clock } from "../types/clock";
import type { ClockSkew } from "./clock-skew";
import { RetryBudget } from "./retry-budget";
import { classifyFailure, type Failure } from "./retry-classification";
import { retryAfterMs, retryDelayMs } from "./retry-delay";

/** How one attempt ended when it did not end well. */
export interface FailedAttempt {
  readonly error: AdapterError;
  /** Of the answer, where there was one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Correction of our clock with which it was signed. */
  readonly clockOffsetMs: number;
  /** Drops the identity that was used, when it is a temporary one that can be fetched anew. */
  readonly renewIdentity?: () => void;
}

export type AttemptResult<T> = { readonly answer: T } | { readonly failed: FailedAttempt };

export interface RetriedCall<T> {
  readonly idempotency: Idempotency;
  /** False for a body that can be read only once. */
  readonly repeatable: boolean;
  /** Repetitions after the first attempt. */
  readonly maxRetries: number;
  readonly retriedStatuses: readonly { readonly from: number; readonly to: number }[];
  readonly signal: AbortSignal | undefined;
  /** @param attempt - counts from 1 */
  attempt(attempt: number): Promise<AttemptResult<T>>;
}

/**
 * Standard retries of one client. A request that may have been processed is repeated only when its operation is
 * idempotent. A wrong clock and an expired session are mended and repeated once each, whatever `maxRetries` says:
 * AWS refused those before any work.
 */
export class Retrier {
  readonly budget: RetryBudget = new RetryBudget();

  constructor(
    readonly clock: Clock,
    readonly random: () => number,
    readonly skew: ClockSkew,
  ) {}

  /** @throws AdapterError of the last attempt */
  async run<T>(call: RetriedCall<T>): Promise<T> {
    let mended: Set<"skew" | "expired"> | undefined;
    let retries = 0;
    let lastRetry: "transient" | "throttling" | undefined;
    let refused: AdapterError | undefined;
    for (let attempt = 1; ; attempt++) {
      let result: AttemptResult<T>;
      try {
        result = await call.attempt(attempt);
      } catch (thrown) {
        // What AWS said is the answer; that its rate leaves no time to ask again is not.
        const hasNoTurn = thrown instanceof AdapterError && thrown.code === "RATE_EXCEEDED";
        throw hasNoTurn && refused !== undefined ? refused : thrown;
      }
      if ("answer" in result) {
        this.budget.refund(lastRetry);
        return result.answer;
      }
      const { error, headers = {} } = result.failed;
      refused = error;
      const offsetMs = this.skew.measure(headers);
      // Against the correction of this attempt: a call beside it may have corrected the clock since.
      const skewMs = offsetMs === undefined ? undefined : offsetMs - result.failed.clockOffsetMs;
      const failure = classifyFailure(error, { skewMs, retriedStatuses: call.retriedStatuses });
      if (!mayRepeat(failure, call)) throw error;
      if (failure.kind === "skew" || failure.kind === "expired") {
        if (mended?.has(failure.kind) || !this.#mend(failure.kind, offsetMs, result.failed)) throw error;
        mended ??= new Set();
        mended.add(failure.kind);
        continue;
      }
      if (failure.kind === "final" || retries >= call.maxRetries || !this.budget.take(failure.kind)) throw error;
      const delayMs = retryDelayMs(failure.kind, retries, this.random, retryAfterMs(headers, this.clock.now()));
      await this.#wait(delayMs, call.signal);
      retries++;
      lastRetry = failure.kind;
    }
  }

  async #wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.clock.sleep(delayMs, signal);
    } catch (cause) {
      if (cause instanceof AdapterError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AdapterError("ABORTED", { waitedFor: "The wait before a repetition", reason }, { cause });
    }
  }

  #mend(kind: "skew" | "expired", offsetMs: number | undefined, { renewIdentity }: FailedAttempt): boolean {
    if (kind === "skew") {
      this.skew.correct(offsetMs ?? 0);
      return true;
    }
    renewIdentity?.();
    return renewIdentity !== undefined;
  }
}

function mayRepeat(
  failure: Failure,
  call: { readonly idempotency: Idempotency; readonly repeatable: boolean },
): boolean {
  if (failure.kind === "final" || !call.repeatable) return false;
  return failure.processed === "no" || call.idempotency === "idempotent";
}
