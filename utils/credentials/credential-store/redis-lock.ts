/** Owns a lock between nodes: a key of Redis with an owner and an end, and a wait for it that has an end, too. */
import { prolongIfEqual, type RedisUse, removeIfEqual } from "../../redis/redis-client";
import type { Clock } from "../../types/clock";
import { type LockWait, WAIT_SHARE } from "./credential-store";

const OWNER_LENGTH = 16;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 200;
/** A holder that died is waited for no longer than this share of the waiter's time, within bounds. */
const LIFE_SHARE = 1 / 3;
const SHORTEST_LIFE_MS = 1000;
const LONGEST_LIFE_MS = 10_000;
const DEFAULT_LIMIT_MS = 5000;
/** A lock is prolonged when this share of its life has passed. */
const PROLONG_SHARE = 1 / 3;

export interface RedisLockDependencies {
  readonly link: RedisUse;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  /** Of a cryptographic generator. */
  readonly randomBytes: (size: number) => Buffer;
}

const nothing = async (): Promise<void> => {};

/**
 * It saves calls and guards no data: the worst of a lock that was lost is one call more. So Redis that is away is no
 * lock, and nobody waits for longer than half of the time there is.
 * @param names - of the keys: while the key of the cache is being changed, nodes that write with the old one and with the new
 *   one meet where all that they know are taken, by all of them in the same order
 * @returns what ends the lock, or ends nothing where the wait ended without one
 * @throws the signal's reason when it aborts
 */
export async function lockInRedis(
  names: readonly string[],
  { link, clock, random, randomBytes }: RedisLockDependencies,
  signal?: AbortSignal,
  { timeoutMs = DEFAULT_LIMIT_MS, arrived = async () => false }: LockWait = {},
): Promise<() => Promise<void>> {
  const owner = randomBytes(OWNER_LENGTH).toString("base64url");
  const lifeMs = Math.round(Math.min(LONGEST_LIFE_MS, Math.max(SHORTEST_LIFE_MS, timeoutMs * LIFE_SHARE)));
  const untilMs = clock.monotonic() + timeoutMs * WAIT_SHARE;
  const wanted = [...names].sort();
  const held: string[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(held.splice(0).map((name) => link.use((client) => client.run(removeIfEqual, name, [owner]))));
  };
  try {
    for (let wait = FIRST_WAIT_MS; held.length < wanted.length; ) {
      signal?.throwIfAborted();
      const name = wanted[held.length] as string;
      const claimed = await link.use((client) => client.claim(name, owner, lifeMs));
      if (claimed === undefined) return nothing;
      if (claimed) {
        held.push(name);
        continue;
      }
      if ((await arrived()) || clock.monotonic() >= untilMs) {
        await release();
        return nothing;
      }
      await clock.sleep(wait * (0.5 + random() / 2), signal);
      wait = Math.min(LONGEST_WAIT_MS, wait * 1.5);
    }
  } catch (reason) {
    await release();
    throw reason;
  }
  let cancel = (): void => {};
  const prolong = (): void => {
    cancel = clock.schedule(lifeMs * PROLONG_SHARE, () => {
      for (const name of held) void link.use((client) => client.run(prolongIfEqual, name, [owner, lifeMs]));
      prolong();
    });
  };
  prolong();
  return async () => {
    cancel();
    await release();
  };
}
