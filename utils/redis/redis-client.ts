/** Owns what is asked of Redis: few operations, each on a single key, so that a cluster serves them as one server does. */
import { createHash } from "node:crypto";

/** A Lua script on one key. */
export interface RedisScript {
  readonly text: string;
  /** By which a server that has seen the script knows it. */
  readonly sha1: string;
}

export const redisScript = (text: string): RedisScript => ({
  text,
  sha1: createHash("sha1").update(text).digest("hex"),
});

/** An open connection. Every method throws the error of Redis or of the connection; none of them bounds itself. */
export interface RedisClient {
  /** @returns `undefined` for a key that is not there */
  get(name: string): Promise<Buffer | undefined>;
  /** @param livesMs - after which Redis forgets the value */
  set(name: string, value: Buffer, livesMs: number): Promise<void>;
  /** Sets the value where there is none. @returns false where there is one */
  claim(name: string, value: string, livesMs: number): Promise<boolean>;
  remove(name: string): Promise<void>;
  run(script: RedisScript, name: string, values: readonly (string | number | Buffer)[]): Promise<unknown>;
  /** Ends the connection at once; what is under way fails. */
  close(): void;
}

/** Redis as long as it can be used. */
export interface RedisUse {
  /** @returns what `work` answers, `undefined` where Redis cannot be used; never rejects */
  use<T>(work: (client: RedisClient) => Promise<T>): Promise<T | undefined>;
}

/**
 * Opens a connection; it keeps no process alive and does not reopen itself.
 * @param ended - called once when an open connection has ended, whoever ended it
 * @throws the reason in the words of Redis, of the network or of TLS
 */
export type ConnectRedis = (ended: () => void) => { readonly ready: Promise<RedisClient>; readonly cancel: () => void };

/** Removes the key while it still holds the value: 1 when it did. */
export const removeIfEqual: RedisScript = redisScript(
  'if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0',
);

/** Lets the key live longer while it still holds the value: 1 when it does. */
export const prolongIfEqual: RedisScript = redisScript(
  'if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end return 0',
);
