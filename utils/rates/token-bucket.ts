/** Owns the arithmetic of a bucket of tokens whose rate follows what AWS says: in memory here, and as a script in Redis. */
import { type RedisScript, redisScript } from "../redis/redis-client";
import type { Rate } from "../types/rates";

/** After a refusal the rate is this share of what it was, */
const DECREASE = 0.5;
/** once in so long, as many calls hear of the same refusal, */
const DECREASE_EVERY_MS = 1000;
/** never under this share of the full rate, */
const LEAST_SHARE = 0.02;
/** and grows by this share of the full rate every second. */
const GROWTH_PER_SECOND = 0.05;
/** A bucket that nobody used for so long is full and at its full rate again. */
const FORGOTTEN_MS = 600_000;

/** How a request stands. */
export interface Turn {
  /** Milliseconds until its turn. */
  readonly waitMs: number;
  /** `refused` took no token. */
  readonly outcome: "granted" | "refused";
  /** Requests a second at present. */
  readonly rate: number;
}

/** A bucket of one process. Tokens may be owed: that is what gives every request a turn of its own, in order. */
export class TokenBucket {
  #tokens: number;
  #rate: number;
  #atMs: number;
  #decreasedMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly full: Rate,
    nowMs: number,
  ) {
    this.#tokens = full.burst;
    this.#rate = full.requestsPerSecond;
    this.#atMs = nowMs;
  }

  take(nowMs: number, maxWaitMs: number): Turn {
    this.#refill(nowMs);
    const left = this.#tokens - 1;
    const waitMs = left >= 0 ? 0 : Math.ceil((-left / this.#rate) * 1000);
    if (waitMs > maxWaitMs) return { waitMs, outcome: "refused", rate: this.#rate };
    this.#tokens = left;
    return { waitMs, outcome: "granted", rate: this.#rate };
  }

  throttled(nowMs: number): void {
    this.#refill(nowMs);
    if (nowMs - this.#decreasedMs < DECREASE_EVERY_MS) return;
    this.#decreasedMs = nowMs;
    this.#rate = Math.max(this.full.requestsPerSecond * LEAST_SHARE, this.#rate * DECREASE);
    this.#tokens = Math.min(0, this.#tokens);
  }

  /** Takes over what all nodes have learned and used up together by now: both grow back from now on. */
  adopt(rate: number, tokens: number, nowMs: number): void {
    this.#refill(nowMs);
    // In thousandths, a small rate is none.
    this.#rate = Math.max(this.full.requestsPerSecond * LEAST_SHARE, rate);
    this.#tokens = tokens;
  }

  #refill(nowMs: number): void {
    const { requestsPerSecond, burst } = this.full;
    const seconds = Math.max(0, nowMs - this.#atMs) / 1000;
    this.#atMs = nowMs;
    this.#rate = Math.min(requestsPerSecond, this.#rate + requestsPerSecond * GROWTH_PER_SECOND * seconds);
    this.#tokens = Math.min(burst, this.#tokens + seconds * this.#rate);
  }
}

const REFILL = `
local kept = redis.call("HMGET", KEYS[1], "tokens", "at", "rate", "decreased")
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local seconds = math.max(0, now - (tonumber(kept[2]) or now)) / 1000
local rate = math.min(full, (tonumber(kept[3]) or full) + full * ${GROWTH_PER_SECOND} * seconds)
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + seconds * rate)
local decreased = tonumber(kept[4]) or 0
local function keep()
  redis.call("HSET", KEYS[1], "tokens", string.format("%.6f", tokens), "at", string.format("%.0f", now),
    "rate", string.format("%.6f", rate), "decreased", string.format("%.0f", decreased))
  redis.call("PEXPIRE", KEYS[1], ${FORGOTTEN_MS})
end`;

/** Values: requests a second, burst, longest wait. Answers: 1 when granted, wait in milliseconds, thousandths of the rate and of the tokens left. */
export const takeToken: RedisScript = redisScript(`${REFILL}
local left = tokens - 1
local wait = 0
if left < 0 then wait = math.ceil(-left / rate * 1000) end
local granted = 0
if wait <= tonumber(ARGV[3]) then granted, tokens = 1, left end
keep()
return {granted, wait, math.floor(rate * 1000), math.floor(tokens * 1000)}`);

/** Values: requests a second, burst. A time in the future is of a server whose clock was ahead: it must not hold for long. */
export const slowDown: RedisScript = redisScript(`${REFILL}
if math.abs(now - decreased) >= ${DECREASE_EVERY_MS} then
  decreased, rate, tokens = now, math.max(full * ${LEAST_SHARE}, rate * ${DECREASE}), math.min(0, tokens)
end
keep()
return math.floor(rate * 1000)`);
