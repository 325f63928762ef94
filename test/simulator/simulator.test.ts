/** Looks at the simulator as a whole: how it starts, whom it serves, how fast, and that it goes away. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get as httpsGet } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatorEnvironment, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { call, form, send, sign } from "./simulator-client";

describe("simulator: as a whole", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());

  it("listens on the loopback address only, on a port of its own", () => {
    assert.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(simulator.url, `http://127.0.0.1:${simulator.port}`);
  });

  it("a port that is taken is an error", async () => {
    await assert.rejects(startSimulator({ port: simulator.port }), /EADDRINUSE/);
  });

  it("close ends idle connections and frees the port", async () => {
    const own = await startSimulator();
    const socket = connect(own.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await own.close();
    await closed;
    const again = await startSimulator({ port: own.port });
    await again.close();
  });

  it("two simulators share no credentials and no state", async () => {
    const other = await startSimulator();
    try {
      const tag = form("ec2", { Action: "CreateTags", "ResourceId.1": "i-0a1b2c3d4e5f60002" });
      await call(simulator, tag);
      assert.deepEqual(other.counts(), {});
      const parameters = {
        Action: "AssumeRole",
        RoleArn: "arn:aws:iam::123456789012:role/adapter",
        RoleSessionName: "test",
      };
      const [one, two] = await Promise.all([
        call(simulator, form("sts", parameters)),
        call(other, form("sts", parameters)),
      ]);
      assert.notEqual(/<AccessKeyId>.*/.exec(one.text)?.[0], /<AccessKeyId>.*/.exec(two.text)?.[0]);
    } finally {
      await other.close();
    }
  });

  it("says how an adapter and its pod are pointed at it", () => {
    const properties = simulatorServiceInstance(simulator, {
      globalRole: "adapter",
      externalId: "example-external-id",
    });
    assert.deepEqual(properties, {
      host: "127.0.0.1",
      port: simulator.port,
      protocol: "http",
      region: "us-east-1",
      authentication: {
        auth_method: "aws_authentication",
        aws_access_key: "AKIASIMULATORADAPTER",
        aws_secret_key: "simulator+only/not+a+real+secret/adapter",
        aws_iam_role: "arn:aws:iam::123456789012:role/adapter",
        aws_sts: {
          region: "us-east-1",
          endpoint: `127.0.0.1:${simulator.port}`,
          sslEnable: false,
          externalId: "example-external-id",
        },
      },
      healthcheck: { type: "startup" },
    });
    const bare = simulatorServiceInstance(simulator, { keysOf: "none" })["authentication"] as Record<string, unknown>;
    assert.equal(bare["aws_access_key"], undefined);
    assert.equal(simulatorEnvironment(simulator)["AWS_ACCESS_KEY_ID"], "AKIASIMULATORPOD0000");
    assert.equal(simulatorEnvironment(simulator, "instance")["AWS_EC2_METADATA_SERVICE_ENDPOINT"], simulator.url);
    assert.throws(() => simulatorServiceInstance(simulator, { keysOf: "missing" }), /no user missing/);
  });

  it("accepts absolute-form targets, as a forward proxy's client sends them", async () => {
    const signed = await sign(simulator, form("sts", { Action: "GetCallerIdentity" }));
    assert.equal((await send(simulator, { ...signed, path: `${simulator.url}/` })).status, 200);
  });

  it("serves a thousand calls at once, and counts them", async () => {
    simulator.clearRequests();
    const signed = await sign(simulator, form("ec2", { Action: "DescribeInstances" }));
    const replies = await Promise.all(Array.from({ length: 1000 }, () => send(simulator, signed)));
    assert.ok(replies.every((reply) => reply.status === 200));
    assert.deepEqual(simulator.counts(), { "ec2.DescribeInstances": 1000 });
  });

  it("serves https with a key and certificate of the caller's", async () => {
    const fixture = (name: string): Buffer => readFileSync(join(__dirname, "..", "fixtures", "tls", name));
    const secure = await startSimulator({ tls: { key: fixture("server-key.pem"), cert: fixture("server.pem") } });
    try {
      const status = await new Promise((resolve, reject) => {
        httpsGet(`${secure.url}/_simulator/counts`, { ca: fixture("ca.pem"), agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
      assert.match(secure.url, /^https:/);
      assert.equal(status, 200);
    } finally {
      await secure.close();
    }
  });
});
