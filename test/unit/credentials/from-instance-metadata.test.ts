/** Owns the trials of instance metadata: version 2, one token, bounded patience, and what the operator is told. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { assumeRole } from "../../../utils/credentials/assume-role";
import { type InstanceIdentity, isAttachedRole } from "../../../utils/credentials/attached-role";
import { fromInstanceMetadata } from "../../../utils/credentials/from-instance-metadata";
import type { StsCaller } from "../../../utils/credentials/sts-caller";
import {
  FakeClock,
  FakeHttpHandler,
  FakeSecrets,
  failure,
  identity,
  type ScriptedAnswer,
  type SeenRequest,
  stsEndpoint,
} from "./fixtures";

const PROFILE = JSON.stringify({
  Code: "Success",
  InstanceProfileArn: "arn:aws:iam::123456789012:instance-profile/app",
});

describe("fromInstanceMetadata", () => {
  let clock: FakeClock;
  let service: FakeHttpHandler;
  let answers: Record<string, (request: SeenRequest, count: number) => ScriptedAnswer>;
  let secrets: FakeSecrets;
  let version: "v2-only" | "v1-fallback";

  const document = (more: object = {}) =>
    JSON.stringify({
      Code: "Success",
      Type: "AWS-HMAC",
      AccessKeyId: "ASIAINSTANCE",
      SecretAccessKey: "secret-instance",
      Token: "token-instance",
      Expiration: new Date(clock.now() + 6 * 3_600_000).toISOString(),
      ...more,
    });
  const open = () =>
    fromInstanceMetadata(
      { type: "instanceMetadata", endpoint: "http://[fd00:ec2::254]", version },
      { httpHandler: service, clock, random: () => 0.5, secrets },
      "instance role",
    );
  const paths = () => service.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);

  beforeEach(() => {
    clock = new FakeClock();
    secrets = new FakeSecrets();
    version = "v2-only";
    answers = {
      "/latest/api/token": () => ({ body: "metadata-token" }),
      "/latest/meta-data/iam/security-credentials/": () => ({ body: "app-role\n" }),
      "/latest/meta-data/iam/security-credentials/app-role": () => ({ body: document() }),
      "/latest/meta-data/iam/info": () => ({ body: PROFILE }),
    };
    service = new FakeHttpHandler(clock, (request, count) => {
      const answer = answers[new URL(request.url).pathname];
      return answer === undefined ? { status: 404 } : answer(request, count);
    });
  });

  it("asks for a token by PUT, then for the role, then for its credentials, each with the token", async () => {
    const found = (await open()()) as InstanceIdentity;
    assert.equal(found.accessKeyId, "ASIAINSTANCE");
    assert.equal(found.sessionToken, "token-instance");
    assert.deepEqual(found.attachedRole, { name: "app-role", partition: "aws", accountId: "123456789012" });
    assert.equal(paths()[0], "PUT /latest/api/token");
    assert.equal(service.requests[0]?.headers["x-aws-ec2-metadata-token-ttl-seconds"], "21600");
    assert.ok(
      service.requests.slice(1).every(({ headers }) => headers["x-aws-ec2-metadata-token"] === "metadata-token"),
    );
    assert.match(service.requests[0]?.url ?? "", /^http:\/\/\[fd00:ec2::254\]\//);
    assert.ok(secrets.values.includes("metadata-token"));
  });

  it("keeps the token while it lives, and fetches the credentials anew each time", async () => {
    const provider = open();
    await provider();
    await provider();
    assert.equal(paths().filter((path) => path.startsWith("PUT")).length, 1);
    assert.equal(paths().filter((path) => path.endsWith("/app-role")).length, 2);
    clock.advance(21_600_000);
    await provider();
    assert.equal(paths().filter((path) => path.startsWith("PUT")).length, 2);
  });

  it("gets another token when the old one is not known any more", async () => {
    const provider = open();
    await provider();
    let tokens = 0;
    answers["/latest/api/token"] = () => {
      tokens += 1;
      return { body: `fresh-${tokens}` };
    };
    answers["/latest/meta-data/iam/security-credentials/"] = ({ headers }) =>
      headers["x-aws-ec2-metadata-token"] === "fresh-1" ? { body: "app-role" } : { status: 401 };
    await provider();
    assert.equal(tokens, 1);
  });

  it("waits and tries again while the service is busy", async () => {
    let busy = 2;
    answers["/latest/meta-data/iam/security-credentials/app-role"] = () =>
      busy-- > 0 ? { status: 503 } : { body: document() };
    await open()();
    assert.equal(clock.slept.length, 2);
    assert.ok((clock.slept[1] ?? 0) > (clock.slept[0] ?? 0));
  });

  it("asks for a role by its name as it is, whatever a name may hold", async () => {
    const name = "app+role=1,b.c@d-e_f";
    answers["/latest/meta-data/iam/security-credentials/"] = () => ({ body: name });
    answers[`/latest/meta-data/iam/security-credentials/${name}`] = () => ({ body: document() });
    assert.equal((await open()()).accessKeyId, "ASIAINSTANCE");
  });

  it("never hands out what is over", async () => {
    answers["/latest/meta-data/iam/security-credentials/app-role"] = () => ({
      body: document({ Expiration: new Date(clock.now() - 1).toISOString() }),
    });
    const error = await failure(open()(), "CREDENTIAL_SOURCE_FAILED");
    assert.match(error.message, /expired at 2026-03-12T09:59:59/);
  });

  const failures: [string, string, ScriptedAnswer, RegExp, RegExp][] = [
    ["no role", "/latest/meta-data/iam/security-credentials/", { status: 404 }, /no role is attached/, /Attach a role/],
    [
      "an empty list of roles",
      "/latest/meta-data/iam/security-credentials/",
      { body: "\n" },
      /no role is attached/,
      /Attach a role/,
    ],
    [
      "a page instead of the role's name",
      "/latest/meta-data/iam/security-credentials/",
      { body: "<html>\nLog in</html>" },
      /no name of a role/,
      /Enable instance metadata/,
    ],
    [
      "a 404 for the role",
      "/latest/meta-data/iam/security-credentials/app-role",
      { status: 404 },
      /HTTP 404 for the role app-role/,
      /Attach a role/,
    ],
    [
      "a Code that is not Success",
      "/latest/meta-data/iam/security-credentials/app-role",
      { body: JSON.stringify({ Code: "AssumeRoleUnauthorizedAccess", Message: "EC2 cannot assume the role" }) },
      /AssumeRoleUnauthorizedAccess.*EC2 cannot assume/,
      /ec2\.amazonaws\.com/,
    ],
    [
      "a page instead of credentials",
      "/latest/meta-data/iam/security-credentials/app-role",
      { body: "<html>" },
      /holds no credentials/,
      /Enable instance metadata/,
    ],
    ["a 403 for the token", "/latest/api/token", { status: 403 }, /HTTP 403 for the token/, /--http-endpoint enabled/],
    [
      "a 401 with a fresh token",
      "/latest/meta-data/iam/security-credentials/",
      { status: 401 },
      /401, although the token is fresh/,
      /Enable/,
    ],
  ];
  for (const [name, path, answer, message, advice] of failures) {
    it(`tells of ${name}`, async () => {
      answers[path] = () => answer;
      const error = await failure(open()(), "CREDENTIAL_SOURCE_FAILED");
      assert.match(error.message, message);
      assert.match(error.recommendation, advice);
      assert.equal(error.step, "instance role");
    });
  }

  it("gives a silent service up in under two seconds, hints at the hop limit, and remembers it for ten seconds", async () => {
    answers["/latest/api/token"] = () => ({ fails: "silent" });
    const provider = open();
    const error = await failure(provider(), "CREDENTIAL_SOURCE_FAILED");
    assert.ok(clock.monotonic() < 2000, `${clock.monotonic()} ms`);
    assert.match(error.recommendation, /http-put-response-hop-limit 3/);
    const asked = service.requests.length;
    assert.equal(await failure(provider(), "CREDENTIAL_SOURCE_FAILED"), error);
    assert.equal(service.requests.length, asked);
    clock.advance(10_000);
    answers["/latest/api/token"] = () => ({ body: "metadata-token" });
    await provider();
  });

  it("stays within the time it is given", async () => {
    answers["/latest/api/token"] = () => ({ fails: "silent" });
    await failure(open()({ timeoutMs: 500 }), "CREDENTIAL_SOURCE_FAILED");
    assert.ok(clock.monotonic() <= 500);
  });

  it("never falls back to version 1, unless told to", async () => {
    answers["/latest/api/token"] = () => ({ status: 405 });
    await failure(open()(), "CREDENTIAL_SOURCE_FAILED");
    version = "v1-fallback";
    const found = await open()();
    assert.equal(found.accessKeyId, "ASIAINSTANCE");
    assert.equal(service.requests.at(-1)?.headers["x-aws-ec2-metadata-token"], undefined);
  });

  describe("and the role that is attached", () => {
    const step = (roleArn: string) => ({
      origin: "roleName" as const,
      roleArn,
      roleSessionName: "session",
      durationSeconds: 3600,
      sts: stsEndpoint,
      skipWhenAttached: true as const,
    });
    const caller = {
      countdown: () => () => ({}),
      call: async () => assert.fail("STS was asked"),
    } as unknown as StsCaller;
    const base = () => ({ resolve: open(), invalidate: () => {} });

    for (const role of [
      "app-role",
      "arn:aws:iam::123456789012:role/app-role",
      "arn:aws:iam::123456789012:role/team/app-role",
    ]) {
      it(`is used as it is when ${role} is asked for`, async () => {
        const found = await assumeRole(base(), step(role), "step 1 of 1", caller)();
        assert.equal(found.accessKeyId, "ASIAINSTANCE");
      });
    }

    it("is not the one of that name in another account or partition, nor when the account is not known", async () => {
      const found = await open()();
      assert.equal(isAttachedRole(found, "arn:aws:iam::999999999999:role/app-role", "step"), false);
      assert.equal(isAttachedRole(found, "arn:aws-cn:iam::123456789012:role/app-role", "step"), false);
      assert.equal(isAttachedRole(found, "arn:aws:iam::123456789012:role/other", "step"), false);
      answers["/latest/meta-data/iam/info"] = () => ({ status: 404 });
      assert.equal(isAttachedRole(await open()(), "arn:aws:iam::123456789012:role/app-role", "step"), false);
      assert.equal(isAttachedRole(identity("elsewhere"), "arn:aws:iam::123456789012:role/app-role", "step"), false);
    });

    it("is named when another name is asked for", async () => {
      const error = await failure(
        assumeRole(base(), step("other-role"), "step 1 of 1", caller)(),
        "INVALID_ROLE_REQUEST",
      );
      assert.match(error.message, /other-role, expected app-role/);
    });
  });
});
