/** Owns the use of a Redis that may be slow, gone or closed to us: each wait has its limit, and nobody else's work fails of it. */
import type { Clock } from "../types/clock";
import { isOfOneKey, reasonOf } from "./redis-advice";
import type { ConnectRedis, RedisClient, RedisUse } from "./redis-client";

/** The pauses between attempts on a Redis that cannot be used. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;
/** After so long without trouble the next pause is the first again, and the next failure is news. */
const STEADY_MS = 30_000;
/** An opening is some operations, and often a TLS handshake. */
export const OPENING_SHARE = 4;

export interface RedisLinkDependencies {
  readonly connect: ConnectRedis;
  readonly clock: Clock;
  readonly operationTimeoutMs: number;
  /** Tries all that the work needs: a server that lets us in and forbids the work would be lost and found for ever. */
  readonly trial: (client: RedisClient) => Promise<unknown>;
  /** Begins the messages: which Redis, of which property. */
  readonly words: string;
  /** What is done without it, for the warning. */
  readonly instead: string;
  /** Hears once that Redis cannot be used, once more when it comes and goes, and not again before it was there for a while. */
  readonly warn: (message: string) => void;
  /** Hears that it can be used again; of one that comes and goes, once it stays. */
  readonly info: (message: string) => void;
}

/**
 * Opens on first use, and again by itself: a use while Redis is away is answered at once, and starts the next attempt
 * behind itself when its time has come. Without uses there are no attempts, so that no timer has to be ended.
 */
export class RedisLink implements RedisUse {
  readonly #dependencies: RedisLinkDependencies;
  #client: RedisClient | undefined;
  #opening: Promise<RedisClient | undefined> | undefined;
  #cancel: (() => void) | undefined;
  #state: "up" | "down" | "closed" = "up";
  #pauseMs = FIRST_PAUSE_MS;
  #downUntilMs = 0;
  #upSinceMs: number;
  #hasRecovered = false;
  /** It has been said that it does, and nothing more is said before it stays. */
  #comesAndGoes = false;

  constructor(dependencies: RedisLinkDependencies) {
    this.#dependencies = dependencies;
    this.#upSinceMs = dependencies.clock.monotonic();
  }

  async use<T>(work: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (this.#state === "closed") return undefined;
    if (this.#state === "down") {
      if (this.#dependencies.clock.monotonic() >= this.#downUntilMs) void this.#open();
      return undefined;
    }
    const client = this.#client ?? (await this.#open());
    if (client === undefined) return undefined;
    try {
      const done = await this.#bounded(work(client), this.#dependencies.operationTimeoutMs);
      if (this.#comesAndGoes && this.#isSteady()) this.#sayRecovered();
      return done;
    } catch (error) {
      // Redis itself is well: what somebody else has put under one name is as good as nothing there.
      if (isOfOneKey(error)) return undefined;
      // Of all that fail together, the first speaks.
      if (this.#client === client) {
        this.#client = undefined;
        client.close();
        this.#failed(error);
      }
      return undefined;
    }
  }

  /** Ends the connection. Uses answer `undefined` from now on. */
  close(): void {
    this.#state = "closed";
    this.#cancel?.();
    this.#opening = undefined;
    this.#client?.close();
    this.#client = undefined;
  }

  /** Takes back a `close`. */
  reopen(): void {
    if (this.#state === "closed") this.#state = "up";
  }

  #open(): Promise<RedisClient | undefined> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#attempt().finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  async #attempt(): Promise<RedisClient | undefined> {
    const { connect, operationTimeoutMs, trial } = this.#dependencies;
    let opened: RedisClient | undefined;
    let disconnect = (): void => {};
    // An attempt that `close` ended stays silent, even where a `reopen` came before its end.
    const attempt = { isCancelled: false };
    let stop = (_: Error): void => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = reject;
    });
    stopped.catch(() => undefined);
    const cancel = (): void => {
      attempt.isCancelled = true;
      disconnect();
      // A connection that hangs does not end at once.
      stop(new Error("closed"));
    };
    try {
      const connection = connect(() => {
        if (this.#client === opened) this.#client = undefined;
      });
      disconnect = connection.cancel;
      this.#cancel = cancel;
      const client = await this.#bounded(
        Promise.race([
          stopped,
          connection.ready.then(async (ready) => {
            await trial(ready);
            return ready;
          }),
        ]),
        operationTimeoutMs * OPENING_SHARE,
      );
      if (attempt.isCancelled) {
        disconnect();
        return undefined;
      }
      opened = client;
      this.#client = client;
      this.#recovered();
      return client;
    } catch (error) {
      disconnect();
      if (!attempt.isCancelled) this.#failed(error);
      return undefined;
    } finally {
      if (this.#cancel === cancel) this.#cancel = undefined;
    }
  }

  /** The limit runs in halves: after a stall of this process the answer may be there and only not read yet. */
  async #bounded<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const { clock } = this.#dependencies;
    const done = new AbortController();
    const late = async (): Promise<never> => {
      await clock.sleep(limitMs / 2, done.signal);
      await clock.sleep(limitMs / 2, done.signal);
      throw new Error(`no answer within ${limitMs} ms`);
    };
    try {
      return await Promise.race([work, late()]);
    } finally {
      done.abort();
    }
  }

  #isSteady(): boolean {
    return this.#state === "up" && this.#dependencies.clock.monotonic() - this.#upSinceMs >= STEADY_MS;
  }

  #failed(error: unknown): void {
    const { clock } = this.#dependencies;
    const isSteady = this.#isSteady();
    this.#pauseMs = isSteady ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#downUntilMs = clock.monotonic() + this.#pauseMs;
    if (this.#state === "up") this.#sayFailed(reasonOf(error), isSteady);
    this.#state = "down";
  }

  #sayFailed(reason: string, wasSteady: boolean): void {
    const { words, instead, warn } = this.#dependencies;
    if (this.#comesAndGoes && !wasSteady) return;
    this.#comesAndGoes = this.#hasRecovered && !wasSteady;
    const next = this.#comesAndGoes
      ? `It comes and goes: nothing more is said before it was there for ${STEADY_MS / 1000} seconds`
      : "It is tried again by itself";
    warn(`${words} cannot be used (${reason}); ${instead} until it can. ${next}`);
  }

  #recovered(): void {
    if (this.#state === "down") {
      this.#upSinceMs = this.#dependencies.clock.monotonic();
      this.#hasRecovered = true;
      if (!this.#comesAndGoes) this.#sayRecovered();
    }
    this.#state = "up";
  }

  #sayRecovered(): void {
    const { words, info } = this.#dependencies;
    this.#comesAndGoes = false;
    info(`${words} can be used again`);
  }
}
