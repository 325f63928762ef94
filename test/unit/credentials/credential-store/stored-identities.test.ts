/** Owns the trials of the cache with a store behind it: what is taken from there, what never is, and what is kept. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { type CredentialStore, isSameIdentity } from "../../../../utils/credentials/credential-store/credential-store";
import { IdentityCache } from "../../../../utils/credentials/identity-cache";
import type { AwsCredentialIdentity } from "../../../../utils/types/identity";
import { FakeClock, identity, settle } from "../fixtures";

const HOUR_MS = 3_600_000;

/** What several processes share, in a map. */
class MapStore implements CredentialStore {
  readonly entries = new Map<string, AwsCredentialIdentity>();
  locks = 0;
  async get(key: string): Promise<AwsCredentialIdentity | undefined> {
    return this.entries.get(key);
  }
  async set(key: string, one: AwsCredentialIdentity): Promise<void> {
    this.entries.set(key, one);
  }
  async remove(key: string, one: AwsCredentialIdentity): Promise<void> {
    const found = this.entries.get(key);
    if (found !== undefined && isSameIdentity(found, one)) this.entries.delete(key);
  }
  async lock(): Promise<() => Promise<void>> {
    this.locks += 1;
    return async () => {
      this.locks -= 1;
    };
  }
}

describe("IdentityCache with a store", () => {
  let clock: FakeClock;
  let store: MapStore;
  let fetches: number;

  /** The cache of one process. */
  const processCache = () =>
    new IdentityCache({ maxChains: 10, clock, random: () => 0, fetchTimeoutMs: 5000, warn: () => {}, store });
  const how = (kept: "memory" | "store" = "store", expiresInMs: number | undefined = HOUR_MS) => ({
    fetch: async () => {
      fetches += 1;
      return identity(`n${fetches}`, expiresInMs, clock.now());
    },
    words: "the step",
    earlyRefresh: "background" as const,
    kept,
  });
  const drain = async (): Promise<void> => {
    for (let round = 0; round < 5; round += 1) await settle();
  };

  beforeEach(() => {
    clock = new FakeClock();
    store = new MapStore();
    fetches = 0;
  });

  it("takes from the store what another process fetched", async () => {
    const one = await processCache().provider("key", how()).resolve();
    const other = await processCache().provider("key", how()).resolve();
    assert.equal(other, one);
    assert.equal(fetches, 1);
    assert.equal(store.locks, 0);
  });

  it("asks the store once: afterwards the memory answers", async () => {
    const provider = processCache().provider("key", how());
    const first = await provider.resolve();
    store.entries.clear();
    assert.equal(await provider.resolve(), first);
    assert.equal(fetches, 1);
  });

  it("does not take what has under 60 seconds left", async () => {
    store.entries.set("key", identity("old", 60_000, clock.now()));
    assert.equal((await processCache().provider("key", how()).resolve()).accessKeyId, "AKIAN1");
    store.entries.set("key", identity("valid", 60_001, clock.now()));
    assert.equal((await processCache().provider("key", how()).resolve()).accessKeyId, "AKIAVALID");
  });

  it("does not take again what AWS refused, and other processes do not find it", async () => {
    const provider = processCache().provider("key", how());
    const refused = await provider.resolve();
    provider.invalidate(refused);
    assert.equal(store.entries.size, 0);
    store.entries.set("key", refused);
    assert.equal((await provider.resolve()).accessKeyId, "AKIAN2");
    assert.equal(store.entries.get("key")?.accessKeyId, "AKIAN2");
  });

  it("renews early with what another process has renewed already", async () => {
    const [one, other] = [processCache().provider("key", how()), processCache().provider("key", how())];
    await one.resolve();
    await other.resolve();
    clock.advance(HOUR_MS - 200_000);
    assert.equal((await one.resolve()).accessKeyId, "AKIAN1", "nobody waits for the renewal");
    await drain();
    assert.equal((await one.resolve()).accessKeyId, "AKIAN2");
    assert.equal((await other.resolve()).accessKeyId, "AKIAN1");
    await drain();
    assert.equal((await other.resolve()).accessKeyId, "AKIAN2");
    assert.equal(fetches, 2);
  });

  it("keeps neither what is for the memory nor what has no end", async () => {
    const cache = processCache();
    await cache.provider("memory", how("memory")).resolve();
    await cache.provider("endless", { ...how(), fetch: async () => identity("endless") }).resolve();
    assert.equal(store.entries.size, 0);
  });

  it("passes a failure on and lets go of the lock", async () => {
    const fetch = () => Promise.reject(new Error("denied"));
    await assert.rejects(
      () =>
        processCache()
          .provider("key", { ...how(), fetch })
          .resolve(),
      /denied/,
    );
    assert.equal(store.locks, 0);
    assert.equal(store.entries.size, 0);
  });
});
