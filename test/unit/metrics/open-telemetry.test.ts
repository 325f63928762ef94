/** Owns the trial with OpenTelemetry's own SDK: whoever registers a provider, when ever, receives what is measured. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { metrics as api } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";

import AwsAdapter = require("../../../adapter");

import { Metrics } from "../../../utils/metrics/metrics";
import { openTelemetry } from "../../../utils/runtime/open-telemetry";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import { silentLogger } from "../../support/silent-logger";

/** A provider that keeps what it is given, registered as the platform would do it. */
function listen() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  assert.ok(api.setGlobalMeterProvider(provider));
  const received = async () => {
    exporter.reset();
    await reader.forceFlush();
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    const found = scopes.filter(({ scope }) => scope.name === "adapter-aws").flatMap(({ metrics }) => metrics);
    return new Map(found.map((metric) => [metric.descriptor.name, metric]));
  };
  const leave = async () => {
    api.disable();
    await provider.shutdown();
  };
  return { received, leave };
}

const clock = { now: () => 0 };
const source = openTelemetry(() => "1.2.3");

describe("OpenTelemetry", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());
  afterEach(() => api.disable());

  it("receives calls, attempts, identities and AssumeRole of a provider that was there before", async () => {
    const { received, leave } = listen();
    try {
      const environment = {};
      const adapter = new AwsAdapter("measured", simulatorServiceInstance(simulator), {
        environment,
        logger: silentLogger,
      });
      const task = { RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "wf" };
      for (let calls = 0; calls < 3; calls += 1) await adapter.awsRequestSTSRole("ec2", "DescribeInstances", {}, task);
      await assert.rejects(
        adapter.awsRequest("secrets-manager", "GetSecretValue", { SecretId: "no-such-secret" }) as Promise<unknown>,
      );
      await assert.rejects(adapter.awsRequest("no-such-service", "AnOperationThatIsMadeUp", {}) as Promise<unknown>);
      const found = await received();
      const calls = found.get("rpc.client.call.duration");
      assert.equal(calls?.descriptor.unit, "s");
      const byMethod = (calls?.dataPoints ?? []).map(({ attributes, value }) => [
        attributes,
        (value as { count: number }).count,
      ]);
      const common = { "rpc.system.name": "aws-api", "adapter_aws.id": "measured" };
      assert.deepEqual(byMethod, [
        [{ ...common, "rpc.method": "ec2/DescribeInstances" }, 3],
        [
          {
            ...common,
            "rpc.method": "secrets-manager/GetSecretValue",
            "error.type": "AccessDeniedException",
          },
          1,
        ],
        [{ ...common, "rpc.method": "awsRequest", "error.type": "UNKNOWN_SERVICE" }, 1],
      ]);
      const assumed = found.get("adapter_aws.sts.call.duration")?.dataPoints ?? [];
      assert.deepEqual(
        assumed.map(({ attributes, value }) => [attributes["rpc.method"], (value as { count: number }).count]),
        [["sts/AssumeRole", 1]],
      );
      const active = found.get("adapter_aws.calls.active")?.dataPoints ?? [];
      assert.deepEqual(
        active.map(({ attributes, value }) => [attributes, value]),
        [[{ "adapter_aws.id": "measured" }, 0]],
      );
      // The same, answered to whoever asks the adapter itself.
      const { response } = (await adapter.iapGetAdapterMetrics()) as {
        response: ReturnType<Metrics["snapshot"]>;
      };
      for (const metric of response.metrics) {
        const exported = found.get(metric.name)?.dataPoints ?? [];
        if (metric.type === "gauge") continue;
        const own = metric.points.map((point) => ("count" in point ? [point.count, point.buckets] : point.value));
        const theirs = exported.map(({ value }) => {
          const given = value as number | { count: number; buckets: { counts: number[] } };
          return typeof given === "number" ? given : [given.count, given.buckets.counts];
        });
        assert.deepEqual(theirs, own, metric.name);
      }
      const text = JSON.stringify([...found.values()]);
      for (const forbidden of [task.RoleArn, "no-such-service", "AnOperationThatIsMadeUp"]) {
        assert.ok(!text.includes(forbidden), forbidden);
      }
    } finally {
      await leave();
    }
  });

  it("is given what is measured after it registered, also when it comes late or in the place of another", async () => {
    const metrics = new Metrics("late", clock, source);
    metrics.observe("queueDepth", () => 4);
    metrics.record("lookups", 1, "static", "hit");
    for (const times of [2, 3]) {
      const { received, leave } = listen();
      for (let at = 0; at < times; at += 1) metrics.record("lookups", 1, "static", "hit");
      const found = await received();
      assert.equal(found.get("adapter_aws.credential.lookups")?.dataPoints[0]?.value, times);
      assert.equal(found.get("adapter_aws.queue.depth")?.dataPoints[0]?.value, 4);
      await leave();
    }
    metrics.record("lookups", 1, "static", "hit");
    const kept = metrics.snapshot().metrics.find(({ name }) => name === "adapter_aws.credential.lookups");
    assert.deepEqual(
      kept?.points.map((point) => "value" in point && point.value),
      [7],
    );
  });

  it("breaks no call when it throws", () => {
    let asked = 0;
    const broken = () => {
      asked += 1;
      throw new Error("full");
    };
    const meter = () =>
      ({ createCounter: () => ({ add: broken }), createHistogram: broken, createObservableGauge: broken }) as never;
    const metrics = new Metrics("aws", clock, { registered: () => meter, meter });
    for (let at = 0; at < 3; at += 1) {
      metrics.record("lookups", 1, "static", "hit");
      metrics.record("calls", 1, "ec2/DescribeInstances", undefined);
    }
    assert.ok(asked >= 1);
    const counted = metrics.snapshot().metrics.flatMap(({ points }) => points);
    assert.deepEqual(
      counted.map((point) => ("count" in point ? point.count : point.value)),
      [3, 3],
    );
  });

  it("is not even loaded while nobody listens", () => {
    const project = join(__dirname, "..", "..", "..");
    const published = join(project, "dist", "adapter.js");
    const script = `
      const Adapter = require(${JSON.stringify(published)});
      const adapter = new Adapter("quiet", { region: "us-east-1", stub: true, authentication: { auth_method: "aws_authentication", aws_access_key: "AKIA0000000000000000", aws_secret_key: "x".repeat(40) } }, { environment: {} });
      adapter.awsRequest("sts", "GetCallerIdentity", {}).then(({ metrics }) => {
        const loaded = Object.keys(require.cache).filter((path) => path.includes("@opentelemetry"));
        console.log(JSON.stringify([metrics.credentialSource, loaded]));
      });`;
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { cwd: project, encoding: "utf8" });
    assert.deepEqual(JSON.parse(stdout), ["stub", []], stderr);
  });
});
