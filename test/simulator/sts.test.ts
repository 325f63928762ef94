/** Drives the simulated STS with AWS's own client: who may become whom, for how long, with what. */
import assert from "node:assert/strict";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { defaultWorld } from "../../utils/simulator/default-world";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, userKey } from "../../utils/simulator/simulator-service-instance";
import { call, errorCode, form, type Keys, refused } from "./simulator-client";

describe("simulator: STS", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());

  const client = (credentials: Keys): STSClient =>
    new STSClient({ endpoint: simulator.url, region: "us-east-1", credentials, maxAttempts: 1 });
  const arn = (name: string): string => simulatedRoleArn(simulator.world, name);
  const user = (name: string): Keys => userKey(simulator.world, name);
  const assume = (role: string, keys: Keys, input: Partial<AssumeRoleCommandInput> = {}) =>
    client(keys).send(new AssumeRoleCommand({ RoleArn: arn(role), RoleSessionName: "test", ...input }));
  const keysOf = async (role: string, keys: Keys, input: Partial<AssumeRoleCommandInput> = {}): Promise<Keys> => {
    const { Credentials } = await assume(role, keys, input);
    return {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
    };
  };
  it("goes from the Pod through the Adapter role to the Task role", async () => {
    const adapter = await keysOf("adapter", user("pod"));
    const task = await keysOf("task-reader", adapter);
    const identity = await client(task).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Arn, "arn:aws:sts::123456789012:assumed-role/task-reader/test");
    assert.equal(identity.Account, "123456789012");
    assert.match(identity.UserId as string, /^AROA\w+:test$/);
  });

  it("refuses a caller without permission, a role without trust, and a role that is not there, in the same words", async () => {
    const denied = (who: string, what: string) =>
      `User: arn:aws:iam::123456789012:user/${who} is not authorized to perform: sts:AssumeRole on resource: ${what}`;
    await refused(assume("task-reader", user("nobody")), "AccessDenied", denied("nobody", arn("task-reader")));
    await refused(assume("task-denied", user("pod")), "AccessDenied", denied("pod", arn("task-denied")));
    const missing = "arn:aws:iam::123456789012:role/task-missing";
    await refused(assume("task-reader", user("pod"), { RoleArn: missing }), "AccessDenied", denied("pod", missing));
  });

  it("a trust of the whole account leaves the decision to the caller's own policy", async () => {
    const world = defaultWorld();
    const roles = world.roles.map((role) =>
      role.name === "task-reader"
        ? {
            ...role,
            trust: [
              {
                Effect: "Allow" as const,
                Principal: { AWS: "arn:aws:iam::123456789012:root" },
                Action: "sts:AssumeRole",
              },
            ],
          }
        : role,
    );
    const other = await startSimulator({ world: { ...world, roles } });
    try {
      const parameters = { Action: "AssumeRole", RoleArn: arn("task-reader"), RoleSessionName: "test" };
      assert.equal((await call(other, { ...form("sts", parameters), keys: user("pod") })).status, 200);
      assert.equal(errorCode(await call(other, { ...form("sts", parameters), keys: user("nobody") })), "AccessDenied");
    } finally {
      await other.close();
    }
  });

  it("the partner's role wants its external id", async () => {
    const adapter = await keysOf("adapter", user("adapter"));
    await refused(
      assume("partner", adapter),
      "AccessDenied",
      /sts:AssumeRole on resource: arn:aws:iam::210987654321:role\/partner$/,
    );
    await refused(assume("partner", adapter, { ExternalId: "another" }), "AccessDenied", /not authorized/);
    assert.ok((await assume("partner", adapter, { ExternalId: "example-external-id" })).Credentials);
  });

  it("sessions last from 900 seconds to what the role allows, and an hour at most in a chain", async () => {
    const before = Date.now();
    const { Credentials } = await assume("task-writer", user("pod"), { DurationSeconds: 900 });
    const lasts = Number(Credentials?.Expiration?.getTime()) - before;
    assert.ok(lasts > 890_000 && lasts < 910_000, String(lasts));
    assert.ok((await assume("task-writer", user("pod"), { DurationSeconds: 43200 })).Credentials);
    await refused(
      assume("task-reader", user("pod"), { DurationSeconds: 3601 }),
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
    await refused(
      assume("task-writer", await keysOf("adapter", user("pod")), { DurationSeconds: 3601 }),
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
    await refused(
      assume("task-writer", user("pod"), { DurationSeconds: 899 }),
      "ValidationError",
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    );
    await refused(
      assume("task-writer", user("pod"), { DurationSeconds: 43201 }),
      "ValidationError",
      /less than or equal to 43200$/,
    );
  });

  it("lists everything that is wrong with the parameters", async () => {
    await refused(
      assume("adapter", user("pod"), { RoleSessionName: "a b", RoleArn: "short" }),
      "ValidationError",
      /^2 validation errors detected: Value 'short' at 'roleArn' .*; Value 'a b' at 'roleSessionName' .*\[\\w\+=,\.@-\]\*$/,
    );
    await refused(
      assume("adapter", user("pod"), { RoleArn: "arn:aws:iam::12345:role/malformed" }),
      "ValidationError",
      "arn:aws:iam::12345:role/malformed is invalid",
    );
    const reply = await call(simulator, form("sts", { Action: "AssumeRole" }));
    assert.match(
      reply.text,
      /2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null/,
    );
    await refused(
      assume("adapter", user("pod"), { Policy: "{" }),
      "MalformedPolicyDocumentException",
      "This policy contains invalid Json",
    );
    await refused(
      assume("adapter", user("pod"), { Policy: "{}" }),
      "MalformedPolicyDocumentException",
      "Syntax errors in policy.",
    );
  });

  it("a session policy only takes away", async () => {
    const policy = (Action: string) =>
      JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource: "*" } });
    const listBuckets = (keys: Keys) => call(simulator, { service: "s3", method: "GET", keys });
    const describe = (keys: Keys) => call(simulator, { ...form("ec2", { Action: "DescribeInstances" }), keys });
    const narrowed = await keysOf("task-writer", user("pod"), { Policy: policy("s3:*") });
    assert.equal((await listBuckets(narrowed)).status, 200);
    assert.match((await describe(narrowed)).text, /because no session policy allows the ec2:DescribeInstances action/);
    const wide = await keysOf("task-reader", user("pod"), { Policy: policy("*") });
    const put = await call(simulator, {
      service: "s3",
      method: "PUT",
      path: "/example-configurations/x",
      body: "x",
      keys: wide,
    });
    assert.match(put.text, /because no identity-based policy allows the s3:PutObject action/);
    const managed = await keysOf("task-writer", user("pod"), {
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" }],
    });
    assert.equal((await listBuckets(managed)).status, 200);
    assert.equal((await describe(managed)).status, 403);
  });

  it("transitive tags and the source identity go on through the chain", async () => {
    const first = await keysOf("adapter", user("pod"), {
      Tags: [{ Key: "Team", Value: "net ops" }],
      TransitiveTagKeys: ["Team"],
      SourceIdentity: "alice",
    });
    assert.equal((await assume("task-reader", first)).SourceIdentity, "alice");
    await refused(
      assume("task-reader", first, { Tags: [{ Key: "team", Value: "other" }] }),
      "InvalidParameterValue",
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
    await refused(
      assume("task-reader", first, { SourceIdentity: "mallory" }),
      "AccessDenied",
      /perform: sts:SetSourceIdentity on resource/,
    );
    await refused(
      assume("adapter", user("pod"), {
        Tags: [
          { Key: "a", Value: "1" },
          { Key: "A", Value: "2" },
        ],
      }),
      "InvalidParameterValue",
      /Duplicate tag keys/,
    );
  });

  it("GetSessionToken keeps the user", async () => {
    const { Credentials } = await client(user("pod")).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const keys = {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
    };
    assert.equal((await client(keys).send(new GetCallerIdentityCommand({}))).Arn, "arn:aws:iam::123456789012:user/pod");
    const role = await keysOf("adapter", user("pod"));
    await refused(
      client(role).send(new GetSessionTokenCommand({})),
      "AccessDenied",
      /Cannot call GetSessionToken with session credentials/,
    );
  });

  it("lifetimes can be forced, and end by the simulator's clock", async () => {
    let nowMs = Date.now();
    const short = await startSimulator({ credentialLifetimeSeconds: 70, clock: { now: () => nowMs } });
    try {
      const sts = (keys: Keys) =>
        new STSClient({ endpoint: short.url, region: "us-east-1", credentials: keys, maxAttempts: 1 });
      const { Credentials } = await sts(user("pod")).send(
        new AssumeRoleCommand({ RoleArn: arn("adapter"), RoleSessionName: "test" }),
      );
      const keys = {
        accessKeyId: Credentials?.AccessKeyId as string,
        secretAccessKey: Credentials?.SecretAccessKey as string,
        sessionToken: Credentials?.SessionToken as string,
      };
      assert.ok((await sts(keys).send(new GetCallerIdentityCommand({}))).Arn);
      nowMs += 71_000;
      await refused(
        sts(keys).send(new GetCallerIdentityCommand({})),
        "ExpiredToken",
        "The security token included in the request is expired",
      );
    } finally {
      await short.close();
    }
  });

  it("an unknown action is told only to those who can sign", async () => {
    const wrong = form("sts", { Action: "AssumeEverything" });
    assert.equal(errorCode(await call(simulator, wrong)), "InvalidAction");
    const { accessKeyId } = user("pod");
    const reply = await call(simulator, { ...wrong, keys: { accessKeyId, secretAccessKey: "wrong" } });
    assert.equal(errorCode(reply), "SignatureDoesNotMatch");
  });
});
