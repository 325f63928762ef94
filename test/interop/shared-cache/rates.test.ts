/** Rates that nodes share, on a real Redis: one bucket for all, one rate that follows refusals, none of it needed to call. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openRates } from "../../../utils/runtime/open-rates";
import { parseSettings } from "../../../utils/settings/parse-settings";
import type { RateSettings, Rates } from "../../../utils/types/rates";
import { ROOT_FOLDER } from "../../cases/roles-anywhere/world";
import { need } from "../../support/needs";
import { anyRedis, type RedisServer, redisPrograms, startRedis } from "../../support/redis-server";

const BUCKET = { service: "ec2", account: "123456789012", region: "eu-west-1" };
const [program] = redisPrograms();

describe("interop: rates that nodes share", function () {
  this.timeout(60_000);
  let redis: RedisServer;
  let log: string[];
  const open: Rates[] = [];

  need(anyRedis);
  before(async () => {
    redis = await startRedis({ program: program as string });
  });
  beforeEach(() => {
    log = [];
  });
  afterEach(() => {
    for (const rates of open.splice(0)) rates.close();
  });
  after(() => redis?.stop());

  const node = (given: object, cache: object = {}): Rates => {
    const settings = parseSettings(
      "aws",
      {
        authentication: { auth_method: "aws_authentication" },
        credential_cache: {
          ...{ type: "redis", url: redis.url, operation_timeout: 5000 },
          key: "Zm9yIHRoZSB0cmlhbHMgYW5kIG5vdGhpbmcgZWxzZSE=",
          ...cache,
        },
        rate_control: { enabled: true, ...given },
      },
      {},
    );
    const keep = (message: string): void => {
      log.push(message);
    };
    const rates = openRates(settings.rates as RateSettings, settings.credentialCache.store, { warn: keep, info: keep });
    open.push(rates);
    return rates;
  };
  const outcome = (turn: Promise<void>): Promise<string> =>
    turn.then(
      () => "granted",
      (error: { code?: string }) => String(error.code),
    );

  it("grants one burst to all nodes together, and names no account in Redis", async () => {
    const given = { requests_per_second: 0.01, burst: 10, max_wait: 0 };
    const nodes = [node(given), node(given), node(given)];
    const turns = await Promise.all(
      Array.from({ length: 30 }, (_, n) => outcome((nodes[n % 3] as Rates).turn(BUCKET))),
    );
    assert.deepEqual([turns.filter((one) => one === "granted").length, log], [10, []]);
    assert.ok(turns.every((one) => one === "granted" || one === "RATE_EXCEEDED"));
    const names = await redis.admin.keys("*");
    assert.deepEqual([names.length, names.join().includes("123456789012")], [1, false]);
    assert.ok((await redis.admin.pttl(names[0] as string)) > 0);
  });

  it("slows all nodes down by what one hears, once a second, and grows back", async () => {
    const given = { requests_per_second: 100, burst: 5, max_wait: 60_000 };
    const [one, two] = [node(given), node(given)];
    const bucket = { ...BUCKET, region: "us-east-1" };
    await one.turn(bucket);
    for (let n = 0; n < 10; n += 1) one.throttled(bucket);
    const rate = async (): Promise<number> => {
      const names = await redis.admin.keys("*");
      const rates = await Promise.all(names.map((name) => redis.admin.hget(name, "rate")));
      return Math.max(...rates.map(Number));
    };
    await two.turn(bucket);
    const slowed = await rate();
    assert.ok(slowed >= 50 && slowed < 80, `${slowed}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await two.turn(bucket);
    assert.ok((await rate()) > slowed);
    // The clock of the server that was master before was ahead.
    for (const name of await redis.admin.keys("*")) await redis.admin.hset(name, "decreased", Date.now() + 300_000);
    one.throttled(bucket);
    await one.turn(bucket);
    assert.ok((await rate()) < slowed);
  });

  it("needs no permission but the documented ones, and says once that one is missing", async () => {
    const documented = readFileSync(join(ROOT_FOLDER, "docs", "credential-cache.md"), "utf8");
    const rules = (/^ACL SETUSER adapter on >password (.*)$/m.exec(documented)?.[1] ?? "").split(" ");
    assert.ok(rules.includes("-@all"));
    const allow = (...given: string[]) =>
      redis.admin.call("ACL", "SETUSER", "adapter", "reset", "on", ">password", ...given);
    const url = redis.url.replace("//", "//adapter:password@");
    const given = { requests_per_second: 1000, burst: 5, max_wait: 60_000 };
    const bucket = { ...BUCKET, region: "eu-west-2" };
    await redis.admin.flushall();
    await allow(...rules);
    const rates = node(given, { url, namespace: "production" });
    await rates.turn(bucket);
    rates.throttled(bucket);
    await rates.turn(bucket);
    const names = await redis.admin.keys("*");
    assert.deepEqual([log, names.length, names[0]?.startsWith("production:rate:")], [[], 1, true]);

    for (const missing of ["+hmget", "+hset", "+time", "+pexpire"]) {
      log = [];
      await allow(...rules.filter((rule) => rule !== missing));
      const poor = node(given, { url, namespace: "production" });
      // Beyond the first pause, so that it is tried more than once.
      for (let n = 0; n < 15; n += 1) {
        await poor.turn(bucket);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.equal(log.length, 1, log.join("\n"));
      assert.match(log[0] as string, /cannot be used.*lacks a permission/);
      assert.equal(await redis.admin.dbsize(), 1, "no trial is left behind");
    }
  });

  it("goes on by itself when Redis is gone, and has no second burst", async () => {
    const given = { requests_per_second: 0.01, burst: 5, max_wait: 0 };
    const nodes = [node(given), node(given)];
    const bucket = { ...BUCKET, region: "eu-north-1" };
    const granted = async (turns: number): Promise<number> => {
      const outcomes = await Promise.all(
        Array.from({ length: turns }, (_, n) => outcome((nodes[n % 2] as Rates).turn(bucket))),
      );
      return outcomes.filter((one) => one === "granted").length;
    };
    // The last one of each node hears that nothing is left.
    assert.equal((await granted(5)) + (await granted(2)), 5);
    await redis.kill();
    assert.equal(await granted(20), 0);
    assert.equal(log.length, 2);
    for (const text of log) assert.match(text, /each node controls its rates by itself/);
  });
});
