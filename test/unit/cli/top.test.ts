/** Owns the cases of `adapter-aws top`: what it shows of adapters that run, and what it makes of durations. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";

import AwsAdapter = require("../../../adapter");

import { quantile, since } from "../../../utils/cli/metrics-figures";
import { metricsPicture } from "../../../utils/cli/metrics-picture";
import { runProgram } from "../../../utils/cli/program";
import type { Terminal } from "../../../utils/cli/terminal";
import { instruments } from "../../../utils/metrics/instruments";
import { Metrics } from "../../../utils/metrics/metrics";
import { HistogramSeries } from "../../../utils/metrics/series";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import { silentLogger } from "../../support/silent-logger";

async function top(...given: readonly string[]) {
  const pictures: string[] = [];
  const said: string[] = [];
  let failed = false;
  const terminal: Terminal = {
    environment: {},
    width: 120,
    result: () => assert.fail("top has no result"),
    help: (text) => void said.push(text),
    say: (text) => void said.push(text),
    redraw: async (picture) => void pictures.push(picture),
    fail: () => {
      failed = true;
    },
    interrupted: async () => {},
  };
  await runProgram(["top", ...given], terminal);
  return { picture: pictures.join("\n"), said: said.join("\n"), failed };
}

/** The cells of the row that begins with `first`. */
const row = (picture: string, first: string): string[] => {
  const line = picture.split("\n").find((one) => one.startsWith(`│ ${first} `)) ?? assert.fail(`${first}: ${picture}`);
  return line.split("│").flatMap((cell) => (cell.trim() === "" ? [] : [cell.trim()]));
};

describe("adapter-aws top", () => {
  let simulator: Simulator;
  let folder: string;
  before(async () => {
    simulator = await startSimulator();
    folder = mkdtempSync(join(tmpdir(), "aws-t-"));
  });
  after(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  it("shows the adapters that run, what they called, what failed", async () => {
    const sockets = join(folder, "run");
    const properties = {
      ...simulatorServiceInstance(simulator),
      healthcheck: { type: "none" },
      metrics: { socket_folder: sockets },
    };
    const adapters = ["aws-1", "aws-2"].map(
      (id) => new AwsAdapter(id, properties, { environment: {}, logger: silentLogger }),
    );
    for (const adapter of adapters) {
      await adapter.connect();
      await adapter.awsRequest("sts", "GetCallerIdentity", {});
      await assert.rejects(adapter.awsRequest("ec2", "NoSuchOperation", {}) as Promise<unknown>);
    }
    const config = join(folder, "instance.json");
    writeFileSync(config, JSON.stringify(properties));
    const { picture, failed } = await top("--config", config, "--once");
    assert.equal(failed, false);
    for (const id of ["aws-1", "aws-2"]) assert.deepEqual(row(picture, id).slice(0, 2), [id, String(process.pid)]);
    assert.deepEqual(row(picture, "sts/GetCallerIdentity").slice(1, 4), ["2", "–", "0"]);
    assert.deepEqual(row(picture, "UNKNOWN_OPERATION").slice(1, 2), ["2"]);
    assert.equal(row(picture, "requests to services")[1], "2");
    for (const adapter of adapters) adapter.refreshProperties({ ...properties, metrics: {} });
  });

  it("says where nobody answers, and which folder it needs", async () => {
    const empty = mkdtempSync(join(folder, "e-"));
    assert.deepEqual(await top("--folder", empty, "--once"), {
      picture: `No adapter answers in ${empty}.`,
      said: "",
      failed: true,
    });
    const { said, failed } = await top();
    assert.equal(failed, true);
    assert.match(said, /socket_folder/);
    assert.match((await top("--folder", join(folder, "missing"), "--once")).said, /ENOENT/);
  });

  it("lets no answer steer the terminal, and leaves out what is no answer", async () => {
    const at = join(folder, "h");
    const hostile = mkdtempSync(at);
    const metrics = new Metrics("evil\u001b[2J\u0007", { now: () => 0 });
    metrics.record("calls", 0.1, "ec2/\u001b]0;x\u0007", "Bad\u001b[31m");
    const answers = [JSON.stringify({ pid: 1, ...metrics.snapshot() }), "no JSON"];
    const servers = answers.map((answer) => createServer((_, response) => response.end(answer)));
    await Promise.all(
      servers.map(
        (server, index) =>
          new Promise<void>((resolve) => server.listen(join(hostile, `${index}.metrics.sock`), () => resolve())),
      ),
    );
    const { picture } = await top("--folder", hostile, "--once");
    for (const server of servers) server.close();
    assert.match(picture, /evil\?\[2J/);
    const steering = [...picture].filter((character) => character !== "\n" && character < " ");
    assert.deepEqual(steering, []);
  });

  it("shows the adapters that run beside sockets that answer anything else", async () => {
    const beside = mkdtempSync(join(folder, "b-"));
    const metrics = new Metrics("good", { now: () => 0 });
    metrics.record("calls", 0.1, "ec2/DescribeRegions");
    const good = { pid: 7, ...metrics.snapshot() };
    const bad = { ...good, id: "bad" };
    const [calls] = bad.metrics.filter(({ name }) => name === instruments.calls.name);
    const withPoint = (changed: object) => ({
      ...bad,
      metrics: [{ ...calls, points: [{ ...calls?.points[0], ...changed }] }],
    });
    const { boundaries: _, ...boundless } = calls ?? assert.fail();
    const odd: readonly unknown[] = [
      ...[null, [], 5, "text", {}, { id: "bad" }],
      ...[{ pid: "7" }, { pid: 0.5 }, { id: 1 }, { since: "soon" }, { at: null }].map((part) => ({ ...bad, ...part })),
      ...[null, {}, [null], [5], [{ name: 5 }], [{ name: "x" }], [{ name: "x", points: [null] }], [boundless]].map(
        (part) => ({ ...bad, metrics: part }),
      ),
      ...[{ attributes: null }, { attributes: { "rpc.method": { toString: 5 } } }, { count: "x" }].map(withPoint),
      ...[{ buckets: 5 }, { buckets: [1] }, { buckets: [null] }, { value: "1" }].map(withPoint),
    ];
    const texts = [good, ...odd].map((answer) => JSON.stringify(answer));
    const servers = texts.map((text) => createServer((_, response) => response.end(text)));
    servers.push(createServer((_, response) => void response.writeHead(500).end(JSON.stringify(bad))));
    // It says a little all the time, and is never done.
    servers.push(createServer((_, response) => void setInterval(() => response.write(" "), 100).unref()));
    for (const [index, server] of servers.entries()) {
      await new Promise<void>((done) => server.listen(join(beside, `${index}.metrics.sock`), () => done()));
    }
    const { picture, said, failed } = await top("--folder", beside, "--once");
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    assert.deepEqual([said, failed], ["", false]);
    assert.deepEqual(row(picture, "good").slice(0, 2), ["good", "7"]);
    assert.doesNotMatch(picture, /bad/);
  });

  it("tells rates from two looks, and begins anew with a process that did", () => {
    const snapshot = (count: number, pid = 1) => {
      const metrics = new Metrics("aws", { now: () => 0 });
      for (let at = 0; at < count; at += 1) metrics.record("calls", 0.02, "ec2/DescribeInstances", undefined);
      return { pid, ...metrics.snapshot() };
    };
    const rate = (before: number, now: number) =>
      row(
        metricsPicture({ now: [snapshot(now)], before: [snapshot(before)], seconds: 2 }, 200),
        "ec2/DescribeInstances",
      )[2];
    assert.equal(rate(10, 30), "10.0");
    assert.equal(rate(30, 10), "5.0");
  });
});

describe("quantile", () => {
  const boundaries = [0.005, 0.01, 0.1, 1, 10];

  it("is in the bucket of the true one, for any durations", () => {
    const seconds = fc.array(fc.double({ min: 0.0001, max: 30, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(seconds, fc.constantFrom(0.5, 0.9, 0.99, 1), (values, share) => {
        const series = new HistogramSeries({}, boundaries);
        for (const value of values) series.record(value);
        const found = quantile(share, series.point() as never, boundaries) ?? assert.fail();
        const sorted = [...values].sort((one, other) => one - other);
        const truth = sorted[Math.max(0, Math.ceil(share * values.length) - 1)] as number;
        const bucket = (value: number): number => boundaries.filter((upper) => value > upper).length;
        assert.ok(bucket(found) === bucket(truth) || Math.abs(found - truth) < 1e-9, `${found} for ${truth}`);
      }),
    );
  });

  it("is unknown where nothing was measured", () => {
    assert.equal(quantile(0.5, { count: 0, sum: 0, max: 0, buckets: [] }, boundaries), undefined);
    const total = { count: 4, sum: 4, max: 2, buckets: [4] };
    assert.deepEqual(since(undefined, total), total);
  });
});
