/** Owns the turns of requests: from the bucket that all nodes share, from one of our own while that cannot be had. */
import { AdapterError } from "../errors/adapter-error";
import type { RedisClient, RedisUse } from "../redis/redis-client";
import { BoundedMap } from "../types/bounded-map";
import type { Clock } from "../types/clock";
import type { Rate, RateBucket, RateSettings, Rates } from "../types/rates";
import { slowDown, TokenBucket, type Turn, takeToken } from "./token-bucket";

const MAX_BUCKETS = 10_000;

/** The bucket of all nodes. */
export interface SharedBuckets {
  readonly link: RedisUse & { close(): void };
  /** The key of a bucket, which tells nothing about it. */
  readonly name: (bucket: string) => string;
}

type Answer = readonly [granted: number, waitMs: number, thousandthsOfRate: number, thousandthsOfTokens: number];

/** @throws Error for an answer that no Redis gives: what stands between us may be something else */
async function askTurn(client: RedisClient, name: string, values: readonly number[]): Promise<Answer> {
  const answer = await client.run(takeToken, name, values);
  if (!Array.isArray(answer) || answer.length !== 4 || !answer.every(Number.isFinite)) {
    throw new Error("an answer that is not Redis's");
  }
  return answer as unknown as Answer;
}

/** Tries what buckets need of Redis, on a key of its own that it leaves no trace of. */
export async function tryBuckets(client: RedisClient, name: string): Promise<void> {
  try {
    await askTurn(client, name, [1, 1, 0]);
  } finally {
    await client.remove(name);
  }
}

/** @param shared - without it, each process counts for itself */
export function rateControl(settings: RateSettings, clock: Clock, shared?: SharedBuckets): Rates {
  const buckets = new BoundedMap<TokenBucket>(MAX_BUCKETS);
  const rateOf = (service: string): Rate =>
    (Object.hasOwn(settings.services, service) ? settings.services[service] : undefined) ?? settings;
  const idOf = ({ service, account, region }: RateBucket): string => `${service}\n${account}\n${region}`;
  const own = (bucket: RateBucket): TokenBucket => {
    const id = idOf(bucket);
    let found = buckets.get(id);
    if (found === undefined) {
      found = new TokenBucket(rateOf(bucket.service), clock.monotonic());
      buckets.set(id, found);
    }
    return found;
  };
  const sharedTurn = async (bucket: RateBucket): Promise<Turn | undefined> => {
    const { requestsPerSecond, burst } = rateOf(bucket.service);
    const answer = await shared?.link.use((client) =>
      askTurn(client, shared.name(idOf(bucket)), [requestsPerSecond, burst, settings.maxWaitMs]),
    );
    if (answer === undefined) return undefined;
    const [granted, waitMs, thousandths, tokens] = answer;
    // What all have learned, and used up, holds here, too, when Redis goes.
    own(bucket).adopt(thousandths / 1000, tokens / 1000, clock.monotonic());
    return { outcome: granted === 1 ? "granted" : "refused", waitMs, rate: thousandths / 1000 };
  };

  return {
    turn: async (bucket, signal) => {
      const turn = (await sharedTurn(bucket)) ?? own(bucket).take(clock.monotonic(), settings.maxWaitMs);
      if (turn.outcome === "refused") throw exceeded(bucket, turn, settings.maxWaitMs);
      if (turn.waitMs === 0) return;
      try {
        await clock.sleep(turn.waitMs, signal);
      } catch (cause) {
        if (cause instanceof AdapterError) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new AdapterError("ABORTED", { waitedFor: "The turn of a request (rate_control)", reason }, { cause });
      }
    },
    throttled: (bucket) => {
      own(bucket).throttled(clock.monotonic());
      const { requestsPerSecond, burst } = rateOf(bucket.service);
      void shared?.link.use((client) => client.run(slowDown, shared.name(idOf(bucket)), [requestsPerSecond, burst]));
    },
    close: () => shared?.link.close(),
  };
}

const exceeded = ({ service, account, region }: RateBucket, { waitMs, rate }: Turn, maxWaitMs: number): AdapterError =>
  new AdapterError("RATE_EXCEEDED", {
    ...{ service, account, region },
    found: waitMs,
    expected: maxWaitMs,
    rate: Math.round(rate * 100) / 100,
  });
