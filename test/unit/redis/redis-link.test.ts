/** Owns the trials of the link to a Redis that hangs, goes and comes back: bounded waits, one warning, one end to it. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { tryStore } from "../../../utils/credentials/credential-store/redis-store";
import { reasonOf } from "../../../utils/redis/redis-advice";
import type { ConnectRedis, RedisClient } from "../../../utils/redis/redis-client";
import { RedisLink } from "../../../utils/redis/redis-link";
import type { Clock } from "../../../utils/types/clock";
import { FakeRedis } from "../../support/fake-redis";
import { FakeClock } from "../credentials/fixtures";

const LIMIT_MS = 100;

/** A sleep ends when the time has been moved. */
function steadyClock(): FakeClock {
  const clock = new FakeClock();
  clock.sleep = (ms: number, signal?: AbortSignal) =>
    new Promise((resolve, reject) => {
      const cancel = clock.schedule(ms, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        reject(signal.reason);
      });
    });
  return clock;
}
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("RedisLink", () => {
  let clock: FakeClock;
  let redis: FakeRedis;
  let log: string[];
  let connections: number;
  let cancelled: number;
  let ended: (() => void)[];
  /** What the next connections do. */
  let server: "there" | "refuses" | "hangs" | "forbids";

  const connect: ConnectRedis = (onEnd) => {
    connections += 1;
    ended.push(onEnd);
    const forbidden = async (): Promise<never> => {
      throw new Error("NOPERM this user has no permissions to run the 'set' command");
    };
    const client: RedisClient =
      server === "forbids" ? Object.assign(new FakeRedis(clock), { claim: forbidden }) : redis;
    const ready =
      server === "refuses"
        ? Promise.reject(Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" }))
        : server === "hangs"
          ? new Promise<RedisClient>(() => undefined)
          : Promise.resolve(client);
    const cancel = (): void => {
      cancelled += 1;
    };
    return { ready, cancel };
  };
  const trial = (client: RedisClient): Promise<void> => tryStore(client, "trial");
  const open = (given: Clock = clock): RedisLink =>
    new RedisLink({
      ...{ connect, clock: given, operationTimeoutMs: LIMIT_MS, trial },
      ...{ words: "Redis", instead: "memory only" },
      warn: (message) => log.push(`warn ${message}`),
      info: (message) => log.push(`info ${message}`),
    });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(Math.min(50, left));
      await settle();
    }
  };

  beforeEach(() => {
    clock = steadyClock();
    redis = new FakeRedis(clock);
    log = [];
    [connections, cancelled] = [0, 0];
    ended = [];
    server = "there";
  });

  it("connects on first use, once for all who ask together, and leaves no trace of its trial", async () => {
    const link = open();
    assert.equal(connections, 0);
    const answers = await Promise.all([1, 2, 3].map((n) => link.use(async () => n)));
    assert.deepEqual([answers, connections, redis.entries.size, log.length, clock.waiting], [[1, 2, 3], 1, 0, 0, 0]);
  });

  it("goes on without a Redis that refuses: one warning, no wait, and the next attempt behind a use", async () => {
    server = "refuses";
    const link = open();
    const never = async () => assert.fail("used");
    assert.equal(await link.use(never), undefined);
    for (let call = 0; call < 100; call += 1) assert.equal(await link.use(never), undefined);
    assert.equal(connections, 1);
    await pass(10_000);
    assert.equal(connections, 1, "no timer tries by itself");
    assert.equal(await link.use(never), undefined);
    await settle();
    assert.equal(connections, 2);
    assert.match(
      log.join("\n"),
      /^warn Redis cannot be used \(connect ECONNREFUSED 127.0.0.1:6379\); memory only[^\n]*$/,
    );
    server = "there";
    await pass(10_000);
    assert.equal(await link.use(async () => "found"), undefined);
    await settle();
    assert.equal(await link.use(async () => "found"), "found");
    assert.deepEqual(log.slice(1), ["info Redis can be used again"]);
  });

  it("says of a Redis that comes and goes that it does, and then nothing before it stays", async () => {
    const link = open();
    const hang = async (): Promise<void> => {
      const hanging = link.use(() => new Promise(() => undefined));
      await pass(LIMIT_MS);
      assert.equal(await hanging, undefined);
    };
    const back = async (): Promise<void> => {
      await pass(5000);
      await link.use(async () => 1);
      await settle();
      assert.equal(await link.use(async () => "found"), "found");
    };
    await link.use(async () => 1);
    for (let times = 0; times < 20; times += 1) {
      await hang();
      await back();
    }
    const [first, second, third, ...more] = log;
    assert.match(first ?? "", /^warn Redis cannot be used \(.*It is tried again by itself$/);
    assert.equal(second, "info Redis can be used again");
    assert.match(
      third ?? "",
      /^warn Redis cannot be used .*It comes and goes: nothing more is said before .*30 seconds$/,
    );
    assert.deepEqual(more, []);
    await pass(29_000);
    await link.use(async () => 1);
    assert.equal(log.length, 3);
    await pass(2000);
    await link.use(async () => 1);
    await link.use(async () => 1);
    assert.deepEqual(log.slice(3), ["info Redis can be used again"]);
    await pass(31_000);
    await hang();
    assert.match(log.at(-1) ?? "", /It is tried again by itself$/, "after that it is news");
    await back();
    assert.deepEqual([log.length, log.at(-1)], [6, "info Redis can be used again"]);
  });

  it("waits for a server that hangs once, for its limit", async () => {
    server = "hangs";
    const link = open();
    let answer: unknown = "none yet";
    const waiting = link
      .use(async () => 1)
      .then((value) => {
        answer = value;
      });
    await pass(4 * LIMIT_MS - 50);
    assert.equal(answer, "none yet");
    await pass(50);
    await waiting;
    assert.deepEqual([answer, cancelled, clock.waiting], [undefined, 1, 0]);
    assert.match(log[0] ?? "", /no answer within 400 ms/);
  });

  it("ends an operation that hangs at its limit, and the connection with it", async () => {
    const link = open();
    await link.use(async () => 1);
    const hanging = [1, 2, 3].map(() => link.use(() => new Promise(() => undefined)));
    await settle();
    await pass(LIMIT_MS);
    assert.deepEqual(await Promise.all(hanging), [undefined, undefined, undefined]);
    assert.deepEqual([log.length, redis.closed, clock.waiting], [1, 1, 0]);
  });

  it("takes an answer that came while the process itself stood still", async () => {
    const link = open();
    await link.use(async () => 1);
    let answer = (_: string): void => {};
    const asked = link.use(
      () =>
        new Promise<string>((resolve) => {
          answer = resolve;
        }),
    );
    await settle();
    clock.advance(10 * LIMIT_MS);
    setImmediate(() => answer("in time"));
    assert.equal(await asked, "in time");
    assert.deepEqual(log, []);
  });

  it("takes what another has put under one name for nothing, and goes on", async () => {
    const link = open();
    const wrong = new Error("WRONGTYPE Operation against a key holding the wrong kind of value");
    assert.equal(await link.use(() => Promise.reject(wrong)), undefined);
    assert.equal(await link.use(async () => 2), 2);
    assert.deepEqual([connections, redis.closed, log], [1, 0, []]);
  });

  it("answers at once, and leaves no timer, when it is closed while it opens a connection that hangs", async () => {
    server = "hangs";
    const link = open();
    const asked = link.use(async () => 1);
    await settle();
    link.close();
    assert.equal(await asked, undefined);
    assert.deepEqual([clock.waiting, log], [0, []]);
  });

  it("opens again without a word when an idle connection has ended", async () => {
    const link = open();
    await link.use(async () => 1);
    ended[0]?.();
    assert.equal(await link.use(async () => 2), 2);
    assert.deepEqual([connections, log], [2, []]);
  });

  it("counts a server that forbids the work as one that cannot be used, for as long as it does", async () => {
    server = "forbids";
    const link = open();
    for (let round = 0; round < 5; round += 1) {
      assert.equal(await link.use(async () => 1), undefined);
      await pass(10_000);
    }
    assert.equal(log.length, 1);
    assert.match(log[0] ?? "", /NOPERM.*docs\/credential-cache\.md/);
  });

  it("closes, also while it connects, and opens again when it is told to", async () => {
    const link = open();
    const asked = link.use(async () => 1);
    link.close();
    assert.equal(await asked, undefined);
    assert.equal(await link.use(async () => 1), undefined);
    assert.ok(cancelled >= 1);
    link.reopen();
    assert.equal(await link.use(async () => 2), 2);
    link.close();
    assert.deepEqual([redis.closed, log], [1, []]);
  });

  it("says nothing of an opening that was closed, when it is opened again before that has ended", async () => {
    server = "hangs";
    const link = open();
    const asked = link.use(async () => 1);
    link.close();
    link.reopen();
    server = "there";
    assert.equal(await link.use(async () => 2), 2);
    await pass(4 * LIMIT_MS);
    assert.equal(await asked, undefined);
    assert.deepEqual([await link.use(async () => 3), connections, log], [3, 2, []]);
  });
});

describe("reasonOf", () => {
  for (const [given, expected] of [
    [new Error("WRONGPASS invalid username-password pair or user is disabled."), /: check username and password$/],
    [
      new Error("ERR The user executing the script can't run this command or subcommand script: f_1"),
      /lacks a permission/,
    ],
    [new Error("Stream isn't writeable and enableOfflineQueue options is false"), /^the connection was lost$/],
    [
      Object.assign(new Error("self-signed certificate in chain"), { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
      /tls\.ca_file/,
    ],
    [Object.assign(new Error(""), { code: "ECONNRESET" }), /^ECONNRESET$/],
    ["odd", /^odd$/],
  ] as const) {
    it(`says ${expected}`, () => assert.match(reasonOf(given), expected));
  }
});
