/** Owns the proof, by moto with IAM enforced, that every way of authentication ends in the identity it promises. */
import { strict as assert } from "node:assert";
import { judgeByMoto } from "./judge";
import { bringOnline, serviceInstance } from "./platform";

const account = "123456789012";
const session = { RoleSessionName: "workflow-7" };

describe("interop: the role chain, judged by moto", () => {
  const moto = judgeByMoto();

  function instance(name: string, user: "operator" | "adapter" = "adapter") {
    const { port, url, world } = moto();
    return serviceInstance(name, {
      port,
      stsEndpoint: url,
      globalRole: world.roles.global,
      accessKeyId: world.users[user].accessKeyId,
      secretAccessKey: world.users[user].secretAccessKey,
    });
  }
  function podEnvironment() {
    const { pod } = moto().world.users;
    return { AWS_ACCESS_KEY_ID: pod.accessKeyId, AWS_SECRET_ACCESS_KEY: pod.secretAccessKey };
  }
  const assumed = (role: string, name: string) => `arn:aws:sts::${account}:assumed-role/${role}/${name}`;

  it("keys sign as their user (Adapter Role)", async () => {
    const adapter = await bringOnline("keys", instance("keys"));
    assert.equal((await adapter.answer("stsGetCallerIdentity", {}))["Arn"], moto().world.users.adapter.arn);
  });

  it("keys and a global role sign as the global role", async () => {
    const adapter = await bringOnline("global", instance("keys-and-global-role"));
    const { data } = await adapter.call("stsGetCallerIdentity", {});
    assert.match(String(data?.response?.["Arn"]), new RegExp(`^${assumed("global", "")}`));
    assert.equal(data?.metrics?.roleChain.length, 1);
    await adapter.answer("ec2DescribeInstances", {});
  });

  it("keys and stsParams sign as the task role, under its session name", async () => {
    const adapter = await bringOnline("task", instance("keys"));
    const stsParams = { RoleArn: moto().world.roles.task, ...session };
    const identity = await adapter.answer("stsGetCallerIdentitySTSRole", {}, stsParams, null);
    assert.equal(identity["Arn"], assumed("task", "workflow-7"));
    await adapter.answer("ec2DescribeInstancesSTSRole", {}, stsParams, null);
  });

  it("keys and roleName sign as that role", async () => {
    const adapter = await bringOnline("role-name", instance("keys"));
    const identity = await adapter.answer("stsGetCallerIdentitySTSRole", {}, null, moto().world.roles.task);
    assert.match(String(identity["Arn"]), new RegExp(`^${assumed("task", "")}`));
  });

  it("global role to task role: the global role assumes it", async () => {
    const adapter = await bringOnline("global-task", instance("keys-and-global-role"));
    const stsParams = { RoleArn: moto().world.roles.task, ...session };
    const { data } = await adapter.call("stsGetCallerIdentitySTSRole", {}, stsParams, null);
    assert.equal(data?.response?.["Arn"], assumed("task", "workflow-7"));
    assert.equal(data?.metrics?.roleChain.length, 2);
  });

  it("roleName and stsParams are a chain of two", async () => {
    const adapter = await bringOnline("chain-of-two", instance("keys"));
    const { task, taskLast } = moto().world.roles;
    const identity = await adapter.answer("stsGetCallerIdentitySTSRole", {}, { RoleArn: taskLast, ...session }, task);
    assert.equal(identity["Arn"], assumed("task-last", "workflow-7"));
  });

  it("global role, roleName and stsParams are a chain of three", async () => {
    const adapter = await bringOnline("chain-of-three", instance("keys-and-global-role"));
    const { task, taskLast } = moto().world.roles;
    const { data } = await adapter.call("stsGetCallerIdentitySTSRole", {}, { RoleArn: taskLast, ...session }, task);
    assert.equal(data?.response?.["Arn"], assumed("task-last", "workflow-7"));
    assert.equal(data?.metrics?.roleChain.length, 3);
  });

  it("the environment signs as the Pod Role, and from there as global and task role", async () => {
    const pod = await bringOnline("pod", instance("environment"), podEnvironment());
    assert.equal((await pod.answer("stsGetCallerIdentity", {}))["Arn"], moto().world.users.pod.arn);
    const chained = await bringOnline("pod-chain", instance("environment-and-global-role"), podEnvironment());
    const stsParams = { RoleArn: moto().world.roles.task, ...session };
    const { data } = await chained.call("stsGetCallerIdentitySTSRole", {}, stsParams, null);
    assert.equal(data?.response?.["Arn"], assumed("task", "workflow-7"));
    assert.equal(data?.metrics?.roleChain.length, 2);
  });
});
