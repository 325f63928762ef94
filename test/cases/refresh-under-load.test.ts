/** Owns the trials of credentials that come to their end under load: AWS and the adapter share a clock that can be put forward. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";

import AwsAdapter = require("../../adapter");

import { systemClock } from "../../utils/runtime/system-clock";
import { defaultWorld } from "../../utils/simulator/default-world";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance, userKey } from "../../utils/simulator/simulator-service-instance";
import type { PolicyStatement, Role, TrustStatement } from "../../utils/simulator/world";
import type { Environment } from "../../utils/types/environment";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Answer {
  readonly response: { readonly Arn?: string };
  readonly IAPerror?: { readonly displayString: string; readonly recommendation: string };
  readonly aws?: { readonly code?: string; readonly step?: string };
}
type Method = (...given: readonly unknown[]) => Promise<Answer>;

/** A role whose policies can be taken away while AWS runs. */
type ChangeableRole = Role & { readonly trust: TrustStatement[]; readonly permissions: PolicyStatement[] };

describe("credentials under load", () => {
  let simulator: Simulator;
  let offsetMs: number;
  let warnings: string[];
  let reader: ChangeableRole;
  let adapter: AwsAdapter;

  const open = (properties: unknown, environment: Environment = {}): AwsAdapter =>
    new AwsAdapter("aws", properties, {
      environment,
      sharedCaches: new Map(),
      clock: { ...systemClock, now: () => Date.now() + offsetMs },
      logger: {
        ...{ spam: () => {}, trace: () => {}, debug: () => {}, info: () => {}, error: () => {} },
        warn: (message: string) => void warnings.push(message),
        isEnabled: (level: string) => level === "warn",
      },
    });
  const instance = (keysOf = "adapter", globalRole = true) =>
    simulatorServiceInstance(simulator, { keysOf, ...(globalRole ? { globalRole: "adapter" } : {}) });
  const methods = () => adapter as unknown as Record<string, Method>;
  const asReader = () => ({ RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "load" });
  const describeInstances = (): Promise<Answer> =>
    (methods()["ec2DescribeInstancesSTSRole"] as Method)({}, asReader(), null);
  const wave = (calls = 40): Promise<Answer[]> => Promise.all(Array.from({ length: calls }, describeInstances));
  /** AssumeRole requests since the last look. */
  const assumed = (): number => {
    const count = simulator.counts()["sts.AssumeRole"] ?? 0;
    simulator.clearRequests();
    return count;
  };
  const failureOf = (call: Promise<Answer>): Promise<Answer> =>
    call.then(
      () => assert.fail("the call was answered"),
      (error: Answer) => error,
    );
  /** The background has no end that a caller sees. */
  const until = async (settled: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 200 && !settled(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(settled(), "it never came");
  };

  beforeEach(async () => {
    offsetMs = 0;
    warnings = [];
    const world = defaultWorld();
    const roles = world.roles.map((role) => ({ ...role, trust: [...role.trust], permissions: [...role.permissions] }));
    reader = roles.find(({ name }) => name === "task-reader") as ChangeableRole;
    simulator = await startSimulator({ world: { ...world, roles }, clock: { now: () => Date.now() + offsetMs } });
    adapter = open(instance());
  });
  afterEach(() => simulator.close());

  it("that run out in the middle of a stream are renewed once a lifetime and step, and no call notices", async () => {
    await wave();
    assert.equal(assumed(), 2);
    const lifetimes = 3;
    for (let minute = 0; minute < lifetimes * 60; minute += 1) {
      offsetMs += MINUTE_MS;
      await wave(4);
    }
    const count = assumed();
    // A session of an hour is used for 54 to 58 minutes, and the first of each step was there before.
    assert.ok(count >= 2 * (lifetimes - 1) && count <= 2 * lifetimes, `${count} AssumeRole in ${lifetimes} hours`);
  });

  it("that ran out while nobody called are fetched once by many calls at once", async () => {
    await wave();
    assumed();
    offsetMs += 2 * HOUR_MS;
    await wave(100);
    assert.equal(assumed(), 2);
  });

  it("stay in use while a refresh fails and they live, and end with the reason when they do not", async () => {
    await wave();
    offsetMs += HOUR_MS - 3 * MINUTE_MS;
    assumed();
    simulator.faults.set("sts", { kind: "expired-token" });
    await wave();
    await until(() => warnings.length > 0);
    await wave();
    assert.ok(warnings.length <= 2, warnings.join("\n"));
    assert.match(String(warnings[0]), /Early refresh failed \(step . of 2.*ExpiredToken/);
    assert.ok(assumed() <= 4, "a failing refresh is not repeated by every call");
    offsetMs += 3 * MINUTE_MS;
    const error = await failureOf(describeInstances());
    assert.equal(error.aws?.code, "ExpiredToken");
    simulator.faults.clear();
    await wave();
  });

  it("that a service calls expired are fetched once anew, and every call is repeated with the new ones", async () => {
    await wave();
    assumed();
    simulator.faults.set("ec2", { kind: "expired-token", times: 40 });
    await wave();
    assert.equal(assumed(), 1, "the task's session; the global one is still believed");
  });

  it("of the instance's own role are asked for anew at instance metadata when a service calls them expired", async () => {
    const properties = simulatorServiceInstance(simulator, { keysOf: "none", globalRole: "instance" });
    adapter = open(properties, { AWS_EC2_METADATA_SERVICE_ENDPOINT: simulator.url });
    const plain = () => (methods()["ec2DescribeInstances"] as Method)({});
    await plain();
    simulator.clearRequests();
    simulator.faults.set("ec2", { kind: "expired-token", times: 1 });
    await plain();
    assert.deepEqual(simulator.counts(), {
      "ec2.DescribeInstances": 2,
      "imds.ListRole": 1,
      "imds.Credentials": 1,
      "imds.IamInfo": 1,
    });
  });

  it("that a service goes on calling expired are not fetched for ever", async () => {
    await wave();
    assumed();
    simulator.faults.set("ec2", { kind: "expired-token" });
    const error = await failureOf(describeInstances());
    assert.equal(error.aws?.code, "RequestExpired");
    assert.equal(assumed(), 1);
  });

  it("of a role whose permission is taken away are refused by the service, and neither dropped nor fetched anew", async () => {
    await wave();
    assumed();
    reader.permissions.length = 0;
    const error = await failureOf(describeInstances());
    assert.equal(error.aws?.code, "UnauthorizedOperation");
    assert.equal(assumed(), 0);
  });

  it("of a role whose trust is taken away last until their end; then the step is named, and asked once by many calls", async () => {
    await wave();
    const trust = reader.trust.splice(0);
    await wave();
    assumed();
    offsetMs += HOUR_MS;
    const errors = await Promise.all(Array.from({ length: 40 }, () => failureOf(describeInstances())));
    for (const { aws, IAPerror } of errors) {
      assert.equal(aws?.code, "AccessDenied");
      assert.match(String(aws?.step), /step 2 of 2, AssumeRole \S+task-reader/);
      assert.match(String(IAPerror?.recommendation), /trust policy/);
    }
    assert.equal(assumed(), 2);
    const other = { RoleArn: simulatedRoleArn(simulator.world, "task-writer") };
    await (methods()["ec2DescribeInstancesSTSRole"] as Method)({}, other, null);
    reader.trust.push(...trust);
    await wave();
  });

  it("of keys that were replaced are not used by a call that began after", async () => {
    adapter = open(instance("adapter", false));
    const [adapterKey, podKey] = ["adapter", "pod"].map((name) => userKey(simulator.world, name).accessKeyId);
    const whoAmI = () => (methods()["stsGetCallerIdentity"] as Method)({});
    const asTask = () => (methods()["stsGetCallerIdentitySTSRole"] as Method)({}, asReader(), null);
    await asTask();
    const before = Array.from({ length: 50 }, () => [whoAmI(), asTask()]).flat();
    adapter.refreshProperties(instance("pod", false));
    const afterwards = Array.from({ length: 50 }, whoAmI);
    const tasks = Array.from({ length: 50 }, asTask);
    for (const { response } of await Promise.all(before))
      assert.match(String(response.Arn), /user\/adapter$|task-reader\/load$/);
    for (const { response } of await Promise.all(afterwards)) assert.match(String(response.Arn), /user\/pod$/);
    await Promise.all(tasks);
    const assumers = simulator.requests.flatMap(({ action, accessKeyId }) =>
      action === "AssumeRole" ? [accessKeyId] : [],
    );
    assert.deepEqual(assumers, [adapterKey, podKey], "the session that the old keys opened is not used on");
  });

  it("of keys that were replaced by wrong ones end in an error, not in the old ones", async () => {
    await wave();
    const wrong = instance() as { authentication: Record<string, unknown> };
    wrong.authentication["aws_secret_key"] = "";
    adapter.refreshProperties(wrong);
    const error = await failureOf(describeInstances());
    assert.match(String(error.IAPerror?.displayString), /aws_secret_key/);
    adapter.refreshProperties(instance());
    await wave();
  });
});
