/** Owns the trials of executed chains: order, shared prefixes, renewal of what lies before, keys that forget nothing. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { beforeEach, describe, it } from "mocha";
import { assumeRole } from "../../../utils/credentials/assume-role";
import { chainKeys } from "../../../utils/credentials/chain-key";
import { fromRoleChain } from "../../../utils/credentials/from-role-chain";
import { sourceFactory } from "../../../utils/credentials/from-source";
import { IdentityCache } from "../../../utils/credentials/identity-cache";
import { StsCaller } from "../../../utils/credentials/sts-caller";
import { EdgeClient } from "../../../utils/edge/edge-client";
import type { AssumeRoleStep, RoleChain } from "../../../utils/types/role-chain";
import { Secret } from "../../../utils/types/secret";
import {
  errorXml,
  FakeClock,
  FakeHttpHandler,
  FakeSecrets,
  failure,
  type ScriptedAnswer,
  type SeenRequest,
  sessionXml,
  settle,
  stsEndpoint,
} from "./fixtures";

const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;
const step = (name: string, more: Partial<AssumeRoleStep> = {}): AssumeRoleStep => ({
  origin: "stsParams",
  roleArn: role(name),
  roleSessionName: "session",
  durationSeconds: 3600,
  sts: stsEndpoint,
  ...more,
});
const keys = { type: "static" as const, accessKeyId: "AKIABASE", secretAccessKey: new Secret("secret-base") };
const chainOf = (...steps: AssumeRoleStep[]): RoleChain => ({ source: keys, steps });
const roleOf = ({ body }: SeenRequest): string => /role%2F(\w+)/.exec(body)?.[1] ?? "";
const signerOf = ({ headers }: SeenRequest): string =>
  /Credential=(\w+)\//.exec(headers["authorization"] ?? "")?.[1] ?? "";

describe("fromRoleChain", () => {
  let clock: FakeClock;
  let sts: FakeHttpHandler;
  let answer: (request: SeenRequest, count: number) => ScriptedAnswer;
  let open: (chain: RoleChain) => ReturnType<typeof fromRoleChain>;
  let lifetimeMs: number;

  beforeEach(() => {
    clock = new FakeClock();
    lifetimeMs = 3_600_000;
    answer = (request) => ({ body: sessionXml("AssumeRole", roleOf(request).toUpperCase(), clock.now() + lifetimeMs) });
    sts = new FakeHttpHandler(clock, (request, count) => answer(request, count));
    const secrets = new FakeSecrets();
    const caller = new StsCaller({
      httpHandlerFor: () => sts,
      clock,
      random: () => 0.5,
      secrets,
      userAgent: "test",
      timeoutMs: 5000,
    });
    const cache = new IdentityCache({ maxChains: 1000, clock, random: () => 0, fetchTimeoutMs: 5000, warn: () => {} });
    const files = {
      ...{ read: () => Buffer.alloc(0), exists: () => false, list: () => [] },
      ...{ permissions: () => 0o600, isOurs: () => true },
    };
    const fromSource = sourceFactory({
      ...{ httpHandler: sts, files, clock, random: () => 0.5, secrets, caller },
      ...{ httpHandlerFor: () => sts, userAgent: "test", timeoutMs: 5000, warn: () => {} },
      edge: new EdgeClient({
        ...{ httpHandlerFor: () => sts, clock, random: () => 0, secrets, userAgent: "test", timeoutMs: 5000 },
      }),
    });
    open = (chain) =>
      fromRoleChain(chain, {
        cache,
        fromSource,
        assumeRole: (base, one, words) => assumeRole(base, one, words, caller),
      });
  });

  it("signs with the keys when there is no step, asking nobody", async () => {
    const found = await open(chainOf()).resolve();
    assert.equal(found.accessKeyId, "AKIABASE");
    assert.equal(sts.requests.length, 0);
  });

  it("lets each role be assumed by the one before it", async () => {
    const found = await open(chainOf(step("global"), step("task"))).resolve();
    assert.equal(found.accessKeyId, "ASIATASK");
    assert.equal(found.secretAccessKey, "secret-TASK");
    assert.deepEqual(
      sts.requests.map((one) => [roleOf(one), signerOf(one)]),
      [
        ["global", "AKIABASE"],
        ["task", "ASIAGLOBAL"],
      ],
    );
    assert.equal(sts.requests[1]?.headers["x-amz-security-token"], "token-GLOBAL");
  });

  it("asks once for a thousand calls of one role, even if each planned anew", async () => {
    await Promise.all(Array.from({ length: 1000 }, () => open(chainOf(step("task"))).resolve()));
    assert.equal(sts.requests.length, 1);
  });

  it("asks 101 times for a hundred task roles under one global role", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, n) => open(chainOf(step("global"), step(`task${n}`))).resolve()));
    assert.equal(sts.requests.length, 101);
    assert.equal(sts.requests.filter((one) => roleOf(one) === "global").length, 1);
  });

  it("sends every parameter that was asked for, and no other", async () => {
    await open(
      chainOf(
        step("task", {
          durationSeconds: 900,
          externalId: "ext:1",
          policy: "{}",
          policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
          tags: [{ Key: "team", Value: "net" }],
          transitiveTagKeys: ["team"],
          sourceIdentity: "jane",
          serialNumber: "arn:aws:iam::123456789012:mfa/jane",
          tokenCode: new Secret("123456"),
        }),
      ),
    ).resolve();
    assert.deepEqual(Object.fromEntries(new URLSearchParams(sts.requests[0]?.body)), {
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: role("task"),
      RoleSessionName: "session",
      DurationSeconds: "900",
      ExternalId: "ext:1",
      Policy: "{}",
      "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
      "Tags.member.1.Key": "team",
      "Tags.member.1.Value": "net",
      "TransitiveTagKeys.member.1": "team",
      SourceIdentity: "jane",
      SerialNumber: "arn:aws:iam::123456789012:mfa/jane",
      TokenCode: "123456",
    });
  });

  it("names the failed step and keeps AWS's own words", async () => {
    answer = (request) =>
      roleOf(request) === "task"
        ? { status: 403, body: errorXml("AccessDenied", "User is not authorized to perform: sts:AssumeRole") }
        : { body: sessionXml("AssumeRole", "GLOBAL", clock.now() + lifetimeMs) };
    const error = await failure(
      open(chainOf(step("global", { origin: "aws_iam_role" }), step("task"))).resolve(),
      "ASSUME_ROLE_FAILED",
    );
    assert.equal(error.step, `step 2 of 2, AssumeRole ${role("task")} (stsParams)`);
    assert.deepEqual(error.aws, {
      service: "sts",
      operation: "AssumeRole",
      code: "AccessDenied",
      message: "User is not authorized to perform: sts:AssumeRole",
      requestId: "request-1",
      statusCode: 403,
    });
    assert.match(error.recommendation, /sts:AssumeRole on .*role\/task.*trust policy.*ExternalId/);
    assert.equal(sts.requests.length, 2, "a refusal is not repeated");
  });

  it("renews the role before a step when STS says that it is over, once", async () => {
    let globals = 0;
    answer = (request) => {
      if (roleOf(request) === "global") {
        globals += 1;
        return { body: sessionXml("AssumeRole", `GLOBAL${globals}`, clock.now() + lifetimeMs) };
      }
      return signerOf(request) === "ASIAGLOBAL1"
        ? { status: 403, body: errorXml("ExpiredToken", "The security token included in the request is expired") }
        : { body: sessionXml("AssumeRole", "TASK", clock.now() + lifetimeMs) };
    };
    const found = await open(chainOf(step("global"), step("task"))).resolve();
    assert.equal(found.accessKeyId, "ASIATASK");
    assert.equal(sts.requests.length, 4);
  });

  it("does not ask twice with keys that are what they are", async () => {
    answer = () => ({
      status: 403,
      body: errorXml("InvalidClientTokenId", "The security token included in the request is invalid."),
    });
    await failure(open(chainOf(step("task"))).resolve(), "ASSUME_ROLE_FAILED");
    assert.equal(sts.requests.length, 1);
  });

  it("refreshes global and task role once each in a lifetime under steady calls", async () => {
    const provider = open(chainOf(step("global"), step("task")));
    for (let second = 0; second < 7200; second += 5) {
      const found = await provider.resolve();
      assert.ok((found.expiration?.getTime() ?? 0) - clock.now() >= 60_000);
      await settle();
      clock.advance(5000);
    }
    const count = (name: string) => sts.requests.filter((one) => roleOf(one) === name).length;
    assert.ok(count("task") >= 2 && count("task") <= 4, `${count("task")} task`);
    assert.ok(count("global") >= 2 && count("global") <= 4, `${count("global")} global`);
  });
});

describe("chainKeys", () => {
  const chainArbitrary = fc.record({
    accessKeyId: fc.constantFrom("A", "B"),
    secret: fc.constantFrom("s1", "s2"),
    token: fc.constantFrom(undefined, "t1"),
    steps: fc.array(
      fc.record({
        name: fc.constantFrom("x", "y"),
        durationSeconds: fc.constantFrom(900, 3600),
        externalId: fc.constantFrom(undefined, "e1", "e2"),
        policy: fc.constantFrom(undefined, "{}"),
        roleSessionName: fc.constantFrom("s", "t"),
        region: fc.constantFrom("us-east-1", "eu-west-1"),
      }),
      { maxLength: 2 },
    ),
  });
  type Form = typeof chainArbitrary extends fc.Arbitrary<infer T> ? T : never;
  const build = ({ accessKeyId, secret, token, steps }: Form): RoleChain => ({
    source: {
      type: "static",
      accessKeyId,
      secretAccessKey: new Secret(secret),
      ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
    },
    steps: steps.map(({ name, region, externalId, policy, ...rest }) =>
      step(name, {
        ...rest,
        sts: { region, url: "https://sts" },
        ...(externalId === undefined ? {} : { externalId }),
        ...(policy === undefined ? {} : { policy }),
      }),
    ),
  });

  it("are equal exactly for equal chains, prefix by prefix, and show no secret", () => {
    fc.assert(
      fc.property(chainArbitrary, chainArbitrary, (one, other) => {
        const [left, right] = [chainKeys(build(one)), chainKeys(build(other))];
        const same = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(left.at(-1) === right.at(-1), same);
        assert.equal(left.length, one.steps.length + 1);
        const prefix = build({ ...one, steps: one.steps.slice(0, 1) });
        assert.deepEqual(chainKeys(prefix), left.slice(0, prefix.steps.length + 1));
        assert.doesNotMatch(left.join(), /\bs1\b|\bs2\b|\bt1\b/);
      }),
      { numRuns: 500 },
    );
  });
});
