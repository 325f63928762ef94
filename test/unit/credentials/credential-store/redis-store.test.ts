/** Owns the trials of the credential store in Redis: sealed, bound to its place, locked for a while, and never in the way. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, it } from "mocha";
import { redisStore } from "../../../../utils/credentials/credential-store/redis-store";
import { IdentitySeal } from "../../../../utils/credentials/credential-store/sealed-identity";
import { storedFetch } from "../../../../utils/credentials/credential-store/stored-fetch";
import { Secret } from "../../../../utils/types/secret";
import { anyCharacter } from "../../../support/any-character";
import { FakeRedis, linkTo } from "../../../support/fake-redis";
import { FakeClock, identity, START_MS } from "../fixtures";

const FIRST = new Secret("first-key-of-thirty-two-characters");
const SECOND = new Secret("second-key-of-thirty-two-characters");
const HOUR_MS = 3_600_000;
const ENDS_MS = START_MS + HOUR_MS;

describe("redisStore", () => {
  let clock: FakeClock;
  let redis: FakeRedis;
  let state: { away?: boolean };
  const open = (keys = [FIRST], namespace = "one") =>
    redisStore({ namespace, keys }, { link: linkTo(redis, state), clock, random: () => 0.5, randomBytes });
  const session = (name: string, livesMs = HOUR_MS) => identity(name, livesMs, clock.now());

  beforeEach(() => {
    clock = new FakeClock();
    redis = new FakeRedis(clock);
    state = {};
  });

  it("gives another node what one kept, until a minute before its end", async () => {
    const kept = session("one");
    await open().set("key", kept, ENDS_MS);
    assert.deepEqual(await open().get("key"), kept);
    clock.advance(HOUR_MS - 60_001);
    assert.deepEqual(await open().get("key"), kept);
    clock.advance(1);
    assert.equal(await open().get("key"), undefined);
  });

  it("keeps nothing that is nearly over", async () => {
    await open().set("key", session("one", 60_000), START_MS + 60_000);
    assert.equal(redis.entries.size, 0);
  });

  it("shares nothing with another key or another namespace, and they do not collide", async () => {
    await open().set("key", session("one"), ENDS_MS);
    const [name] = [...redis.entries.keys()];
    for (const other of [open([SECOND]), open([FIRST], "two")]) {
      assert.equal(await other.get("key"), undefined);
      await other.set("key", session("other"), ENDS_MS);
      await other.remove("key", session("one"));
    }
    assert.equal(redis.entries.size, 3);
    assert.ok(name !== undefined && redis.entries.has(name));
    assert.equal((await open().get("key"))?.accessKeyId, session("one").accessKeyId);
  });

  it("tells nothing of keys, roles and secrets in names and values", async () => {
    const kept = { ...session("one"), sessionToken: "a-session-token-that-is-long-enough" };
    const key = "arn:aws:iam::123456789012:role/Task";
    await open().set(key, kept, ENDS_MS);
    await open().lock(key);
    for (const [name, { value }] of redis.entries) {
      for (const secret of [key, "123456789012", kept.accessKeyId, kept.secretAccessKey, kept.sessionToken]) {
        for (const encoding of ["utf8", "base64", "hex"] as const) {
          const form = Buffer.from(secret).toString(encoding).replace(/=+$/, "").slice(0, -1);
          assert.ok(!name.includes(form) && !value.toString("latin1").includes(form), `${form} in ${name}`);
        }
      }
    }
  });

  it("reads with every key and writes with the first, so that a key can be changed", async () => {
    await open([FIRST]).set("key", session("old", HOUR_MS / 2), START_MS + HOUR_MS / 2);
    const changing = open([SECOND, FIRST]);
    assert.equal((await changing.get("key"))?.accessKeyId, session("old").accessKeyId);
    await changing.set("key", session("new"), ENDS_MS);
    assert.equal(redis.entries.size, 1);
    assert.equal((await open([SECOND]).get("key"))?.accessKeyId, session("new").accessKeyId);
    // A node that has not been told yet writes with the old key: the one that lives longest counts.
    await open([FIRST]).set("key", session("old", HOUR_MS / 2), START_MS + HOUR_MS / 2);
    assert.equal((await changing.get("key"))?.accessKeyId, session("new").accessKeyId);
    await changing.remove("key", session("new"));
    assert.equal((await changing.get("key"))?.accessKeyId, session("old").accessKeyId);
  });

  it("removes only what it was told to", async () => {
    await open().set("key", session("one"), ENDS_MS);
    await open().remove("key", session("another"));
    assert.equal(redis.entries.size, 1);
    await open().remove("key", session("one"));
    assert.equal(redis.entries.size, 0);
  });

  it("gives the lock to one, and to the next when that ends it", async () => {
    const order: string[] = [];
    const release = await open().lock("key");
    const next = open()
      .lock("key", undefined, { timeoutMs: 60_000 })
      .then((end) => {
        order.push("next");
        return end;
      });
    order.push("first ends");
    await release();
    await (await next)();
    assert.deepEqual(order, ["first ends", "next"]);
    assert.equal(redis.entries.size, 0);
  });

  it("is one lock for all nodes while the key is being changed, whichever they write with", async () => {
    const orders = [[FIRST], [FIRST, SECOND], [SECOND, FIRST], [SECOND]] as const;
    for (const [n, order] of orders.slice(1).entries()) {
      const release = await open([...(orders[n] as readonly Secret[])]).lock("key");
      const isFree = async (): Promise<boolean> => {
        let free = true;
        const arrived = async (): Promise<boolean> => {
          free = false;
          return true;
        };
        await (await open([...order]).lock("key", undefined, { arrived }))();
        return free;
      };
      assert.equal(await isFree(), false, `${n}`);
      await release();
      assert.equal(await isFree(), true, `${n}`);
      assert.equal(redis.entries.size, 0);
    }
  });

  it("ends no lock but its own", async () => {
    const release = await open().lock("key", undefined, { timeoutMs: 3000 });
    const [name] = [...redis.entries.keys()] as [string];
    redis.entries.delete(name);
    await open().lock("key", undefined, { timeoutMs: 3000 });
    await release();
    assert.ok(redis.entries.has(name));
  });

  it("waits for a holder that died no longer than its lock lives", async () => {
    await redis.claim([...(await nameOfLock())][0] as string, "of one that died", 2000);
    await open().lock("key", undefined, { timeoutMs: 6000 });
    const waitedMs = clock.now() - START_MS;
    assert.ok(waitedMs >= 2000 && waitedMs < 2500, `${waitedMs}`);
  });

  it("waits for a holder that hangs half of its time, and goes on without the lock", async () => {
    const name = [...(await nameOfLock())][0] as string;
    await redis.claim(name, "of one that hangs", HOUR_MS);
    const end = await open().lock("key", undefined, { timeoutMs: 6000 });
    const waitedMs = clock.now() - START_MS;
    assert.ok(waitedMs >= 3000 && waitedMs < 3500, `${waitedMs}`);
    await end();
    assert.ok(redis.entries.has(name));
  });

  it("takes what the holder kept as soon as it is there, lock or not", async () => {
    await redis.claim([...(await nameOfLock())][0] as string, "of another", HOUR_MS);
    const store = open();
    const arriving = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      await arriving(ms);
      await store.set("key", session("of another"), ENDS_MS);
    };
    const found = await storedFetch(
      store,
      "key",
      () => assert.fail("fetched"),
      () => true,
      { timeoutMs: 6000 },
      clock,
    );
    assert.equal(found.accessKeyId, session("of another").accessKeyId);
  });

  it("ends the wait with the signal", async () => {
    await redis.claim([...(await nameOfLock())][0] as string, "of another", HOUR_MS);
    await assert.rejects(open().lock("key", AbortSignal.abort(new Error("over"))), /over/);
  });

  it("prolongs the lock of a holder that works", async () => {
    const release = await open().lock("key", undefined, { timeoutMs: 3000 });
    for (let step = 0; step < 10; step += 1) {
      clock.advance(400);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(redis.entries.size, 1);
    await release();
    assert.deepEqual([redis.entries.size, clock.waiting], [0, 0]);
  });

  it("keeps credentials of instance metadata out, which are one machine's", async () => {
    const attached = { ...session("one"), attachedRole: { name: "node" } };
    const got = await storedFetch(
      open(),
      "key",
      async () => attached,
      () => true,
      {},
      clock,
    );
    assert.equal(got, attached);
    assert.equal(redis.entries.size, 0);
  });

  it("holds nothing while Redis is away, and nobody waits", async () => {
    const store = open();
    await store.set("key", session("one"), ENDS_MS);
    state.away = true;
    assert.equal(await store.get("key"), undefined);
    const fetched = await storedFetch(
      store,
      "key",
      async () => session("own"),
      () => true,
      {},
      clock,
    );
    assert.equal(fetched.accessKeyId, session("own").accessKeyId);
    assert.deepEqual(clock.slept, []);
  });

  async function nameOfLock(): Promise<Iterable<string>> {
    const end = await open().lock("key");
    const names = [...redis.entries.keys()];
    await end();
    return names;
  }
});

describe("IdentitySeal", () => {
  const secrets = fc.string({ minLength: 32, maxLength: 80 });
  const identities = fc.record(
    {
      accessKeyId: fc.string(),
      secretAccessKey: fc.string({ unit: anyCharacter }),
      sessionToken: fc.string({ maxLength: 2000 }),
      expiration: fc.date({ noInvalidDate: true }),
    },
    { noNullPrototype: true },
  );
  const sealed = fc.record({ secret: secrets, scope: fc.string(), key: fc.string(), identity: identities });
  const sealOf = (secret: string, scope: string): IdentitySeal => new IdentitySeal(new Secret(secret), scope);

  it("gives back what it sealed, to nobody else", () => {
    fc.assert(
      fc.property(sealed, fc.string(), secrets, ({ secret, scope, key, identity: one }, other, otherSecret) => {
        const seal = sealOf(secret, scope);
        const content = seal.seal(key, one, randomBytes(12));
        assert.deepEqual(seal.open(key, content), one);
        if (other !== key) assert.equal(seal.open(other, content), undefined);
        if (otherSecret !== secret) assert.equal(sealOf(otherSecret, scope).open(key, content), undefined);
        if (other !== scope) {
          assert.equal(sealOf(secret, other).open(key, content), undefined);
          assert.notEqual(sealOf(secret, other).name(key), seal.name(key));
        }
      }),
    );
  });

  it("opens nothing that was changed, cut or grown by one byte", () => {
    fc.assert(
      fc.property(
        sealed,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ({ secret, scope, key, identity: one }, at, bits) => {
          const seal = sealOf(secret, scope);
          const content = seal.seal(key, one, randomBytes(12));
          const changed = Buffer.from(content);
          changed[at % content.length]! ^= bits;
          for (const wrong of [
            changed,
            content.subarray(0, at % content.length),
            Buffer.concat([content, changed.subarray(0, 1)]),
          ]) {
            assert.equal(seal.open(key, wrong), undefined);
          }
        },
      ),
    );
  });
});
