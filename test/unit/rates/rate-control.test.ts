/** Owns the trials of rate control: turns in order, a rate that follows AWS's refusals, bounded waits, Redis there or not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { beforeEach, describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { rateControl, tryBuckets } from "../../../utils/rates/rate-control";
import { slowDown, TokenBucket, takeToken } from "../../../utils/rates/token-bucket";
import type { RedisClient } from "../../../utils/redis/redis-client";
import { FakeRedis, linkTo } from "../../support/fake-redis";
import { FakeClock } from "../credentials/fixtures";

const BUCKET = { service: "ec2", account: "123456789012", region: "eu-west-1" };
const SETTINGS = { requestsPerSecond: 10, burst: 5, maxWaitMs: 1000, services: {} };

describe("TokenBucket", () => {
  it("grants a burst, then one turn after the other, and refuses what would wait too long", () => {
    const bucket = new TokenBucket({ requestsPerSecond: 10, burst: 3 }, 0);
    const waits = Array.from({ length: 6 }, () => bucket.take(0, 300).waitMs);
    assert.deepEqual(waits, [0, 0, 0, 100, 200, 300]);
    assert.equal(bucket.take(0, 300).outcome, "refused");
    // A refusal takes nothing: time alone brings the next turn.
    assert.deepEqual([bucket.take(100, 300).outcome, bucket.take(100, 300).outcome], ["granted", "refused"]);
  });

  it("halves its rate for a refusal of AWS, once a second, and grows back", () => {
    const bucket = new TokenBucket({ requestsPerSecond: 10, burst: 1 }, 0);
    for (let n = 0; n < 20; n += 1) bucket.throttled(0);
    assert.equal(bucket.take(0, 10_000).rate, 5);
    bucket.throttled(1000);
    assert.equal(bucket.take(1000, 10_000).rate, 2.75);
    assert.equal(bucket.take(100_000, 10_000).rate, 10);
    for (let n = 0; n < 100; n += 1) bucket.throttled(200_000 + n * 1000);
    assert.ok(bucket.take(300_000, 100_000).rate >= 0.2, "it never stops");
  });

  it("never grants more than burst and rate together allow", () => {
    const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 2000 }), slow: fc.boolean() }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), steps, (rate, burst, list) => {
        const bucket = new TokenBucket({ requestsPerSecond: rate, burst }, 0);
        const turns: number[] = [];
        let nowMs = 0;
        for (const { afterMs, slow } of list) {
          nowMs += afterMs;
          if (slow) bucket.throttled(nowMs);
          const { outcome, waitMs } = bucket.take(nowMs, 5000);
          assert.ok(outcome === "refused" || waitMs <= 5000);
          if (outcome === "granted") turns.push(nowMs + waitMs);
        }
        for (const [n, atMs] of turns.entries()) assert.ok(n + 1 <= burst + (rate * (atMs + 2)) / 1000 + 1e-6);
      }),
    );
  });
});

describe("rateControl", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });

  it("lets calls wait for their turn, and tells at once when it would come too late", async () => {
    const rates = rateControl(SETTINGS, clock);
    const sleeping = clock.sleep.bind(clock);
    const waits: number[] = [];
    clock.sleep = async (ms) => void waits.push(ms);
    for (let n = 0; n < 15; n += 1) await rates.turn(BUCKET);
    assert.equal(waits.at(-1), 1000);
    await assert.rejects(rates.turn(BUCKET), (error) => {
      assert.ok(error instanceof AdapterError && error.code === "RATE_EXCEEDED", String(error));
      assert.match(error.message, /ec2.*123456789012.*eu-west-1.*1100 ms.*1000 ms/);
      return true;
    });
    clock.sleep = sleeping;
    // Another service, account or region has turns of its own.
    for (const other of [{ service: "s3" }, { account: "2" }, { region: "us-east-1" }]) {
      await rates.turn({ ...BUCKET, ...other });
    }
    assert.deepEqual(clock.slept, []);
  });

  it("has rates of its own for a service", async () => {
    const rates = rateControl({ ...SETTINGS, services: { s3: { requestsPerSecond: 1, burst: 1 } } }, clock);
    await rates.turn({ ...BUCKET, service: "s3" });
    await rates.turn({ ...BUCKET, service: "s3" });
    await rates.turn(BUCKET);
    assert.deepEqual(clock.slept, [1000]);
    // What every object has is no setting.
    for (let n = 0; n < 6; n += 1) await rates.turn({ ...BUCKET, service: "constructor" });
    assert.deepEqual(clock.slept, [1000, 100]);
  });

  it("ends a wait with the signal", async () => {
    const rates = rateControl({ ...SETTINGS, burst: 1 }, clock);
    clock.sleep = () => Promise.reject(new Error("enough"));
    await rates.turn(BUCKET);
    await assert.rejects(rates.turn(BUCKET), { code: "ABORTED" });
  });

  it("asks the bucket of all nodes, and its own at the learned rate while Redis is away", async () => {
    const state: { away?: boolean } = {};
    const ran: unknown[] = [];
    const run: RedisClient["run"] = async (script, name, values) => {
      ran.push([script === takeToken ? "take" : script === slowDown ? "slow" : "?", name, ...values]);
      return script === takeToken ? [1, 0, 2000, 0] : 1000;
    };
    const client = Object.assign(new FakeRedis(clock), { run });
    const shared = { link: linkTo(client, state), name: (bucket: string) => `hidden ${bucket.length}` };
    const rates = rateControl({ ...SETTINGS, burst: 1 }, clock, shared);
    await rates.turn(BUCKET);
    rates.throttled(BUCKET);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(ran, [
      ["take", "hidden 26", 10, 1, 1000],
      ["slow", "hidden 26", 10, 1],
    ]);
    state.away = true;
    await rates.turn(BUCKET);
    // Two a second were learned, halved once more by the refusal: the next turn is a second away.
    assert.deepEqual(clock.slept, [1000]);
    rates.close();
    assert.equal(client.closed, 1);
  });

  it("goes on from the rate that was learned last, however long its own bucket has rested", async () => {
    const state: { away?: boolean } = {};
    const client = Object.assign(new FakeRedis(clock), { run: async () => [1, 0, 2000, 1000] });
    const rates = rateControl({ ...SETTINGS, burst: 1 }, clock, { link: linkTo(client, state), name: String });
    await rates.turn(BUCKET);
    clock.advance(120_000);
    await rates.turn(BUCKET);
    state.away = true;
    await rates.turn(BUCKET);
    await rates.turn(BUCKET);
    assert.deepEqual(clock.slept, [500]);
  });

  for (const odd of [null, 1, "OK", [1, 0], [1, 0, "x", 0], [1, 0, 2000, null]]) {
    it(`goes on from its own bucket when ${JSON.stringify(odd)} is all that Redis answers`, async () => {
      const client = Object.assign(new FakeRedis(clock), { run: async () => odd });
      const link = {
        ...linkTo(client),
        use: <T>(work: (of: RedisClient) => Promise<T>) => work(client).catch(() => undefined),
      };
      await rateControl(SETTINGS, clock, { link, name: String }).turn(BUCKET);
      await assert.rejects(tryBuckets(client, "trial"), /not Redis's/);
    });
  }

  it("has no burst of its own when Redis goes while all nodes together have used theirs up", async () => {
    const state: { away?: boolean } = {};
    const client = Object.assign(new FakeRedis(clock), { run: async () => [1, 300, 10_000, -3000] });
    const rates = rateControl(SETTINGS, clock, { link: linkTo(client, state), name: String });
    clock.sleep = async (ms) => void clock.slept.push(ms);
    await rates.turn(BUCKET);
    state.away = true;
    await rates.turn(BUCKET);
    assert.deepEqual(clock.slept, [300, 400]);
  });

  it("knows its rate when Redis goes, however small: answers are in thousandths", async () => {
    const state: { away?: boolean } = {};
    const client = Object.assign(new FakeRedis(clock), { run: async () => [1, 0, 0, 0] });
    const rates = rateControl({ ...SETTINGS, requestsPerSecond: 0.01 }, clock, {
      link: linkTo(client, state),
      name: String,
    });
    await rates.turn(BUCKET);
    state.away = true;
    await assert.rejects(rates.turn(BUCKET), ({ detail }: AdapterError) => detail["found"] === 5_000_000);
  });
});
