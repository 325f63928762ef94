/** Owns the trials of the credential store in files: sealed, private, shared, and never in the way of a call. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type FileStoreDependencies, fileStore } from "../../../../utils/credentials/credential-store/file-store";
import { IdentitySeal } from "../../../../utils/credentials/credential-store/sealed-identity";
import { storedFetch } from "../../../../utils/credentials/credential-store/stored-fetch";
import { nodePrivateFiles } from "../../../../utils/runtime/node-private-files";
import { systemClock } from "../../../../utils/runtime/system-clock";
import { Secret } from "../../../../utils/types/secret";
import { identity } from "../fixtures";

const FIRST = new Secret("first-key-of-thirty-two-characters");
const SECOND = new Secret("second-key-of-thirty-two-characters");
const HOUR_MS = 3_600_000;

describe("fileStore", () => {
  let folder: string;
  let warnings: string[];
  const open = (keys = [FIRST], more: Partial<FileStoreDependencies> = {}) =>
    fileStore(
      { type: "file", folder, keys },
      {
        files: nodePrivateFiles,
        clock: systemClock,
        random: Math.random,
        randomBytes,
        warn: (message) => warnings.push(message),
        ...more,
      },
    );
  const files = (): string[] => readdirSync(folder).sort();
  const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777;
  const session = (name: string) => identity(name, HOUR_MS, Date.now());

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "credential-store-")), "made", "here");
    warnings = [];
  });
  afterEach(() => rmSync(join(folder, "..", ".."), { recursive: true, force: true }));

  it("gives a later run what an earlier one kept", async () => {
    const kept = session("one");
    await open().set("key", kept, Date.now() + HOUR_MS);
    assert.deepEqual(await open().get("key"), kept);
    assert.equal(await open().get("another key"), undefined);
    assert.deepEqual(warnings, []);
  });

  it("keeps folder and files for their owner alone, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      const store = open();
      await store.set("key", session("one"), Date.now() + HOUR_MS);
      const release = await store.lock("key");
      assert.equal(files().length, 2);
      for (const name of files()) assert.equal(modeOf(name), 0o600, name);
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      await release();
      assert.equal(files().length, 1);
    } finally {
      process.umask(umask);
    }
  });

  it("writes neither secrets nor what they belong to", async () => {
    const kept = session("one");
    await open().set("key", kept, Date.now() + HOUR_MS);
    const [name] = files() as [string];
    const printed = name + readFileSync(join(folder, name)).toString("latin1");
    for (const text of [kept.accessKeyId, kept.secretAccessKey, kept.sessionToken as string, "key"]) {
      assert.equal(printed.includes(text), false, text);
    }
  });

  it("holds nothing for another key, for changed bytes, and for a file moved to another name", async () => {
    await open().set("key", session("one"), Date.now() + HOUR_MS);
    await open().set("other", session("two"), Date.now() + HOUR_MS);
    assert.equal(await open([SECOND]).get("key"), undefined);
    const [one, two] = files() as [string, string];
    const content = readFileSync(join(folder, one));
    writeFileSync(join(folder, two), content);
    const found = [await open().get("key"), await open().get("other")];
    assert.equal(found.filter((entry) => entry !== undefined).length, 1);
    for (const cut of [0, 10, 40, content.length - 1]) {
      writeFileSync(join(folder, one), content.subarray(0, cut));
      writeFileSync(join(folder, two), content.subarray(0, cut));
      assert.deepEqual([await open().get("key"), await open().get("other")], [undefined, undefined], `cut at ${cut}`);
    }
  });

  it("opens only what was sealed, bit for bit", () => {
    const seal = new IdentitySeal(FIRST);
    const sealed = seal.seal("key", session("one"), randomBytes(12));
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] as number) ^ change;
        assert.equal(seal.open("key", changed), undefined);
      }),
    );
    assert.ok(seal.open("key", sealed));
  });

  it("reads with every key and writes with the first, so that a key can be changed", async () => {
    const [old, fresh] = [session("old"), session("new")];
    await open([FIRST]).set("key", old, Date.now() + HOUR_MS);
    const both = open([SECOND, FIRST]);
    assert.deepEqual(await both.get("key"), old);
    await both.set("key", fresh, Date.now() + HOUR_MS);
    assert.equal(files().length, 1, "the file of the old key is gone");
    assert.deepEqual(await open([SECOND]).get("key"), fresh);
    assert.equal(await open([FIRST]).get("key"), undefined);
  });

  it("forgets only what it was told to", async () => {
    const store = open();
    await store.set("key", session("one"), Date.now() + HOUR_MS);
    await store.remove("key", session("another"));
    assert.ok(await store.get("key"));
    await store.remove("key", session("one"));
    assert.equal(await store.get("key"), undefined);
  });

  it("clears away what is over and what was left behind, and nothing else", async () => {
    const store = open();
    await store.set("over", session("over"), Date.now() - 1000);
    for (const name of ["x.credentials.aa.tmp", "x.lock", "notes.txt"]) {
      writeFileSync(join(folder, name), "left");
      utimesSync(join(folder, name), 0, 0);
    }
    await open().set("valid", session("valid"), Date.now() + HOUR_MS);
    const endings = files().map((name) => name.replace(/^.*\./, ""));
    assert.deepEqual(endings.sort(), ["credentials", "txt"]);
    assert.ok(await store.get("valid"));
  });

  it("does not write through a link that somebody put in its way", async () => {
    const store = open();
    await store.set("key", session("one"), Date.now() + HOUR_MS);
    const [name] = files() as [string];
    const outside = join(folder, "..", "outside");
    writeFileSync(outside, "untouched");
    rmSync(join(folder, name));
    symlinkSync(outside, join(folder, name));
    await store.set("key", session("two"), Date.now() + HOUR_MS);
    assert.equal(readFileSync(outside, "utf8"), "untouched");
    assert.deepEqual((await store.get("key"))?.accessKeyId, "AKIATWO");
  });

  it("never stands in the way of a call: a folder that cannot be used is told once", async () => {
    writeFileSync(join(folder, "..", "..", "made"), "a file where the folder belongs");
    const store = open();
    const fetched = await storedFetch(
      store,
      "key",
      async () => session("one"),
      () => true,
      {},
      systemClock,
    );
    assert.equal(fetched.accessKeyId, "AKIAONE");
    await store.set("key", fetched, Date.now() + HOUR_MS);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /cannot be used \((ENOTDIR|EEXIST)\); sessions are kept in memory only/);
  });

  it("lets one fetch for all who ask at once", async () => {
    let fetches = 0;
    const fetch = async () => {
      fetches += 1;
      await systemClock.sleep(30);
      return session("one");
    };
    const asked = Array.from({ length: 8 }, () => storedFetch(open(), "key", fetch, () => true, {}, systemClock));
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ accessKeyId }) => accessKeyId)), new Set(["AKIAONE"]));
    assert.equal(fetches, 1);
    assert.deepEqual(
      files().filter((name) => name.endsWith(".lock")),
      [],
    );
  });

  it("lets the next one try when a fetch fails", async () => {
    let fetches = 0;
    const fetch = async () => {
      fetches += 1;
      if (fetches === 1) throw new Error("denied");
      return session("one");
    };
    await assert.rejects(() => storedFetch(open(), "key", fetch, () => true, {}, systemClock), /denied/);
    assert.ok(await storedFetch(open(), "key", fetch, () => true, {}, systemClock));
  });

  it("does not accept a kept identity that will not do, and replaces it", async () => {
    await open().set("key", session("old"), Date.now() + HOUR_MS);
    const accept = ({ accessKeyId }: { accessKeyId: string }) => accessKeyId !== "AKIAOLD";
    await storedFetch(open(), "key", async () => session("new"), accept, {}, systemClock);
    assert.equal((await open().get("key"))?.accessKeyId, "AKIANEW");
  });

  it("gives up waiting for a lock when the caller does, and leaves it to its holder", async () => {
    const release = await open().lock("key");
    const controller = new AbortController();
    const waiting = open().lock("key", controller.signal);
    setTimeout(() => controller.abort(new Error("out of time")), 20);
    await assert.rejects(waiting, /out of time/);
    assert.equal(files().length, 1);
    await release();
    assert.deepEqual(files(), []);
  });

  it("waits half of its time for a holder that hangs, whichever of the keys it writes with", async () => {
    const release = await open([FIRST, SECOND]).lock("key");
    const end = await open([SECOND, FIRST]).lock("key", undefined, { timeoutMs: 100 });
    await end();
    assert.equal(files().length, 2, "the holder has lost its locks");
    await release();
    assert.deepEqual([files(), warnings], [[], []]);
  });

  it("leaves no lock behind that could not be written", async () => {
    const path = join(folder, "..", "..", "x.lock");
    await assert.rejects(nodePrivateFiles.create(path, {} as Buffer));
    assert.throws(() => statSync(path), /ENOENT/);
  });

  it("takes over the lock of a holder that is gone, and leaves alone the one of a holder that lives", async () => {
    await open().lock("key");
    const [name] = files() as [string];
    utimesSync(join(folder, name), Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    const taken = await Promise.all(
      [open(), open(), open()].map(async (store) => {
        const release = await store.lock("key");
        const held = files().filter((file) => file.endsWith(".lock")).length;
        await release();
        return held;
      }),
    );
    assert.deepEqual(taken, [1, 1, 1]);
    assert.deepEqual(files(), []);
  });

  it("reads what only the owner may read even when the mode was loosened, and tightens it with the next write", async () => {
    const store = open();
    await store.set("key", session("one"), Date.now() + HOUR_MS);
    const [name] = files() as [string];
    chmodSync(join(folder, name), 0o666);
    await store.set("key", session("two"), Date.now() + HOUR_MS);
    assert.equal(modeOf(name), 0o600);
  });
});
