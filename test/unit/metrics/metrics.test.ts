/** Owns the cases of what is kept and answered: values, buckets, the bound on series, the look at gauges. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { errorType } from "../../../utils/metrics/error-type";
import { type MetricState, Metrics } from "../../../utils/metrics/metrics";
import type { CounterPoint, HistogramPoint } from "../../../utils/metrics/series";

const clock = { now: () => 1_700_000_000_000 };
const state = (metrics: Metrics, name: string): MetricState =>
  metrics.snapshot().metrics.find((one) => one.name === name) ?? assert.fail(`no ${name}`);

describe("Metrics", () => {
  it("counts under the attributes that it is given, and leaves out what is undefined", () => {
    const metrics = new Metrics("aws", clock);
    for (let calls = 0; calls < 3; calls += 1) metrics.record("lookups", 1, "assumeRole", "hit");
    metrics.record("lookups", 1, "assumeRole", undefined);
    const { points, type, unit } = state(metrics, "adapter_aws.credential.lookups");
    assert.deepEqual([type, unit], ["counter", "{lookup}"]);
    assert.deepEqual(points, [
      {
        attributes: { "adapter_aws.credential.source": "assumeRole", "adapter_aws.credential.result": "hit" },
        value: 3,
      },
      { attributes: { "adapter_aws.credential.source": "assumeRole" }, value: 1 },
    ]);
  });

  it("keeps count, sum, extremes and buckets of durations, for any durations", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1 }), (seconds) => {
        const metrics = new Metrics("aws", clock);
        for (const value of seconds) metrics.record("calls", value, "ec2/DescribeInstances", undefined);
        const { points, boundaries = [] } = state(metrics, "rpc.client.call.duration");
        const [point] = points as [HistogramPoint];
        assert.deepEqual(
          [point.count, point.min, point.max],
          [seconds.length, Math.min(...seconds), Math.max(...seconds)],
        );
        assert.ok(Math.abs(point.sum - seconds.reduce((sum, value) => sum + value, 0)) < 1e-6);
        const expected = [...boundaries, Number.POSITIVE_INFINITY].map(
          (upper, at) => seconds.filter((value) => value <= upper && value > (boundaries[at - 1] ?? -1)).length,
        );
        assert.deepEqual(point.buckets, expected);
      }),
    );
  });

  it("counts everything after a thousand series together, and loses none of it", () => {
    const metrics = new Metrics("aws", clock);
    for (let at = 0; at < 5000; at += 1) metrics.record("attempts", 0.01, `service-${at}`, 200, undefined);
    const { points } = state(metrics, "adapter_aws.attempt.duration");
    const counts = (points as HistogramPoint[]).map(({ count }) => count);
    assert.equal(points.length, 1001);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      5000,
    );
    const overflow = (points as HistogramPoint[]).find(({ attributes }) => attributes["otel.metric.overflow"] === true);
    assert.equal(overflow?.count, 4000);
  });

  it("looks at a gauge when somebody asks", () => {
    const metrics = new Metrics("aws", clock);
    let waiting = 0;
    metrics.observe("queueDepth", () => waiting);
    waiting = 7;
    const [point] = state(metrics, "adapter_aws.queue.depth").points as [CounterPoint];
    assert.equal(point.value, 7);
    assert.deepEqual(state(metrics, "adapter_aws.calls.active").points, []);
  });

  it("answers plain JSON with the id and the time since when", () => {
    const metrics = new Metrics("aws", clock);
    metrics.record("queueWaits", 0.5, undefined);
    const snapshot = metrics.snapshot();
    assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
    assert.deepEqual([snapshot.id, snapshot.since], ["aws", "2023-11-14T22:13:20.000Z"]);
  });
});

describe("errorType", () => {
  const refused = (code: string) =>
    new AdapterError("SERVICE_ERROR", {}, { aws: { service: "ec2", operation: "X", code, message: "" } });

  it("is AWS's code where AWS refused, else our own", () => {
    assert.equal(errorType(refused("InvalidInstanceID.NotFound")), "InvalidInstanceID.NotFound");
    assert.equal(errorType(new AdapterError("TIMEOUT", {})), "TIMEOUT");
  });

  it("is our own where AWS's code could be anything else", () => {
    for (const code of [
      "",
      "has space",
      "a".repeat(65),
      "x\ny",
      "9lives",
      "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ]) {
      assert.equal(errorType(refused(code)), "SERVICE_ERROR", code);
    }
    assert.equal(
      errorType(refused("ASecretOfSomebody"), (text) => text.replace("Secret", "***")),
      "SERVICE_ERROR",
    );
  });
});

describe("the cost of metrics", () => {
  it("is under a microsecond a call while nobody listens, on any machine that signs in 50", () => {
    const metrics = new Metrics("aws", clock, { registered: () => undefined, meter: () => assert.fail("opened") });
    // What one call with kept credentials records.
    const call = (): void => {
      metrics.record("lookups", 1, "assumeRole", "hit");
      metrics.record("attempts", 0.004, "ec2", 200, undefined);
      metrics.record("calls", 0.0041, "ec2/DescribeInstances", undefined);
    };
    // Against work of the same kind, as machines differ: a hash of 1 KB takes a microsecond or two.
    const text = "x".repeat(1024);
    const hash = (): void => void createHash("sha256").update(text).digest("hex");
    const fastest = (work: () => void): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 20; round += 1) {
        const started = performance.now();
        for (let times = 0; times < 5000; times += 1) work();
        best = Math.min(best, (performance.now() - started) / 5);
      }
      return best;
    };
    const [callUs, hashUs] = [fastest(call), fastest(hash)];
    assert.ok(callUs < hashUs, `${callUs.toFixed(2)} µs a call, ${hashUs.toFixed(2)} µs a hash`);
  });
});
