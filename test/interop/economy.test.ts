/** Owns the proof on the wire that STS is called no more than needed, and that two instances never share an identity. */
import { strict as assert } from "node:assert";
import { judgeByMoto } from "./judge";
import { bringOnline, serviceInstance } from "./platform";
import { type RecordingProxy, startRecordingProxy } from "./recording-proxy";

const taskRoles = 100;

describe("interop: what crosses the wire, in front of moto", () => {
  const moto = judgeByMoto(taskRoles);
  const proxies: RecordingProxy[] = [];
  afterEach(() => Promise.all(proxies.splice(0).map((proxy) => proxy.close())));

  async function proxy(): Promise<RecordingProxy> {
    const started = await startRecordingProxy(moto().port);
    proxies.push(started);
    return started;
  }
  function instance(name: string, through: RecordingProxy) {
    const { world } = moto();
    return serviceInstance(name, {
      port: through.port,
      stsEndpoint: `http://127.0.0.1:${through.port}`,
      globalRole: world.roles.global,
      accessKeyId: world.users.adapter.accessKeyId,
      secretAccessKey: world.users.adapter.secretAccessKey,
    });
  }

  it("1,000 concurrent calls with one task role need one AssumeRole", async () => {
    const wire = await proxy();
    const adapter = await bringOnline("economy", instance("keys", wire));
    wire.clear();
    const stsParams = { RoleArn: moto().world.roles.task, RoleSessionName: "many" };
    const arns = await Promise.all(
      Array.from({ length: 1000 }, () => adapter.answer("stsGetCallerIdentitySTSRole", {}, stsParams, null)),
    );
    assert.deepEqual(
      [...new Set(arns.map((answer) => answer["Arn"]))],
      ["arn:aws:sts::123456789012:assumed-role/task/many"],
    );
    assert.equal(wire.count("AssumeRole"), 1);
    assert.equal(wire.count("GetCallerIdentity"), 1000);
  });

  it("100 task roles under a global role need 101, and each call is signed by its own role", async () => {
    const wire = await proxy();
    const { numberedTaskRoles, roles } = moto().world;
    const adapter = await bringOnline("economy-chain", instance("keys-and-global-role", wire));
    wire.clear();
    const rounds = [...numberedTaskRoles, ...numberedTaskRoles];
    const arns = await Promise.all(
      rounds.map((RoleArn) =>
        adapter.answer("stsGetCallerIdentitySTSRole", {}, { RoleArn, RoleSessionName: "one" }, null),
      ),
    );
    const expected = rounds.map((arn) => `arn:aws:sts::123456789012:assumed-role/${arn.split("/").pop()}/one`);
    assert.deepEqual(
      arns.map((answer) => answer["Arn"]),
      expected,
    );
    assert.equal(wire.count("AssumeRole"), taskRoles + 1);
    assert.equal(wire.calls.filter((call) => call.roleArn === roles.global).length, 1);
    assert.equal(
      new Set(wire.calls.filter((call) => call.action === "GetCallerIdentity").map((call) => call.accessKeyId)).size,
      taskRoles,
    );
  });

  it("two instances, one with keys and one on the environment, never cross in 50 calls each", async () => {
    const [keysWire, podWire] = [await proxy(), await proxy()];
    const { adapter: adapterUser, pod: podUser } = moto().world.users;
    const { task, taskLast } = moto().world.roles;
    const withKeys = await bringOnline("with-keys", instance("keys", keysWire));
    const onPod = await bringOnline("on-pod", instance("environment", podWire), {
      AWS_ACCESS_KEY_ID: podUser.accessKeyId,
      AWS_SECRET_ACCESS_KEY: podUser.secretAccessKey,
    });
    keysWire.clear();
    podWire.clear();
    // A session name of its own for every call: each needs an AssumeRole, signed by the instance's base identity.
    const calls = Array.from({ length: 50 }, (_, index) => [
      withKeys.answer("stsGetCallerIdentitySTSRole", {}, { RoleArn: task, RoleSessionName: `k-${index}` }, null),
      onPod.answer("stsGetCallerIdentitySTSRole", {}, { RoleArn: taskLast, RoleSessionName: `p-${index}` }, null),
    ]).flat();
    const arns = (await Promise.all(calls)).map((answer) => String(answer["Arn"]));
    arns.forEach((arn, index) => {
      const [role, session] = index % 2 === 0 ? ["task", "k"] : ["task-last", "p"];
      assert.equal(arn, `arn:aws:sts::123456789012:assumed-role/${role}/${session}-${Math.floor(index / 2)}`);
    });
    for (const [wire, user, role] of [
      [keysWire, adapterUser, task],
      [podWire, podUser, taskLast],
    ] as const) {
      const assumptions = wire.calls.filter((call) => call.action === "AssumeRole");
      assert.equal(assumptions.length, 50);
      assert.deepEqual([...new Set(assumptions.map((call) => call.accessKeyId))], [user.accessKeyId]);
      assert.deepEqual([...new Set(assumptions.map((call) => call.roleArn))], [role]);
    }
    const keyIds = (wire: RecordingProxy) => new Set(wire.calls.map((call) => call.accessKeyId));
    assert.deepEqual(
      [...keyIds(keysWire)].filter((id) => keyIds(podWire).has(id)),
      [],
    );
  });

  it("a global role is never assumed by itself, however many chained calls follow", async () => {
    const wire = await proxy();
    const { global, task } = moto().world.roles;
    const adapter = await bringOnline("no-self", instance("keys-and-global-role", wire));
    for (const index of [1, 2, 3]) {
      await adapter.answer("ec2DescribeInstancesSTSRole", {}, { RoleArn: task, RoleSessionName: `s-${index}` }, null);
    }
    const ofGlobal = wire.calls.filter((call) => call.roleArn === global);
    assert.deepEqual(
      ofGlobal.map((call) => call.accessKeyId),
      [moto().world.users.adapter.accessKeyId],
    );
    assert.equal(wire.count("AssumeRole"), 4);
  });
});
