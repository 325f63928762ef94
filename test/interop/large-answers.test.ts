/** Owns the proof that what is large neither fills the memory nor stalls the process: objects of S3, answers in many pages. */
import { strict as assert } from "node:assert";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `LARGE_OBJECT_MIB=1024` for the full size. */
const OBJECT_MIB = Number(process.env["LARGE_OBJECT_MIB"] ?? 64);
/** `LARGE_INSTANCES=100000` for the full size. */
const INSTANCES = Number(process.env["LARGE_INSTANCES"] ?? 20_000);
const MOST_RSS_MIB = 150;
/** Beyond what a process stalls that does nothing but keep as many objects: on a busy machine that is most of it. */
const LONGEST_STALL_MS = Number(process.env["LONGEST_STALL_MS"] ?? 50);

interface Measured {
  readonly peakRssMib: number;
  readonly longestStallMs: number;
  readonly items: number;
  readonly same: boolean;
}

/** Client and server in processes of their own, so that each memory is its own. */
async function measure(task: "object" | "events" | "pages" | "bare", size: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "large-"));
  const script = join(__dirname, "large-process.ts");
  const run = { execArgv: ["--require", "tsx/cjs"] };
  const server = fork(script, ["server", String(size)], run);
  try {
    const [port] = (await once(server, "message")) as [number];
    const client = fork(script, [task, String(size), String(port), folder], run);
    const ended = once(client, "exit").then(([code]) => assert.fail(`the client ended with ${code}`));
    const [measured] = (await Promise.race([once(client, "message"), ended])) as [Measured];
    return measured;
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

describe("interop: large objects and answers", function () {
  this.timeout(600_000);

  it(`an object of ${OBJECT_MIB} MiB goes up from a file and down into one under ${MOST_RSS_MIB} MiB of memory`, async () => {
    const { peakRssMib, same } = await measure("object", OBJECT_MIB);
    assert.ok(same, "what came down is not what went up");
    assert.ok(peakRssMib < MOST_RSS_MIB, `${peakRssMib} MiB`);
    console.error(`      ${peakRssMib} MiB at most`);
  });

  it(`${OBJECT_MIB} MiB of events go into a file under ${MOST_RSS_MIB} MiB of memory`, async () => {
    const { peakRssMib, items } = await measure("events", OBJECT_MIB);
    assert.equal(items, OBJECT_MIB * 16);
    assert.ok(peakRssMib < MOST_RSS_MIB, `${peakRssMib} MiB`);
    console.error(`      ${peakRssMib} MiB at most`);
  });

  it(`${INSTANCES} instances in pages become one answer without a stall of ${LONGEST_STALL_MS} ms`, async () => {
    const bare = await measure("bare", INSTANCES);
    const { longestStallMs, items } = await measure("pages", INSTANCES);
    assert.equal(items, INSTANCES);
    const said = `${longestStallMs} ms at most, ${bare.longestStallMs} ms without adapter`;
    console.error(`      ${said}`);
    assert.ok(longestStallMs < LONGEST_STALL_MS + 2 * bare.longestStallMs, said);
  });
});
