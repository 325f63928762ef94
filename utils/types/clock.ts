/** Owns time as something that is handed in, so that tests decide it. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `task` once after `ms` without keeping the process alive; answers the cancel function. */
  schedule(ms: number, task: () => void): () => void;
}
