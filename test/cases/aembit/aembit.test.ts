/** Owns the cases of attestation and Aembit: an adapter, an Edge API that replays what it is told, and AWS in the simulator. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";

import AwsAdapter = require("../../../adapter");

import type { CallError, SuccessEnvelope } from "../../../utils/platform/envelope";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import {
  simulatedRoleArn,
  simulatorEnvironment,
  simulatorServiceInstance,
} from "../../../utils/simulator/simulator-service-instance";
import type { Logger } from "../../../utils/types/logger";
import { CLIENT_ID, type FakeEdge, startFakeEdge } from "../../support/fake-edge";

type Methods = Record<string, (...given: unknown[]) => Promise<SuccessEnvelope>>;

describe("attestation and Aembit", () => {
  let simulator: Simulator;
  let edge: FakeEdge;
  let log: string[];

  beforeEach(async () => {
    simulator = await startSimulator();
    edge = await startFakeEdge(simulator.port);
    log = [];
  });
  afterEach(async () => {
    await edge.close();
    await simulator.close();
  });

  const open = (authentication: object, keysOf: "adapter" | "none" = "adapter", more: object = {}): Methods => {
    const instance = simulatorServiceInstance(simulator, { keysOf });
    const write = (text: string): void => void log.push(text);
    const logger: Logger = {
      spam: write,
      trace: write,
      debug: write,
      info: write,
      warn: write,
      error: write,
      isEnabled: () => true,
    };
    const properties = {
      ...instance,
      ...more,
      authentication: { ...(instance["authentication"] as object), ...authentication },
    };
    const environment = simulatorEnvironment(simulator);
    return new AwsAdapter("aws", properties, { environment, logger }) as unknown as Methods;
  };
  const attestor = { edgeApiUrl: "", clientId: CLIENT_ID };
  const failure = async (work: Promise<unknown>): Promise<CallError> => {
    try {
      await work;
    } catch (error) {
      return error as CallError;
    }
    return assert.fail("it succeeded");
  };

  it("signs exactly what a verifier has to know, anew for every use", async () => {
    const adapter = open({});
    const role = simulatedRoleArn(simulator.world, "adapter");
    const plain = (await adapter["getSignedCallerIdentity"]!({ region: "eu-west-1" })).response as Record<
      string,
      never
    >;
    assert.deepEqual(Object.keys(plain["headers"] ?? {}), ["Content-Type", "X-Amz-Date", "Authorization"]);
    assert.match(
      plain["headers"]!["Authorization"],
      /\/eu-west-1\/sts\/aws4_request, SignedHeaders=content-type;host;x-amz-date, /,
    );
    const asRole = (await adapter["getSignedCallerIdentitySTSRole"]!({}, null, role)) as SuccessEnvelope;
    const { headers, region, url } = asRole.response as {
      headers: Record<string, string>;
      region: string;
      url: string;
    };
    assert.deepEqual(Object.keys(headers), ["Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "Authorization"]);
    assert.match(headers["Authorization"]!, /SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, /);
    assert.deepEqual([region, url], ["us-east-1", "https://sts.us-east-1.amazonaws.com/"]);
    assert.deepEqual(asRole.metrics.roleChain.length, 1);
    for (const text of log) assert.ok(!text.includes(headers["X-Amz-Security-Token"]!), "a session token in the log");
  });

  for (const [given, url, region] of [
    ["cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1"],
    ["aws-global", "https://sts.amazonaws.com/", "us-east-1"],
    ["us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com/", "us-gov-west-1"],
  ]) {
    it(`signs for ${given}`, async () => {
      const { response } = await open({})["getSignedCallerIdentity"]!({ region: given });
      const told = response as { url: string; region: string };
      assert.deepEqual([told.url, told.region], [url, region]);
    });
  }

  it("gets a token for keys and for a role, each attested as itself, and asks for each once", async () => {
    const adapter = open({});
    const role = simulatedRoleArn(simulator.world, "adapter");
    const params = { ...attestor, edgeApiUrl: `${edge.url}/`, resourceSetId: "7f0d7a2e-0000-4000-8000-000000000000" };
    const answers = await Promise.all([
      adapter["edgeAuthenticate"]!(params),
      adapter["edgeAuthenticate"]!(params),
      adapter["edgeAuthenticateSTSRole"]!(params, null, role),
    ]);
    const tokens = answers.map(({ response }) => (response as { accessToken: string }).accessToken);
    assert.equal(tokens[0], tokens[1]);
    assert.notEqual(tokens[0], tokens[2]);
    assert.equal(edge.requests.length, 2);
    const arns = edge.attested.map(({ arn }) => arn).sort();
    assert.match(arns[0]!, /:user\/adapter$/);
    assert.match(arns[1]!, /:assumed-role\/adapter\/aws$/);
    assert.equal(edge.requests[0]?.headers["x-aembit-resourceset"], params.resourceSetId);
  });

  it("hands over credentials of any type, and masks them in the log", async () => {
    const adapter = open({ auth_logging: true });
    edge.credentials = { credentialType: "ApiKey", expiresAt: null, data: { apiKey: "apiKeyOfNobody" } };
    const { response } = await adapter["edgeGetCredentials"]!({
      ...attestor,
      edgeApiUrl: edge.url,
      credentialType: "ApiKey",
      server: { host: "api.example.com", port: "443" },
      connectionMetadata: { accountName: "ops" },
    });
    assert.deepEqual(response, edge.credentials);
    const body = JSON.parse(edge.requests.at(-1)?.body ?? "") as Record<string, unknown>;
    assert.deepEqual(body["server"], { transportProtocol: "TCP", host: "api.example.com", port: 443 });
    assert.deepEqual(body["connectionMetadata"], { accountName: "ops" });
    assert.deepEqual(
      edge.attested.map(({ path }) => path),
      ["/edge/v1/auth", "/edge/v1/credentials"],
    );
    assert.ok(!log.some((text) => text.includes("apiKeyOfNobody") || text.includes("edge-token")));
  });

  for (const status of [200, 404]) {
    it(`says that no policy matches when the answer is ${status}`, async () => {
      edge.credentials = { status, credentialType: "Unknown", expiresAt: null, data: {} };
      const given = { ...attestor, edgeApiUrl: edge.url, server: { host: "api.example.com" } };
      const error = await failure(open({})["edgeGetCredentials"]!(given));
      assert.equal(error.icode, "AD.403");
      assert.match(error.IAPerror.displayString, /no access policy matches api\.example\.com:443 and AwsStsFederation/);
    });
  }

  it("refuses a parameter that it does not know", async () => {
    const error = await failure(open({})["edgeAuthenticate"]!({ ...attestor, edgeAPIUrl: edge.url }));
    assert.match(error.IAPerror.displayString, /params\.edgeAPIUrl/);
  });

  describe("as the source of a service instance", () => {
    const source = (): object => ({
      aembit: {
        edge_api_url: edge.url,
        client_id: CLIENT_ID,
        server_host: "sts.amazonaws.com",
        access_key_id: "ROLEA",
      },
    });
    const federated = async (lifeMs = 3_600_000): Promise<void> => {
      const { response } = await open({})["stsAssumeRole"]!({
        RoleArn: simulatedRoleArn(simulator.world, "adapter"),
        RoleSessionName: "federated",
      });
      const { Credentials } = response as { Credentials: Record<string, string> };
      edge.credentials = {
        credentialType: "AwsStsFederation",
        expiresAt: new Date(Date.now() + lifeMs).toISOString(),
        data: {
          awsAccessKeyId: Credentials["AccessKeyId"],
          awsSecretAccessKey: Credentials["SecretAccessKey"],
          awsSessionToken: Credentials["SessionToken"],
        },
      };
    };

    it("attests as the pod, acts as whom Aembit makes it, and drives the role chain", async () => {
      await federated();
      const adapter = open(source(), "none");
      const plain = await adapter["stsGetCallerIdentity"]!({});
      assert.match((plain.response as { Arn: string }).Arn, /:assumed-role\/adapter\/federated$/);
      assert.match(plain.metrics.credentialSource, /Aembit http:\/\/127\.0\.0\.1:\d+, attested as Pod Role/);
      const role = simulatedRoleArn(simulator.world, "task-reader");
      const task = await adapter["stsGetCallerIdentitySTSRole"]!({}, null, role);
      assert.match((task.response as { Arn: string }).Arn, /:assumed-role\/task-reader\//);
      assert.equal(edge.requests.length, 2, "one token and one set of credentials for both");
      assert.deepEqual([...new Set(edge.attested.map(({ arn }) => arn.split("/").at(-1)))], ["pod"]);
      const body = JSON.parse(edge.requests[1]?.body ?? "") as Record<string, unknown>;
      assert.deepEqual(body["connectionMetadata"], { accessKeyId: "ROLEA" });
    });

    it("names the Edge API's own words when it refuses, and falls back to nobody", async () => {
      edge.failures.push({ status: 403, body: { success: false, message: "Policy inactive", id: 0 } });
      const error = await failure(open(source(), "none")["stsGetCallerIdentity"]!({}));
      assert.equal(error.icode, "AD.401");
      assert.match(error.IAPerror.displayString, /HTTP 403, Policy inactive, id 0, request edge-1/);
      assert.equal(simulator.requests.length, 0, "nothing was asked of AWS as somebody else");
    });
  });
});
