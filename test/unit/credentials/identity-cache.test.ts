/** Owns the trials of the cache: one flight a key, the 60 second rule, early refresh, patience of callers. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { IdentityCache } from "../../../utils/credentials/identity-cache";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { AwsCredentialIdentity, IdentityRequest } from "../../../utils/types/identity";
import { FakeClock, failure, identity, settle } from "./fixtures";

const HOUR_MS = 3_600_000;

describe("IdentityCache", () => {
  let clock: FakeClock;
  let warnings: string[];
  let fetches: number;
  let requests: (IdentityRequest | undefined)[];
  let next: () => Promise<AwsCredentialIdentity>;

  const cacheOf = (maxChains = 10) =>
    new IdentityCache({ maxChains, clock, random: () => 0, fetchTimeoutMs: 5000, warn: (text) => warnings.push(text) });
  const how = (earlyRefresh: "background" | "never" = "background") => ({
    fetch: (request?: IdentityRequest) => {
      fetches += 1;
      requests.push(request);
      return next();
    },
    words: "the step",
    earlyRefresh,
  });

  beforeEach(() => {
    clock = new FakeClock();
    warnings = [];
    fetches = 0;
    requests = [];
    next = async () => identity(`n${fetches}`, HOUR_MS, clock.now());
  });

  it("makes one fetch of a thousand concurrent resolves", async () => {
    const provider = cacheOf().provider("key", how());
    const all = await Promise.all(Array.from({ length: 1000 }, () => provider.resolve({ timeoutMs: 5000 })));
    assert.equal(fetches, 1);
    assert.ok(all.every((one) => one === all[0]));
    assert.equal(clock.waiting, 0, "no timer is left behind");
  });

  it("shares nothing between keys, and everything between providers of one key", async () => {
    const cache = cacheOf();
    const one = await cache.provider("one", how()).resolve();
    const other = await cache.provider("other", how()).resolve();
    assert.notEqual(one.accessKeyId, other.accessKeyId);
    assert.equal(await cache.provider("one", how()).resolve(), one);
    assert.equal(fetches, 2);
  });

  it("counts credentials with under 60 seconds left as expired", async () => {
    const provider = cacheOf().provider("key", how("never"));
    await provider.resolve();
    clock.advance(HOUR_MS - 60_001);
    await provider.resolve();
    assert.equal(fetches, 1);
    clock.advance(1);
    assert.equal((await provider.resolve()).accessKeyId, "AKIAN2");
    assert.equal(fetches, 2);
  });

  it("hands out fresh credentials that live less than 60 seconds, but does not keep them", async () => {
    next = async () => identity("short", 30_000, clock.now());
    const provider = cacheOf().provider("key", how());
    await provider.resolve();
    await provider.resolve();
    assert.equal(fetches, 2);
  });

  it("keeps credentials without an end", async () => {
    next = async () => identity("forever");
    const provider = cacheOf().provider("key", how());
    await provider.resolve();
    clock.advance(1000 * HOUR_MS);
    await provider.resolve();
    assert.equal(fetches, 1);
  });

  it("refreshes in the background before the end, while callers go on with the old ones", async () => {
    const provider = cacheOf().provider("key", how());
    await provider.resolve();
    clock.advance(HOUR_MS - 60_000 - 300_000);
    assert.equal((await provider.resolve()).accessKeyId, "AKIAN1");
    await settle();
    assert.equal(fetches, 2);
    assert.equal((await provider.resolve()).accessKeyId, "AKIAN2");
    assert.equal(fetches, 2);
  });

  it("refreshes short ones once within their usable life", async () => {
    next = async () => identity(`n${fetches}`, 70_000, clock.now());
    const provider = cacheOf().provider("key", how());
    await provider.resolve();
    clock.advance(7000);
    await provider.resolve();
    assert.equal(fetches, 1);
    clock.advance(1000);
    await provider.resolve();
    await settle();
    assert.equal(fetches, 2);
  });

  it("spreads refreshes of roles that were fetched together", async () => {
    const starts: number[] = [];
    for (const chance of [0, 0.5, 0.999]) {
      clock = new FakeClock();
      fetches = 0;
      const cache = new IdentityCache({
        maxChains: 1,
        clock,
        random: () => chance,
        fetchTimeoutMs: 5000,
        warn: () => {},
      });
      const provider = cache.provider("key", how());
      await provider.resolve();
      clock.advance(HOUR_MS - 400_000);
      while (fetches < 2 && clock.monotonic() < HOUR_MS - 61_000) {
        clock.advance(1000);
        await provider.resolve();
      }
      starts.push(clock.monotonic());
    }
    assert.equal(new Set(starts).size, 3);
    assert.ok(Math.max(...starts) < HOUR_MS - 60_000);
  });

  it("keeps valid credentials when an early refresh fails, warns once, and tries again later", async () => {
    const provider = cacheOf().provider("key", how());
    await provider.resolve();
    clock.advance(HOUR_MS - 360_000);
    next = async () => {
      throw new Error("STS is away");
    };
    for (let call = 0; call < 50; call += 1) assert.equal((await provider.resolve()).accessKeyId, "AKIAN1");
    await settle();
    for (let call = 0; call < 50; call += 1) assert.equal((await provider.resolve()).accessKeyId, "AKIAN1");
    assert.equal(fetches, 2);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /the step.*300 s.*STS is away/);
    next = async () => identity("again", HOUR_MS, clock.now());
    clock.advance(30_000);
    await provider.resolve();
    await settle();
    assert.equal((await provider.resolve()).accessKeyId, "AKIAAGAIN");
    assert.equal(warnings.length, 1);
  });

  it("does not refresh early what a one-time code opened", async () => {
    const provider = cacheOf().provider("key", how("never"));
    await provider.resolve();
    clock.advance(HOUR_MS - 61_000);
    await provider.resolve();
    await settle();
    assert.equal(fetches, 1);
  });

  it("does not keep errors", async () => {
    next = async () => {
      throw new Error("once");
    };
    const provider = cacheOf().provider("key", how());
    await assert.rejects(provider.resolve(), /once/);
    next = async () => identity("fine");
    await provider.resolve();
    assert.equal(fetches, 2);
  });

  it("gives one error to all that wait for the same flight", async () => {
    next = async () => {
      throw new Error("once");
    };
    const provider = cacheOf().provider("key", how());
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => provider.resolve()));
    assert.ok(all.every(({ status }) => status === "rejected"));
    assert.equal(fetches, 1);
  });

  it("lets an instance that shares the cache fetch for itself when the one that was fetching is closed", async () => {
    const cache = cacheOf();
    const closed = new AdapterError("ABORTED", {
      waitedFor: "The request to STS",
      reason: "the connections were closed",
    });
    let close: () => void = () => {};
    const own = { ...how(), fetch: () => new Promise<never>((_, reject) => (close = () => reject(closed))) };
    const first = cache.provider("key", own).resolve();
    const others = Array.from({ length: 50 }, () => cache.provider("key", how()).resolve());
    close();
    await failure(first, "ABORTED");
    for (const other of others) assert.equal((await other).accessKeyId, "AKIAN1");
    assert.equal(fetches, 1);
  });

  it("drops an identity that AWS refused, and only that one", async () => {
    const provider = cacheOf().provider("key", how());
    const first = await provider.resolve();
    provider.invalidate(first);
    const second = await provider.resolve();
    assert.notEqual(second.accessKeyId, first.accessKeyId);
    provider.invalidate(first);
    assert.equal(await provider.resolve(), second, "late news of the old one drops nothing");
    assert.equal(fetches, 2);
  });

  it("lets an impatient caller go without ending the flight of the others", async () => {
    let arrive: (value: AwsCredentialIdentity) => void = () => {};
    next = () => new Promise((resolve) => (arrive = resolve));
    const provider = cacheOf().provider("key", how());
    const controller = new AbortController();
    const aborted = provider.resolve({ signal: controller.signal });
    const hasty = provider.resolve({ timeoutMs: 100 });
    const patient = provider.resolve({ timeoutMs: 4000 });
    controller.abort(new Error("enough"));
    await failure(aborted, "ABORTED");
    clock.advance(100);
    const error = await failure(hasty, "TIMEOUT");
    assert.match(error.message, /the identity \(the step\) did not answer within 100 ms/);
    assert.equal(requests[0]?.signal?.aborted, false);
    arrive(identity("late"));
    assert.equal((await patient).accessKeyId, "AKIALATE");
    assert.equal(fetches, 1);
  });

  it("ends a flight that never ends by itself, and starts anew", async () => {
    let signal: AbortSignal | undefined;
    next = () => {
      signal = requests.at(-1)?.signal;
      return new Promise(() => {});
    };
    const provider = cacheOf().provider("key", how());
    const waiting = provider.resolve();
    clock.advance(5250);
    await failure(waiting, "TIMEOUT");
    assert.equal(signal?.aborted, true, "who asked for the signal at the beginning");
    assert.equal(requests[0]?.signal, signal);
    next = async () => identity("fresh");
    assert.equal((await provider.resolve()).accessKeyId, "AKIAFRESH");
  });

  it("tells a fetch that asks late that it has ended", async () => {
    next = () => new Promise(() => {});
    const waiting = cacheOf().provider("key", how()).resolve();
    clock.advance(5250);
    const error = await failure(waiting, "TIMEOUT");
    assert.equal(requests[0]?.signal?.aborted, true);
    assert.equal(requests[0]?.signal?.reason, error);
  });

  it("forgets the identity that was used longest ago when it is full", async () => {
    const cache = cacheOf(4);
    for (const key of ["a", "b", "c", "d"]) await cache.provider(key, how()).resolve();
    await cache.provider("a", how()).resolve();
    await cache.provider("e", how()).resolve();
    assert.equal(cache.size, 4);
    assert.equal(fetches, 5);
    await cache.provider("a", how()).resolve();
    assert.equal(fetches, 5);
    await cache.provider("b", how()).resolve();
    assert.equal(fetches, 6);
  });
});
