/** Owns the trials of the way to STS: what is repeated, what is told, and that nothing waits past its limit. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { StsCaller } from "../../../utils/credentials/sts-caller";
import type { StsEndpoint } from "../../../utils/types/role-chain";
import {
  errorXml,
  FakeClock,
  FakeHttpHandler,
  FakeSecrets,
  failure,
  identity,
  type ScriptedAnswer,
  START_MS,
  sessionXml,
  settle,
  stsEndpoint,
} from "./fixtures";

const ROLE = "arn:aws:iam::123456789012:role/task";

describe("StsCaller", () => {
  let clock: FakeClock;
  let sts: FakeHttpHandler;
  let script: ScriptedAnswer[];
  let secrets: FakeSecrets;
  let caller: StsCaller;

  const good = (): ScriptedAnswer => ({ body: sessionXml("AssumeRole", "TASK", clock.now() + 3_600_000) });
  const refused = (status: number, code: string, message = "no"): ScriptedAnswer => ({
    status,
    body: errorXml(code, message),
  });
  const assume = (endpoint: StsEndpoint = stsEndpoint, timeoutMs?: number) =>
    caller.call({
      endpoint,
      identity: identity("base"),
      operation: "AssumeRole",
      failure: "ASSUME_ROLE_FAILED",
      words: "step 1 of 1, AssumeRole x",
      roleArn: ROLE,
      request: timeoutMs === undefined ? undefined : { timeoutMs },
      send: (client, { AssumeRoleCommand }) =>
        client.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: "s1" })),
    });

  beforeEach(() => {
    clock = new FakeClock();
    secrets = new FakeSecrets();
    script = [];
    sts = new FakeHttpHandler(clock, (_, count) => script[Math.min(count, script.length) - 1] ?? good());
    caller = new StsCaller({
      httpHandlerFor: () => sts,
      clock,
      random: () => 0.5,
      secrets,
      userAgent: "adapter-aws/1",
      timeoutMs: 5000,
    });
  });

  it("sends one plain POST, signed by our clock for the region of STS, and says who it is", async () => {
    await assume({ region: "eu-west-1", url: "https://sts.example.net:8443" });
    const [request] = sts.requests;
    assert.equal(request?.method, "POST");
    assert.equal(request?.url, "https://sts.example.net:8443/");
    assert.equal(request?.headers["x-amz-date"], "20260312T100000Z");
    assert.match(
      request?.headers["authorization"] ?? "",
      /Credential=AKIABASE\/20260312\/eu-west-1\/sts\/aws4_request/,
    );
    assert.equal(request?.headers["user-agent"], "adapter-aws/1");
    assert.equal(request?.headers["amz-sdk-request"], undefined);
    assert.equal(request?.headers["content-type"], "application/x-www-form-urlencoded");
  });

  for (const [status, code] of [
    [400, "Throttling"],
    [400, "RequestLimitExceeded"],
    [400, "IDPCommunicationError"],
    [429, "TooManyRequestsException"],
    [500, "InternalFailure"],
    [503, "ServiceUnavailable"],
  ] as const) {
    it(`repeats HTTP ${status} ${code}`, async () => {
      script = [refused(status, code), good()];
      await assume();
      assert.equal(sts.requests.length, 2);
    });
  }

  it("repeats a refused connection, and a 502 of something in between", async () => {
    script = [{ fails: "refused" }, { status: 502, body: "<html>Bad Gateway</html>" }, good()];
    await assume();
    assert.equal(sts.requests.length, 3);
  });

  it("waits as long as Retry-After asks", async () => {
    script = [{ ...refused(503, "ServiceUnavailable"), headers: { "retry-after": "2" } }, good()];
    await assume();
    assert.deepEqual(clock.slept, [2000]);
  });

  it("gives up after three attempts", async () => {
    script = [refused(503, "ServiceUnavailable", "busy")];
    const error = await failure(assume(), "ASSUME_ROLE_FAILED");
    assert.equal(sts.requests.length, 3);
    assert.equal(error.aws?.statusCode, 503);
  });

  it("tells at once what is known when the next wait would pass the limit", async () => {
    script = [{ ...refused(503, "ServiceUnavailable"), headers: { "retry-after": "60" } }];
    await failure(assume(), "ASSUME_ROLE_FAILED");
    assert.equal(sts.requests.length, 1);
    assert.ok(clock.monotonic() < 5000);
  });

  it("has as many calls under way at once as there are connections; the others wait for their turn, and not for ever", async () => {
    const held: (() => void)[] = [];
    let under = 0;
    let most = 0;
    const slow = new StsCaller({
      httpHandlerFor: () => ({
        handle: async (request, options) => {
          under += 1;
          most = Math.max(most, under);
          await new Promise<void>((resolve) => held.push(resolve));
          under -= 1;
          return sts.handle(request, options);
        },
        destroy: () => undefined,
      }),
      ...{ clock, random: () => 0.5, secrets, userAgent: "adapter-aws/1", timeoutMs: 5000 },
    });
    const one = (role: number) =>
      slow.call({
        ...{ endpoint: stsEndpoint, identity: identity("base"), operation: "AssumeRole", request: undefined },
        ...{ failure: "ASSUME_ROLE_FAILED", words: `step ${role}`, roleArn: ROLE },
        send: (client, { AssumeRoleCommand }) =>
          client.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: `s${role}` })),
      });
    const release = async (count: number) => {
      for (const resolve of held.splice(0, count)) resolve();
      for (let turn = 0; turn < 10; turn += 1) await settle();
    };
    script = [refused(403, "AccessDenied"), good()];
    const calls = Array.from({ length: 200 }, (_, role) => one(role));
    const results = Promise.allSettled(calls);
    await release(0);
    assert.equal(held.length, 64);
    await release(1);
    assert.equal(held.length, 64, "a call that failed has given its place up");
    await release(10);
    assert.equal(held.length, 64, "as have those that succeeded");
    clock.advance(5000);
    await release(0);
    const error = await failure(calls[199] as Promise<unknown>, "TIMEOUT");
    assert.match(error.message, /STS \(step 199; a place among the 64 calls under way\)/);
    await release(64);
    await release(64);
    const ends = (await results).map(({ status }) => status);
    assert.equal(ends.filter((status) => status === "fulfilled").length, 74);
    assert.equal(most, 64);
    const after = one(200);
    await release(0);
    await release(1);
    await after;
  });

  it("is done with a silent STS when its time is up, and names the step", async () => {
    script = [{ fails: "silent" }];
    const error = await failure(assume(stsEndpoint, 5000), "TIMEOUT");
    assert.equal(sts.requests.length, 1);
    assert.equal(clock.monotonic(), 5000);
    assert.match(error.message, /STS \(step 1 of 1, AssumeRole x; .*within 5000 ms/);
    assert.equal(error.step, "step 1 of 1, AssumeRole x");
    assert.match(error.recommendation, /https:\/\/sts\.us-east-1\.amazonaws\.com .*aws_sts\.proxy/);
  });

  it("gives what is left to each further attempt", async () => {
    script = [{ ...refused(503, "ServiceUnavailable"), headers: { "retry-after": "3" } }, { fails: "silent" }];
    await failure(assume(), "TIMEOUT");
    assert.deepEqual(
      sts.requests.map(({ timeoutMs }) => timeoutMs),
      [5000, 2000],
    );
  });

  it("corrects its clock once by the Date of the answer, and tells ends in our time", async () => {
    const ahead = 20 * 60_000;
    const date = new Date(START_MS + ahead).toUTCString();
    script = [
      {
        ...refused(403, "SignatureDoesNotMatch", "Signature expired: 20260312T100000Z is now earlier than …"),
        headers: { date },
      },
      good(),
    ];
    await assume();
    assert.equal(sts.requests[1]?.headers["x-amz-date"], "20260312T102000Z");
    assert.equal(caller.clockOffsetMs, ahead);
  });

  const finals: [string, ScriptedAnswer, RegExp][] = [
    [
      "AccessDenied",
      { status: 403, body: errorXml("AccessDenied", "not authorized") },
      /sts:AssumeRole on arn:aws:iam::123456789012:role\/task.*trust policy.*ExternalId/,
    ],
    ["MalformedPolicyDocument", { status: 400, body: errorXml("MalformedPolicyDocument", "x") }, /stsParams\.Policy/],
    ["PackedPolicyTooLarge", { status: 400, body: errorXml("PackedPolicyTooLarge", "x") }, /too large.*PolicyArns/],
    [
      "RegionDisabledException",
      { status: 403, body: errorXml("RegionDisabledException", "x") },
      /not active in us-east-1.*aws_sts\.region/,
    ],
    ["ExpiredToken", { status: 403, body: errorXml("ExpiredToken", "x") }, /are over/],
    [
      "InvalidClientTokenId",
      { status: 403, body: errorXml("InvalidClientTokenId", "x") },
      /does not know the access key/,
    ],
    [
      "SignatureDoesNotMatch",
      { status: 403, body: errorXml("SignatureDoesNotMatch", "x") },
      /secret key does not belong/,
    ],
    [
      "ValidationError",
      {
        status: 400,
        body: errorXml("ValidationError", "DurationSeconds exceeds the MaxSessionDuration set for this role."),
      },
      /shorter DurationSeconds/,
    ],
    ["HTTP 200", { status: 200, body: "<html>hello" }, /Something other than STS answered/],
    [
      "HTTP 403",
      { status: 403, body: "<html>Blocked by policy</html>" },
      /Something other than STS answered at https:\/\/sts\.us-east-1/,
    ],
  ];
  for (const [code, answer, advice] of finals) {
    it(`tells ${code} once, with what to do`, async () => {
      script = [answer];
      const error = await failure(assume(), "ASSUME_ROLE_FAILED");
      assert.equal(error.aws?.code, code);
      assert.match(error.recommendation, advice);
      assert.equal(sts.requests.length, 1);
    });
  }

  it("tells of a certificate that is not the endpoint's", async () => {
    script = [{ fails: "tls" }];
    const error = await failure(
      assume({ ...stsEndpoint, proxy: { mode: "loadBalancer", host: "10.0.0.7" } }),
      "TLS_FAILED",
    );
    assert.match(error.recommendation, /aws_sts\.endpoint.*sts\.amazonaws\.com.*sts\.us-east-1\.amazonaws\.com/);
    assert.equal(sts.requests.length, 1);
  });

  it("masks what AWS repeats of the request", async () => {
    secrets.addSecret("token-of-base");
    const canonical = "The Canonical String should have been 'POST / x-amz-security-token:token-of-base'";
    script = [refused(403, "SignatureDoesNotMatch", canonical)];
    const error = await failure(assume(), "ASSUME_ROLE_FAILED");
    assert.doesNotMatch(JSON.stringify([error.message, error.aws, error.rawResponse]), /token-of-base/);
    assert.match(error.message, /Canonical String/);
  });
});
