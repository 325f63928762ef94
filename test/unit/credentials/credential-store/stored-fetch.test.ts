/** Owns the trials of a fetch with a store that is slower than the fetch: it takes its share of the time, and no more. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import type { CredentialStore } from "../../../../utils/credentials/credential-store/credential-store";
import { storedFetch } from "../../../../utils/credentials/credential-store/stored-fetch";
import type { AwsCredentialIdentity } from "../../../../utils/types/identity";
import { FakeClock, identity } from "../fixtures";

const LIMIT_MS = 6000;
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe("storedFetch", () => {
  let clock: FakeClock;
  let given: (number | undefined)[];
  let released: number;
  let own: AwsCredentialIdentity;
  const storeWith = (more: Partial<CredentialStore>): CredentialStore => ({
    get: async () => undefined,
    set: async () => undefined,
    remove: async () => undefined,
    lock: async () => async () => {
      released += 1;
    },
    ...more,
  });
  const fetch = async ({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<AwsCredentialIdentity> => {
    given.push(timeoutMs);
    return own;
  };
  const run = async (store: CredentialStore): Promise<AwsCredentialIdentity> => {
    let answer: AwsCredentialIdentity | undefined;
    const running = storedFetch(store, "key", fetch, () => true, { timeoutMs: LIMIT_MS }, clock).then((found) => {
      answer = found;
    });
    for (let ms = 0; ms < LIMIT_MS && answer === undefined; ms += 100) {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (answer === undefined) clock.advance(100);
    }
    assert.ok(answer !== undefined, "it took all the time there was");
    await running;
    assert.equal(clock.waiting, 0, "a timer was left");
    return answer;
  };

  beforeEach(() => {
    clock = new FakeClock();
    given = [];
    released = 0;
    own = identity("own", 3_600_000, clock.now());
  });

  it("does not wait longer than a third of its time for a store that hangs, and fetches in the rest", async () => {
    assert.equal(await run(storeWith({ get: never })), own);
    assert.deepEqual(given, [4000]);
  });

  it("does without a lock that cannot be had, and lets go of one that comes after all", async () => {
    let come = (_: () => Promise<void>): void => undefined;
    const lock = () =>
      new Promise<() => Promise<void>>((resolve) => {
        come = resolve;
      });
    assert.equal(await run(storeWith({ lock })), own);
    assert.deepEqual(given, [2000]);
    come(async () => {
      released += 1;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(released, 1);
  });

  it("hands out what was fetched, whether or not it can be kept", async () => {
    assert.equal(await run(storeWith({ set: never })), own);
    assert.deepEqual([given, released], [[LIMIT_MS], 0]);
  });

  it("keeps first and lets go of the lock then", async () => {
    const order: string[] = [];
    const store = storeWith({
      set: async () => void order.push("kept"),
      lock: async () => async () => void order.push("released"),
    });
    assert.equal(await run(store), own);
    assert.deepEqual(order, ["kept", "released"]);
  });
});
