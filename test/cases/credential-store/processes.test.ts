/** The file cache between processes: one session for all, in consecutive runs too, and nothing torn when one is killed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore } from "../../../utils/credentials/credential-store/file-store";
import { nodePrivateFiles } from "../../../utils/runtime/node-private-files";
import { systemClock } from "../../../utils/runtime/system-clock";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { Secret } from "../../../utils/types/secret";
import { properties, ROOT_FOLDER, workloadBlock } from "../roles-anywhere/world";

const KEY = "a-key-of-at-least-thirty-two-characters";
const ROUNDS_OF_KILLING = 4;

describe("cases: the credential cache in files", () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "credential-cache-"));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (script: string, ...given: string[]): Promise<{ child: ChildProcess; output: () => string }> => {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", join(__dirname, script), ...given], {
      cwd: ROOT_FOLDER,
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    let text = "";
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
      child.stdout?.on("data", (data) => {
        text += data;
        if (text.includes("ready")) resolve();
      });
    });
    child.removeAllListeners("exit");
    return { child, output: () => text };
  };
  const finish = async ({
    child,
    output,
  }: Awaited<ReturnType<typeof start>>): Promise<{ accessKeyId: string; log: string[] }> => {
    const ended = once(child, "exit");
    child.stdin?.write("go\n");
    await ended;
    return JSON.parse(output().split("\n")[1] as string);
  };

  describe("with Roles Anywhere", () => {
    let simulator: Simulator;
    before(async () => {
      simulator = await startSimulator();
    });
    after(() => simulator.close());

    it("opens one session for processes started together, and none for the next run", async function () {
      this.timeout(40_000);
      const file = join(folder, "service-instance.json");
      const cache = { type: "file", folder: join(folder, "cache"), key: KEY };
      writeFileSync(file, JSON.stringify(properties(simulator, workloadBlock(simulator), { credential_cache: cache })));
      simulator.faults.set("rolesanywhere", { kind: "slow", ms: 300 });
      const together = await Promise.all([start("run-once.ts", file), start("run-once.ts", file)]);
      const seen = await Promise.all(together.map(finish));
      assert.equal(simulator.counts()["rolesanywhere.CreateSession"], 1);
      assert.equal(new Set(seen.map(({ accessKeyId }) => accessKeyId)).size, 1);
      const later = await finish(await start("run-once.ts", file));
      assert.equal(later.accessKeyId, seen[0]?.accessKeyId);
      assert.equal(simulator.counts()["rolesanywhere.CreateSession"], 1);
      assert.deepEqual(later.log, []);
    });
  });

  it("leaves nothing torn and nothing that others may read when a process is killed at any moment", async function () {
    this.timeout(60_000);
    const cache = join(folder, "cache");
    // A minute ahead, so that the lock of the killed one is old at once.
    const clock = { ...systemClock, now: () => systemClock.now() + 60_000 };
    const store = fileStore(
      { type: "file", folder: cache, keys: [new Secret(KEY)] },
      { files: nodePrivateFiles, clock, random: Math.random, randomBytes, warn: assert.fail },
    );
    for (let round = 0; round < ROUNDS_OF_KILLING; round += 1) {
      const { child } = await start("write-without-end.ts", cache, KEY);
      await look(cache, 20 + round * 17);
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      assert.ok(existsSync(cache));
      for (const name of readdirSync(cache)) assert.equal(statSync(join(cache, name)).mode & 0o077, 0, name);
      for (const key of ["key-0", "key-1", "key-2"]) {
        const kept = await store.get(key);
        assert.match(kept?.secretAccessKey ?? "torn", /^secret of \d+$/);
        assert.equal(kept?.sessionToken?.length, 2668);
        await (await store.lock(key))();
      }
    }
  });

  /** Looks at the modes of all files while they are being written. */
  async function look(cache: string, forMs: number): Promise<void> {
    const until = Date.now() + forMs;
    while (Date.now() < until) {
      for (const name of readdirSync(cache)) {
        const found = statSync(join(cache, name), { throwIfNoEntry: false });
        if (found !== undefined) assert.equal(found.mode & 0o077, 0, `${name} while it is written`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
});
