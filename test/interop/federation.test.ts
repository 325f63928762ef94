/** Owns the judgement of attestation and Aembit: another client replays the proof to moto, and credentials come of it that moto honours. */
import { strict as assert } from "node:assert";
import { CLIENT_ID, type FakeEdge, startFakeEdge } from "../support/fake-edge";
import { need, pythonWith } from "../support/needs";
import { judgeByMoto } from "./judge";
import { bringOnline, type LoadedAdapter, serviceInstance } from "./platform";
import { askPython } from "./python";

const account = "123456789012";

interface Attestation {
  readonly url: string;
  readonly region: string;
  readonly headers: Record<string, string>;
}

describe("interop: attestation and Aembit, judged by moto", () => {
  need(pythonWith("http.client"));
  const moto = judgeByMoto();
  let edge: FakeEdge;
  let adapters = 0;

  before(async () => {
    edge = await startFakeEdge(moto().port);
  });
  after(() => edge?.close());

  const roleSession = (role: string, name: string) => `arn:aws:sts::${account}:assumed-role/${role}/${name}`;
  const replay = (attestation: Attestation) =>
    askPython<{ status: number; arn?: string; body?: string }>(
      "replay_caller_identity.py",
      [String(moto().port)],
      JSON.stringify(attestation),
    );

  /** By keys of the service instance. */
  function withKeys(): Promise<LoadedAdapter> {
    const { port, url, world } = moto();
    adapters += 1;
    const { accessKeyId, secretAccessKey } = world.users.adapter;
    const values = { port, stsEndpoint: url, accessKeyId, secretAccessKey };
    return bringOnline(`attestor-${adapters}`, serviceInstance("keys", values));
  }

  describe("a proof, replayed by a client that knows nothing but it", () => {
    const attest = async (region: string, ...role: unknown[]): Promise<Attestation> => {
      const loaded = await withKeys();
      const method = role.length === 0 ? "getSignedCallerIdentity" : "getSignedCallerIdentitySTSRole";
      return (await loaded.answer(method, { region }, ...role)) as unknown as Attestation;
    };

    for (const region of ["eu-west-1", "us-east-1", "aws-global"]) {
      it(`proves the keys (${region})`, async () => {
        const { status, arn } = await replay(await attest(region));
        assert.deepEqual([status, arn], [200, moto().world.users.adapter.arn]);
      });
    }

    it("proves the end of a role chain, with the session's token", async () => {
      const { global, task } = moto().world.roles;
      const stsParams = { RoleArn: task, RoleSessionName: "workflow-7" };
      const attestation = await attest("eu-west-1", stsParams, global);
      assert.ok(attestation.headers["X-Amz-Security-Token"]);
      const { status, arn } = await replay(attestation);
      assert.deepEqual([status, arn], [200, roleSession("task", "workflow-7")]);
    });

    it("proves nothing once it is changed", async () => {
      const attestation = await attest("eu-west-1");
      const { Authorization = "" } = attestation.headers;
      const other = Authorization.replace(/Signature=(.)/, (_, first) => `Signature=${first === "0" ? "1" : "0"}`);
      const changes: [string, Attestation][] = [
        ["signature", { ...attestation, headers: { ...attestation.headers, Authorization: other } }],
        ["host", { ...attestation, url: "https://sts.eu-west-2.amazonaws.com/" }],
        ["date", { ...attestation, headers: { ...attestation.headers, "X-Amz-Date": "20300101T000000Z" } }],
      ];
      for (const [name, changed] of changes) {
        const { status, body } = await replay(changed);
        assert.equal(status, 403, `${name}: ${body}`);
      }
    });
  });

  describe("Aembit's credentials", () => {
    /** Whoever is in the environment attests. */
    const open = (attestor: { readonly accessKeyId: string; readonly secretAccessKey: string }) => {
      const { port, url } = moto();
      const properties = serviceInstance("environment", { port, stsEndpoint: url });
      (properties["authentication"] as Record<string, unknown>)["aembit"] = {
        edge_api_url: edge.url,
        client_id: CLIENT_ID,
        server_host: "ec2.eu-west-1.amazonaws.com",
      };
      adapters += 1;
      return bringOnline(`aembit-${adapters}`, properties, {
        AWS_ACCESS_KEY_ID: attestor.accessKeyId,
        AWS_SECRET_ACCESS_KEY: attestor.secretAccessKey,
      });
    };

    before(async () => {
      const { world } = moto();
      // As Aembit's cloud does, a party of its own assumes the role that the access policy names.
      const { accessKeyId, secretAccessKey } = world.users.operator;
      const values = { port: moto().port, stsEndpoint: moto().url, accessKeyId, secretAccessKey };
      const cloud = await bringOnline("aembit-cloud", serviceInstance("keys", values));
      edge.afterAttestation = async (arn) => {
        if (arn !== world.users.pod.arn) return { credentialType: "Unknown", expiresAt: null, data: {} };
        const request = { RoleArn: world.roles.task, RoleSessionName: "aembit", DurationSeconds: 900 };
        const { Credentials } = (await cloud.answer("stsAssumeRole", request)) as {
          Credentials: Record<string, string>;
        };
        return {
          credentialType: "AwsStsFederation",
          expiresAt: Credentials["Expiration"] ?? null,
          data: {
            awsAccessKeyId: Credentials["AccessKeyId"],
            awsSecretAccessKey: Credentials["SecretAccessKey"],
            awsSessionToken: Credentials["SessionToken"],
          },
        };
      };
    });

    it("are given for a proof that moto confirms, and moto honours them", async () => {
      const loaded = await open(moto().world.users.pod);
      const { Arn } = await loaded.answer("stsGetCallerIdentity", {});
      assert.equal(Arn, roleSession("task", "aembit"));
      const { Regions } = await loaded.answer("ec2DescribeRegions", {});
      assert.ok(Array.isArray(Regions));
      assert.deepEqual(
        edge.attested.map(({ path, arn }) => [path, arn]),
        [
          ["/edge/v1/auth", moto().world.users.pod.arn],
          ["/edge/v1/credentials", moto().world.users.pod.arn],
        ],
      );
      const refusal = await loaded.refusal("iamListUsers", {});
      assert.match(String(refusal.aws?.code), /AccessDenied/);
    });

    it("begin a role chain", async () => {
      const loaded = await open(moto().world.users.pod);
      const stsParams = { RoleArn: moto().world.roles.taskLast, RoleSessionName: "workflow-7" };
      const { Arn } = await loaded.answer("stsGetCallerIdentitySTSRole", {}, stsParams, null);
      assert.equal(Arn, roleSession("task-last", "workflow-7"));
    });

    it("are not given to a proof that moto does not confirm", async () => {
      const impostor = { ...moto().world.users.pod, secretAccessKey: "not-the-secret-of-the-pod" };
      const confirmed = edge.attested.length;
      const refusal = await (await open(impostor)).refusal("stsGetCallerIdentity", {});
      assert.match(refusal.IAPerror.displayString, /Unauthorized/);
      assert.equal(edge.attested.length, confirmed);
    });

    it("are not given where no policy matches", async () => {
      const refusal = await (await open(moto().world.users.nobody)).refusal("stsGetCallerIdentity", {});
      assert.match(refusal.IAPerror.displayString, /policy/);
    });
  });
});
