/** Takes credentials from the simulated instance metadata and container endpoints, as an instance or a pod would. */
import assert from "node:assert/strict";
import { defaultWorld } from "../../utils/simulator/default-world";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatorEnvironment } from "../../utils/simulator/simulator-service-instance";
import { call, element, form, type Reply, send } from "./simulator-client";

const get = (
  simulator: Simulator,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Reply> => send(simulator, { method, path, headers, body: "" });
const credentialsPath = "/latest/meta-data/iam/security-credentials/";

async function whoIs(simulator: Simulator, document: Reply): Promise<string | undefined> {
  const keys = JSON.parse(document.text) as { AccessKeyId: string; SecretAccessKey: string; Token: string };
  const identity = await call(simulator, {
    ...form("sts", { Action: "GetCallerIdentity" }),
    keys: { accessKeyId: keys.AccessKeyId, secretAccessKey: keys.SecretAccessKey, sessionToken: keys.Token },
  });
  return element(identity, "Arn");
}

describe("simulator: instance metadata", () => {
  let simulator: Simulator;
  let nowMs = Date.now();
  before(async () => {
    simulator = await startSimulator({ clock: { now: () => nowMs } });
  });
  after(() => simulator.close());

  const token = async (ttl = "60"): Promise<Record<string, string>> => {
    const reply = await get(simulator, "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": ttl }, "PUT");
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["x-aws-ec2-metadata-token-ttl-seconds"], ttl);
    return { "x-aws-ec2-metadata-token": reply.text };
  };

  it("gives the attached role's credentials to whoever has a token", async () => {
    const headers = await token();
    assert.equal((await get(simulator, credentialsPath, headers)).text, "instance");
    const document = await get(simulator, `${credentialsPath}instance`, headers);
    assert.equal(JSON.parse(document.text).Code, "Success");
    assert.equal(
      await whoIs(simulator, document),
      "arn:aws:sts::123456789012:assumed-role/instance/i-0a1b2c3d4e5f60001",
    );
    const again = await get(simulator, `${credentialsPath}instance`, headers);
    assert.equal(JSON.parse(again.text).AccessKeyId, JSON.parse(document.text).AccessKeyId);
    const info = JSON.parse((await get(simulator, "/latest/meta-data/iam/info", headers)).text);
    assert.equal(info.InstanceProfileArn, "arn:aws:iam::123456789012:instance-profile/instance");
    assert.equal((await get(simulator, `${credentialsPath}other`, headers)).status, 404);
    assert.equal((await get(simulator, "/latest/meta-data/placement/region", headers)).text, "us-east-1");
  });

  it("refuses requests without a token, with a wrong one, or with one that is over", async () => {
    assert.equal((await get(simulator, credentialsPath)).status, 401);
    assert.equal((await get(simulator, credentialsPath, { "x-aws-ec2-metadata-token": "wrong" })).status, 401);
    const headers = await token("1");
    nowMs += 1_000;
    assert.equal((await get(simulator, credentialsPath, headers)).status, 401);
  });

  it("gives tokens only for a lifetime of 1 to 21600 seconds, and not through a proxy", async () => {
    for (const ttl of ["0", "21601", "1.5", "x"]) {
      const reply = await get(simulator, "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": ttl }, "PUT");
      assert.equal(reply.status, 400, ttl);
    }
    assert.equal((await get(simulator, "/latest/api/token", {}, "PUT")).status, 400);
    assert.equal((await get(simulator, "/latest/api/token")).status, 405);
    const forwarded = { "x-aws-ec2-metadata-token-ttl-seconds": "60", "x-forwarded-for": "10.0.0.1" };
    assert.equal((await get(simulator, "/latest/api/token", forwarded, "PUT")).status, 403);
  });

  it("version 1 can be allowed, and an instance can be without a role", async () => {
    const world = defaultWorld();
    const { roleName, ...bare } = world.metadataInstance;
    const open = await startSimulator({
      world: { ...world, metadataInstance: { ...world.metadataInstance, httpTokens: "optional" } },
    });
    const roleless = await startSimulator({
      world: { ...world, metadataInstance: { ...bare, httpTokens: "optional" } },
    });
    try {
      assert.equal((await get(open, credentialsPath)).text, roleName);
      assert.equal((await get(roleless, credentialsPath)).status, 404);
    } finally {
      await Promise.all([open.close(), roleless.close()]);
    }
  });
});

describe("simulator: container credentials", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());

  it("ECS gives the task's role at its own path only", async () => {
    const url = simulatorEnvironment(simulator, "ecs")["AWS_CONTAINER_CREDENTIALS_FULL_URI"] as string;
    const document = await get(simulator, new URL(url).pathname);
    assert.equal(await whoIs(simulator, document), "arn:aws:sts::123456789012:assumed-role/container/ecs-task");
    assert.equal((await get(simulator, "/v2/credentials/other")).status, 400);
  });

  it("EKS Pod Identity wants its token", async () => {
    const environment = simulatorEnvironment(simulator, "eks-pod-identity");
    const path = new URL(environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] as string).pathname;
    const authorization = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] as string;
    const document = await get(simulator, path, { authorization });
    assert.equal(await whoIs(simulator, document), "arn:aws:sts::123456789012:assumed-role/container/eks-pod");
    assert.equal((await get(simulator, path)).status, 400);
    assert.equal((await get(simulator, path, { authorization: "wrong" })).status, 400);
  });
});
