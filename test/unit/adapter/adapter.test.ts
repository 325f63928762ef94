/** Owns the adapter from the platform's side, from end to end against the simulator. */
import assert from "node:assert/strict";

import AwsAdapter = require("../../../adapter");

import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import {
  type ServiceInstanceOptions,
  simulatedRoleArn,
  simulatorEnvironment,
  simulatorServiceInstance,
} from "../../../utils/simulator/simulator-service-instance";
import type { Environment } from "../../../utils/types/environment";
import type { Logger, LogLevel } from "../../../utils/types/logger";

interface Data {
  readonly icode: string;
  readonly status: string;
  readonly code: number;
  readonly response: Record<string, unknown>;
  readonly metrics: {
    readonly roleChain: readonly string[];
    readonly credentialSource: string;
    readonly attempts: number;
  };
}
interface Fault {
  readonly icode: string;
  readonly IAPerror: {
    readonly origin: string;
    readonly displayString: string;
    readonly recommendation: string;
    readonly code?: number;
  };
  readonly aws?: Record<string, string>;
  readonly metrics: { readonly attempts: number; readonly roleChain: readonly string[] };
}
type Method = (...given: unknown[]) => unknown;

const levels: readonly LogLevel[] = ["spam", "trace", "debug", "info", "warn", "error"];

class Bench {
  readonly entries: string[] = [];
  readonly events: string[] = [];
  readonly adapter: AwsAdapter;

  constructor(properties: unknown, environment: Environment = {}, id = "aws-1") {
    const write = Object.fromEntries(
      levels.map((level) => [level, (message: string) => this.entries.push(`${level} ${message}`)]),
    ) as unknown as Logger;
    this.adapter = new AwsAdapter(id, properties, { environment, logger: { ...write, isEnabled: () => true } });
    for (const event of ["ONLINE", "OFFLINE", "DEGRADED", "FIXED"]) {
      this.adapter.on(event, () => this.events.push(event));
    }
  }

  call(method: string, ...given: unknown[]): Promise<{ data: Data | null; error: Fault | null }> {
    return new Promise((resolve) => {
      const run = (this.adapter as unknown as Record<string, Method>)[method] as Method;
      run.call(this.adapter, ...given, (data: Data | null, error: Fault | null) => resolve({ data, error }));
    });
  }

  async answer(method: string, ...given: unknown[]): Promise<Data> {
    const { data, error } = await this.call(method, ...given);
    return data ?? assert.fail(JSON.stringify(error));
  }

  async refusal(method: string, ...given: unknown[]): Promise<Fault> {
    const { data, error } = await this.call(method, ...given);
    return error ?? assert.fail(JSON.stringify(data));
  }
}

describe("AwsAdapter against the simulator", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());
  afterEach(() => {
    simulator.faults.clear();
    simulator.clearRequests();
  });
  const instance = (options?: ServiceInstanceOptions, more: object = {}) => ({
    ...simulatorServiceInstance(simulator, options),
    request: { number_retries: 0, attempt_timeout: 2000 },
    ...more,
  });
  const role = (name: string) => simulatedRoleArn(simulator.world, name);
  const task = (name: string) => ({ RoleArn: role(name), RoleSessionName: "wf" });
  const caller = async (bench: Bench, ...sts: unknown[]) => {
    const method = sts.length === 0 ? "stsGetCallerIdentity" : "stsGetCallerIdentitySTSRole";
    return String((await bench.answer(method, {}, ...sts)).response["Arn"]).replace(/^arn:aws:\w+::\d+:/, "");
  };

  it("comes ONLINE by asking AWS who it is, as the global role", async () => {
    const bench = new Bench(instance({ keysOf: "none", globalRole: "adapter" }), simulatorEnvironment(simulator));
    await bench.adapter.connect();
    assert.deepEqual(bench.events, ["OFFLINE", "FIXED", "ONLINE"]);
    assert.deepEqual(simulator.counts(), { "sts.AssumeRole": 1, "sts.GetCallerIdentity": 1 });
  });

  it("stays OFFLINE with keys that AWS refuses, and says what AWS said", async () => {
    const properties = instance() as unknown as { authentication: object };
    const bench = new Bench({
      ...properties,
      authentication: { ...properties.authentication, aws_secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
    });
    await bench.adapter.connect();
    assert.deepEqual([bench.events, bench.adapter.healthy], [["OFFLINE"], false]);
    assert.match(bench.entries.join("\n"), /error health check failed: .*SignatureDoesNotMatch/);
  });

  it("asks STS who it is on the way that AssumeRole takes: through the load balancer of aws_sts.proxy", async () => {
    const properties = instance() as unknown as { authentication: { aws_sts: object } };
    // Nothing listens at the endpoint's own port; only the load balancer is reached.
    const aws_sts = {
      ...properties.authentication.aws_sts,
      endpoint: "127.0.0.1:1",
      proxy: `127.0.0.1:${simulator.port}`,
    };
    const bench = new Bench({ ...properties, authentication: { ...properties.authentication, aws_sts } });
    await bench.adapter.connect();
    assert.deepEqual(
      [bench.events, simulator.counts()],
      [["OFFLINE", "FIXED", "ONLINE"], { "sts.GetCallerIdentity": 1 }],
    );
  });

  it("knows how it is whatever a listener throws, and says what it threw", async () => {
    const bench = new Bench(instance());
    const thrown: unknown[] = [];
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", (fault) => thrown.push(fault));
    bench.adapter.on("OFFLINE", () => {
      throw new Error("a listener's own fault");
    });
    await bench.adapter.connect();
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners("uncaughtException");
    for (const other of others) process.on("uncaughtException", other);
    assert.deepEqual([bench.events, bench.adapter.healthy], [["OFFLINE", "FIXED", "ONLINE"], true]);
    assert.match(
      bench.entries.join("\n"),
      /error a callback or an event listener threw: Error: a listener's own fault/,
    );
    assert.equal(thrown.length, 1);
  });

  it("comes ONLINE from sampleProperties.json's members without a warning", async () => {
    const { properties } = require("../../../sampleProperties.json") as { properties: object };
    const bench = new Bench({ ...properties, healthcheck: { type: "none" } });
    await bench.adapter.connect();
    assert.deepEqual(
      bench.entries.filter((entry) => entry.startsWith("warn")),
      [],
    );
  });

  it("reports OFFLINE and DEGRADED when AWS goes away, FIXED and ONLINE when it is back", async () => {
    const bench = new Bench(instance());
    await bench.adapter.connect();
    bench.events.length = 0;
    simulator.faults.set("sts", { kind: "503" });
    assert.equal(await bench.adapter.healthCheck(), false);
    assert.equal(await bench.adapter.healthCheck(), false);
    simulator.faults.clear();
    assert.equal(await bench.adapter.healthCheck(), true);
    assert.deepEqual(bench.events, ["OFFLINE", "DEGRADED", "FIXED", "ONLINE"]);
  });

  it("acts as whom it is told: keys, global role, task role, roleName, a chain of them", async () => {
    const keys = new Bench(instance());
    const global = new Bench(instance({ globalRole: "adapter" }));
    const pod = new Bench(instance({ keysOf: "none", globalRole: "adapter" }), simulatorEnvironment(simulator));
    assert.equal(await caller(keys), "user/adapter");
    assert.equal(await caller(keys, task("task-reader"), null), "assumed-role/task-reader/wf");
    assert.match(await caller(keys, null, role("task-reader")), /^assumed-role\/task-reader\//);
    assert.equal(await caller(keys, task("task-reader"), role("adapter")), "assumed-role/task-reader/wf");
    assert.match(await caller(global), /^assumed-role\/adapter\//);
    assert.equal(await caller(global, task("task-writer"), null), "assumed-role/task-writer/wf");
    assert.equal(await caller(pod, task("task-reader"), null), "assumed-role/task-reader/wf");
  });

  it("answers with the chain it acted through", async () => {
    const bench = new Bench(instance({ globalRole: "adapter" }));
    const { icode, status, code, metrics } = await bench.answer("ec2DescribeInstancesSTSRole", {}, task("task-reader"));
    assert.deepEqual([icode, status, code, metrics.attempts], ["AD.200", "success", 200, 1]);
    assert.equal(metrics.roleChain.length, 2);
    assert.match(metrics.credentialSource, /Adapter Role/);
  });

  it("names the step that was denied, and counts what it tried", async () => {
    const error = await new Bench(instance()).refusal("ec2DescribeInstancesSTSRole", {}, task("task-denied"));
    assert.equal(error.icode, "AD.402");
    assert.equal(error.IAPerror.origin, "aws-1-adapter-ec2DescribeInstancesSTSRole");
    assert.match(error.IAPerror.displayString, /AccessDenied/);
    assert.match(error.aws?.["step"] ?? "", /task-denied/);
    assert.ok(error.IAPerror.recommendation.length > 20);
    assert.deepEqual([error.metrics.attempts, error.metrics.roleChain.length], [1, 1]);
  });

  it("says what AWS said when an operation is denied", async () => {
    const error = await new Bench(instance()).refusal("s3ListObjectsV2", { Bucket: "example-configurations" });
    assert.deepEqual([error.icode, error.aws?.["code"], error.IAPerror.code], ["AD.500", "AccessDenied", 403]);
  });

  it("reaches every operation by awsRequest and awsRequestSTSRole, arguments as text too", async () => {
    const bench = new Bench(instance());
    await bench.answer("awsRequest", "ec2", "DescribeInstances", '{"MaxResults":5}');
    const given = [
      "s3",
      "GetObject",
      { Bucket: "example-configurations", Key: "README.txt" },
      JSON.stringify(task("task-reader")),
    ];
    const { response } = await bench.answer("awsRequestSTSRole", ...given, null, {});
    assert.equal(response["Body"], "Simulated.\n");
    const unknown = await bench.refusal("awsRequest", "ec3", "DescribeInstances");
    assert.match(unknown.IAPerror.displayString, /Did you mean ec2/);
    assert.equal((await bench.refusal("awsRequest")).icode, "AD.302");
  });

  it("1,000 calls at once with one role are one AssumeRole; 100 task roles under a global role are 101", async function () {
    this.timeout(60_000);
    // A thousand calls share 64 sockets to a simulator in this very process: the wait is part of an attempt.
    const patient = { request: { number_retries: 0, attempt_timeout: 60_000 } };
    const one = new Bench(instance({}, patient));
    const calls = Array.from({ length: 1000 }, () =>
      one.answer("stsGetCallerIdentitySTSRole", {}, task("task-reader")),
    );
    await Promise.all(calls);
    assert.deepEqual(simulator.counts(), { "sts.AssumeRole": 1, "sts.GetCallerIdentity": 1000 });
    simulator.clearRequests();
    const many = new Bench(instance({ globalRole: "adapter" }, patient));
    const sessions = Array.from({ length: 200 }, (_, at) => ({
      ...task("task-reader"),
      RoleSessionName: `wf-${at % 100}`,
    }));
    await Promise.all(sessions.map((session) => many.answer("stsGetCallerIdentitySTSRole", {}, session)));
    assert.equal(simulator.counts()["sts.AssumeRole"], 101);
  });

  it("two instances in one process never cross", async () => {
    const keys = new Bench(instance(), simulatorEnvironment(simulator), "keys");
    const pod = new Bench(instance({ keysOf: "none" }), simulatorEnvironment(simulator), "pod");
    const sts = (bench: Bench) =>
      caller(bench, { RoleArn: role("task-reader"), RoleSessionName: bench.adapter.id }, null);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => {
        const bench = at % 2 === 0 ? keys : pod;
        return at % 4 < 2 ? caller(bench) : sts(bench);
      }),
    );
    answers.forEach((arn, at) => {
      const name = at % 2 === 0 ? "keys" : "pod";
      const user = at % 2 === 0 ? "user/adapter" : "user/pod";
      assert.equal(arn, at % 4 < 2 ? user : `assumed-role/task-reader/${name}`);
    });
  });

  it("other properties are in use for the next call, the old ones for a call under way", async () => {
    const bench = new Bench(instance(), simulatorEnvironment(simulator));
    simulator.faults.set("sts", { kind: "slow", ms: 60, times: 1 });
    const underWay = caller(bench);
    bench.adapter.refreshProperties(instance({ keysOf: "none" }));
    assert.equal(await caller(bench), "user/pod");
    assert.equal(await underWay, "user/adapter");
  });

  it("auth_logging in iapMetadata logs that one call", async () => {
    const bench = new Bench(instance());
    const entries = () => bench.entries.filter((entry) => /FULL_/.test(entry)).length;
    await bench.answer("ec2DescribeInstances", {});
    assert.equal(entries(), 0);
    await bench.answer("ec2DescribeInstances", {}, { auth_logging: true });
    assert.equal(entries(), 2);
  });

  it("a host that never answers is given up at the limit, once", async () => {
    const bench = new Bench(instance({}, { request: { number_retries: 0, attempt_timeout: 1000 } }));
    simulator.faults.set("ec2", { kind: "silent" });
    const started = performance.now();
    const error = await bench.refusal("ec2DescribeInstances", {});
    assert.deepEqual([error.icode, error.metrics.attempts], ["AD.501", 1]);
    assert.ok(performance.now() - started < 3000);
  });
});
