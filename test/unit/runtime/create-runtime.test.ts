/** Owns the trials of a whole instance against the simulator: how often STS is asked, who signs, that instances never cross. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { createRuntime, type Dependencies, type Runtime } from "../../../utils/runtime/create-runtime";
import { defaultDependencies } from "../../../utils/runtime/default-dependencies";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import {
  simulatedRoleArn,
  simulatorEnvironment,
  simulatorServiceInstance,
  userKey,
} from "../../../utils/simulator/simulator-service-instance";
import type { Environment } from "../../../utils/types/environment";
import type { Logger } from "../../../utils/types/logger";

const projectFolder = join(__dirname, "../../..");

describe("createRuntime", function () {
  this.timeout(60_000);
  let simulator: Simulator;
  let lines: string[];
  let runtimes: Runtime[];

  const write = (line: string): void => {
    lines.push(line);
  };
  const logger: Logger = {
    spam: write,
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    isEnabled: () => true,
  };

  function open(
    properties: Record<string, unknown>,
    environment: Environment = {},
    more: Partial<Dependencies> = {},
    id = "aws",
  ): Runtime {
    const dependencies = {
      ...defaultDependencies(projectFolder, logger),
      sharedCaches: new Map(),
      environment,
      ...more,
    };
    const runtime = createRuntime(parseSettings(id, properties, environment), dependencies);
    runtimes.push(runtime);
    return runtime;
  }
  const callerArn = async (
    runtime: Runtime,
    request: Parameters<Runtime["call"]>[3] = { kind: "plain" },
  ): Promise<string> => {
    const { output } = await runtime.call("sts", "GetCallerIdentity", {}, request);
    return (output as { Arn: string }).Arn;
  };
  const asRole = (name: string) => ({
    kind: "STSRole" as const,
    stsParams: { RoleArn: simulatedRoleArn(simulator.world, name) },
  });
  const assumed = () => simulator.counts()["sts.AssumeRole"] ?? 0;
  const taskRole = () => simulator.world.roles.find(({ name }) => name.startsWith("task-"))?.name as string;

  beforeEach(async () => {
    simulator = await startSimulator();
    lines = [];
    runtimes = [];
  });
  afterEach(async () => {
    for (const runtime of runtimes) runtime.close();
    await simulator.close();
  });

  it("asks STS once for a thousand concurrent calls of one role", async () => {
    // The simulator answers in this very process, so that a thousand answers take a while on a busy machine.
    const runtime = open({ ...simulatorServiceInstance(simulator), request: { attempt_timeout: 60_000 } });
    const arns = await Promise.all(Array.from({ length: 1000 }, () => callerArn(runtime, asRole(taskRole()))));
    assert.equal(new Set(arns).size, 1);
    assert.match(arns[0] as string, new RegExp(`:assumed-role/${taskRole()}/aws$`));
    assert.equal(assumed(), 1);
  });

  it("tells source and chain in the metrics of every call", async () => {
    const runtime = open(
      simulatorServiceInstance(simulator, { keysOf: "none", globalRole: "adapter" }),
      simulatorEnvironment(simulator),
    );
    const { metrics } = await runtime.call("sts", "GetCallerIdentity", {}, asRole(taskRole()));
    assert.equal(metrics.credentialSource, "Pod Role (environment)");
    assert.deepEqual(metrics.roleChain, [
      `AssumeRole ${simulatedRoleArn(simulator.world, "adapter")} (aws_iam_role)`,
      `AssumeRole ${simulatedRoleArn(simulator.world, taskRole())} (stsParams)`,
    ]);
  });

  for (const credentials of ["keys", "ecs", "eks-pod-identity", "instance"] as const) {
    it(`acts as the identity of a pod with ${credentials}, and assumes from there`, async () => {
      const environment = simulatorEnvironment(simulator, credentials);
      const files = defaultDependencies(projectFolder, logger).files;
      const runtime = open(simulatorServiceInstance(simulator, { keysOf: "none" }), environment, { files });
      const arn = await callerArn(runtime);
      assert.match(arn, credentials === "keys" ? /:user\/pod$/ : /:assumed-role\//);
      assert.equal(await callerArn(runtime), arn);
      assert.equal(assumed(), 0);
    });
  }

  it("keeps two instances apart, calling side by side: keys, environment and STS of each its own", async () => {
    const other = await startSimulator();
    try {
      const adapter = open(simulatorServiceInstance(simulator), simulatorEnvironment(simulator), {}, "one");
      const pod = open(simulatorServiceInstance(other, { keysOf: "none" }), simulatorEnvironment(other), {}, "two");
      const role = asRole(taskRole());
      await Promise.all(
        Array.from({ length: 50 }, async (_, n) => {
          const [one, two] = await Promise.all([
            callerArn(adapter, n % 2 === 0 ? role : { kind: "plain" }),
            callerArn(pod, { kind: "plain" }),
          ]);
          assert.match(one, n % 2 === 0 ? /\/one$/ : /:user\/adapter$/);
          assert.match(two, /:user\/pod$/);
        }),
      );
      const keysSeen = (of: Simulator) =>
        new Set(of.requests.filter(({ action }) => action === "AssumeRole").map(({ accessKeyId }) => accessKeyId));
      assert.deepEqual([...keysSeen(simulator)], [userKey(simulator.world, "adapter").accessKeyId]);
      assert.deepEqual([...keysSeen(other)], []);
    } finally {
      await other.close();
    }
  });

  it("shares sessions between instances that name the same cache, and only between those", async () => {
    const sharedCaches = new Map();
    const named = { ...simulatorServiceInstance(simulator), credential_cache: { name: "both" } };
    const one = open(named, {}, { sharedCaches });
    const two = open(named, {}, { sharedCaches });
    const apart = open(simulatorServiceInstance(simulator), {}, { sharedCaches });
    await callerArn(one, asRole(taskRole()));
    await callerArn(two, asRole(taskRole()));
    assert.equal(assumed(), 1);
    await callerArn(apart, asRole(taskRole()));
    assert.equal(assumed(), 2);
  });

  it("masks in each instance what another has fetched into the cache that both share", async () => {
    const sharedCaches = new Map();
    const named = { ...simulatorServiceInstance(simulator), credential_cache: { name: "both" } };
    const [one, two, three] = [1, 2, 3].map(() => open(named, {}, { sharedCaches })) as [Runtime, Runtime, Runtime];
    const providers = [one, two, three].map((runtime) => runtime.identity(runtime.plan(asRole(taskRole()))));
    const session = await providers[0]?.resolve();
    assert.equal(await providers[1]?.resolve(), session);
    assert.equal(providers[2]?.current?.(), session);
    // No pattern knows this form.
    const inHex = Buffer.from(session?.sessionToken as string).toString("hex");
    for (const { masker } of [one, two, three]) assert.ok(!masker.maskText(inHex).includes(inHex));
  });

  it("uses new keys at once when an instance is opened with other properties", async () => {
    const sharedCaches = new Map();
    const shared = { credential_cache: { name: "both" } };
    const before = open(
      { ...simulatorServiceInstance(simulator, { keysOf: "adapter" }), ...shared },
      {},
      { sharedCaches },
    );
    const after = open({ ...simulatorServiceInstance(simulator, { keysOf: "pod" }), ...shared }, {}, { sharedCaches });
    assert.match(await callerArn(before), /:user\/adapter$/);
    assert.match(await callerArn(after), /:user\/pod$/);
  });

  it("plans the same request once, and never keeps a one-time code", () => {
    const runtime = open(simulatorServiceInstance(simulator));
    const request = asRole(taskRole());
    assert.equal(runtime.plan(request), runtime.plan(structuredClone(request)));
    assert.equal(runtime.plan({ kind: "plain" }), runtime.plan({ kind: "plain" }));
    const withCode = {
      ...request,
      stsParams: { ...request.stsParams, SerialNumber: "GAHT12345678", TokenCode: "123456" },
    };
    assert.notEqual(runtime.plan(withCode), runtime.plan(withCode));
  });

  it("ends with a silent STS within the attempt timeout and a tenth, naming the step", async () => {
    simulator.faults.set("sts", { kind: "silent" });
    const runtime = open({ ...simulatorServiceInstance(simulator), request: { attempt_timeout: 1000 } });
    const started = performance.now();
    const since = (): number => performance.now() - started;
    const refused = assert.rejects(runtime.call("ec2", "DescribeRegions", {}, asRole(taskRole())), (error: unknown) => {
      assert.ok(error instanceof AdapterError);
      assert.equal(error.code, "TIMEOUT");
      assert.match(error.step ?? "", /^step 1 of 1, AssumeRole/);
      return true;
    });
    // On a machine under load both are late; it starts behind the call, as what the call loads first takes its time.
    const plainTimer = setTimeout(1000).then(since);
    await refused;
    const ms = since();
    const timerMs = await plainTimer;
    assert.ok(ms < 1.1 * timerMs, `${ms} ms, a timer of 1000 ms ${timerMs}`);
  });

  it("masks every secret it ever held in whatever it logs", async () => {
    const properties = simulatorServiceInstance(simulator, { globalRole: "adapter" });
    const runtime = open({
      ...properties,
      authentication: { ...(properties["authentication"] as object), auth_logging: true },
    });
    await callerArn(runtime, asRole(taskRole()));
    const provider = runtime.identity(runtime.plan(asRole(taskRole())));
    const { secretAccessKey, sessionToken } = await provider.resolve();
    assert.match(lines.join("\n"), /FULL_REQUEST/);
    for (const secret of [
      secretAccessKey,
      sessionToken as string,
      userKey(simulator.world, "adapter").secretAccessKey,
    ]) {
      assert.ok(!lines.join("\n").includes(secret));
      assert.ok(!runtime.masker.maskText(`x ${secret} y`).includes(secret));
    }
  });

  it("forgets the secrets of a session some time after it ran out, and its own keys never", async () => {
    const { clock } = defaultDependencies(projectFolder, logger);
    let laterMs = 0;
    const moved = Object.assign(Object.create(clock), {
      now: () => clock.now() + laterMs,
      monotonic: () => clock.monotonic() + laterMs,
    });
    const runtime = open(simulatorServiceInstance(simulator, { globalRole: "adapter" }), {}, { clock: moved });
    const session = await runtime.identity(runtime.plan(asRole(taskRole()))).resolve();
    // No pattern knows this form.
    const inHex = (secret: string): string => Buffer.from(secret).toString("hex");
    const isMasked = (secret: string): boolean => !runtime.masker.maskText(inHex(secret)).includes(inHex(secret));
    // With much else that passes, what is forgotten leaves the index.
    const others = (name: string): void => {
      for (let index = 0; index < 100; index += 1) runtime.masker.addSecret(`${name}-${index}`, new Date(0));
      runtime.masker.maskText("everything is in the index");
    };
    const expiresMs = session.expiration?.getTime() ?? Number.NaN;
    laterMs = expiresMs - clock.now() + 50_000;
    others("while-calls-may-run");
    assert.ok(isMasked(session.secretAccessKey) && isMasked(session.sessionToken as string));
    laterMs += 80_000;
    others("when-they-are-over");
    others("later-still");
    assert.deepEqual([isMasked(session.secretAccessKey), isMasked(session.sessionToken as string)], [false, false]);
    assert.ok(isMasked(userKey(simulator.world, "adapter").secretAccessKey));
  });

  it("refuses role parameters that JSON cannot hold by their name", () => {
    const runtime = open(simulatorServiceInstance(simulator));
    const RoleArn = simulatedRoleArn(simulator.world, "task-reader");
    const circle: unknown[] = [];
    circle.push(circle);
    for (const [name, value] of [
      ["DurationSeconds", 3600n],
      ["Tags", circle],
      ["PolicyArns", circle],
    ] as const) {
      assert.throws(
        () => runtime.plan({ kind: "STSRole", stsParams: { RoleArn, [name]: value } }),
        (thrown) => thrown instanceof AdapterError && thrown.message.startsWith(`stsParams.${name}`),
      );
    }
  });
});
