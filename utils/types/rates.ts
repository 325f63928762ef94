/** Owns the vocabulary of rates: whose calls are counted together, and how a call asks for its turn. */

/** AWS counts requests by service, account and region. */
export interface RateBucket {
  readonly service: string;
  /** An account, or whoever stands for one that is not known. */
  readonly account: string;
  readonly region: string;
}

export interface Rate {
  readonly requestsPerSecond: number;
  /** Requests that may come together after a rest. */
  readonly burst: number;
}

export interface RateSettings extends Rate {
  /** Longest wait of a call for its turn. */
  readonly maxWaitMs: number;
  /** In the place of the above, by the name that requests are signed for. */
  readonly services: Readonly<Record<string, Rate>>;
}

export interface Rates {
  /**
   * Waits for the turn of one request.
   * @throws AdapterError `RATE_EXCEEDED` at once when it would come too late, `ABORTED` with the signal
   */
  turn(bucket: RateBucket, signal?: AbortSignal): Promise<void>;
  /** AWS refused a request for its rate. */
  throttled(bucket: RateBucket): void;
  /** Ends connections, where there are any. */
  close(): void;
}
