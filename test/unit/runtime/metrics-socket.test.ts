/** Owns the cases of the metrics' socket: who may read it, what is left behind, when there is none. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricsExposure } from "../../../utils/runtime/metrics-exposure";
import { openMetricsSocket } from "../../../utils/runtime/metrics-socket";

const ask = (socketPath: string, method = "GET"): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: "/", method, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    asked.on("error", reject);
    asked.end();
  });

describe("metrics socket", () => {
  let parent: string;
  let folder: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "aws-m-"));
    folder = join(parent, "s");
  });
  afterEach(() => rmSync(parent, { recursive: true }));
  const open = () => openMetricsSocket({ folder, id: "aws/../prod", snapshot: () => ({ answer: 42 }) });

  it("answers its own user, in a folder that is made for nobody else, and is gone when it is closed", async () => {
    const socket = await open();
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(socket.path).mode & 0o777, 0o600);
    assert.equal(socket.path, join(folder, `aws____prod.${process.pid}.metrics.sock`));
    assert.deepEqual(JSON.parse((await ask(socket.path)).text), { pid: process.pid, answer: 42 });
    assert.deepEqual(await ask(socket.path, "POST"), { status: 405, text: "" });
    socket.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is no leak of listeners, however many adapters have one", async () => {
    const warned: string[] = [];
    const warn = ({ message }: Error) => void warned.push(message);
    process.on("warning", warn);
    const [most, listeners] = [process.getMaxListeners(), process.listenerCount("exit")];
    const ids = Array.from({ length: 12 }, (_, index) => `aws-${index}`);
    const sockets = await Promise.all(ids.map((id) => openMetricsSocket({ folder, id, snapshot: () => ({}) })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", warn);
    assert.deepEqual(warned, []);
    for (const socket of [...sockets, ...sockets]) socket.close();
    assert.deepEqual([process.getMaxListeners(), process.listenerCount("exit")], [most, listeners]);
  });

  it("removes the sockets of processes that were killed, and nothing else", async () => {
    const kept = await open();
    const script = `const s = require("node:net").createServer().listen(${JSON.stringify(join(folder, "dead.1.metrics.sock"))}, () => process.kill(process.pid, "SIGKILL"));`;
    spawnSync(process.execPath, ["-e", script]);
    assert.equal(readdirSync(folder).length, 2);
    const other = await openMetricsSocket({ folder, id: "other", snapshot: () => ({}) });
    assert.deepEqual(
      readdirSync(folder).sort(),
      [kept.path, other.path].map((path) => path.slice(folder.length + 1)).sort(),
    );
    kept.close();
    other.close();
  });

  it("opens nothing where others may write, where a link leads elsewhere, or where the path is too long", async () => {
    (await open()).close();
    chmodSync(folder, 0o777);
    await assert.rejects(open(), /chmod 700/);
    chmodSync(folder, 0o700);
    symlinkSync(folder, join(parent, "link"));
    for (const end of ["", "/", "//", "/."]) {
      const link = `${join(parent, "link")}${end}`;
      await assert.rejects(openMetricsSocket({ folder: link, id: "a", snapshot: () => ({}) }), /no folder/, link);
    }
    (await openMetricsSocket({ folder: `${folder}/`, id: "a", snapshot: () => ({}) })).close();
    const long = join(parent, "x".repeat(100));
    await assert.rejects(openMetricsSocket({ folder: long, id: "a", snapshot: () => 1 }), /too long/);
  });

  it("follows the properties, and only warns where it cannot", async () => {
    const warnings: string[] = [];
    const expose = metricsExposure();
    const shown = (wanted: string | undefined) =>
      expose({ folder: wanted, id: "aws", snapshot: () => ({}), warn: (text) => void warnings.push(text) });
    await shown(folder);
    await shown(folder);
    assert.equal(readdirSync(folder).length, 1);
    await shown(undefined);
    assert.equal(readdirSync(folder).length, 0);
    await shown("/proc/nowhere");
    assert.match(warnings.join("\n"), /^metrics\.socket_folder cannot be used: .*$/);
  });
});
