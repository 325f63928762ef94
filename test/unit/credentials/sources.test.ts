/** Owns the trials of the remaining sources: environment keys, container credentials, web identity tokens. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { fromContainer } from "../../../utils/credentials/from-container";
import { fromEnvironment } from "../../../utils/credentials/from-environment";
import { fromStatic } from "../../../utils/credentials/from-static";
import { fromWebIdentity } from "../../../utils/credentials/from-web-identity";
import { StsCaller } from "../../../utils/credentials/sts-caller";
import type { GuardedFiles } from "../../../utils/types/files";
import type { WebIdentitySource } from "../../../utils/types/role-chain";
import { Secret } from "../../../utils/types/secret";
import {
  errorXml,
  FakeClock,
  FakeHttpHandler,
  FakeSecrets,
  failure,
  type ScriptedAnswer,
  START_MS,
  sessionXml,
  stsEndpoint,
} from "./fixtures";

const filesOf = (contents: Record<string, string>): GuardedFiles => ({
  read: (path) => {
    const text = contents[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: "ENOENT" });
    return Buffer.from(text);
  },
  exists: (path) => path in contents,
  list: () => [],
  permissions: () => 0o600,
  isOurs: () => true,
});
const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

describe("keys", () => {
  it("are handed out as they are", async () => {
    const keys = { accessKeyId: "A", secretAccessKey: new Secret("s"), sessionToken: new Secret("t") };
    assert.deepEqual(await fromStatic({ type: "static", ...keys })(), {
      accessKeyId: "A",
      secretAccessKey: "s",
      sessionToken: "t",
    });
  });

  it("of the environment end when AWS_CREDENTIAL_EXPIRATION says so", async () => {
    const clock = new FakeClock();
    const source = {
      type: "environment" as const,
      accessKeyId: "A",
      secretAccessKey: new Secret("s"),
      expirationMs: START_MS + 1000,
    };
    const provider = fromEnvironment(source, clock, "Pod Role");
    assert.equal((await provider()).expiration?.getTime(), START_MS + 1000);
    clock.advance(1000);
    assert.match((await failure(provider(), "CREDENTIAL_SOURCE_FAILED")).message, /Pod Role.*expired at/);
  });
});

describe("fromContainer", () => {
  let clock: FakeClock;
  let script: ScriptedAnswer[];
  let endpoint: FakeHttpHandler;
  const good = (): ScriptedAnswer => ({
    body: JSON.stringify({
      AccessKeyId: "ASIAPOD",
      SecretAccessKey: "s",
      Token: "t",
      Expiration: new Date(clock.now() + 3_600_000).toISOString(),
    }),
  });
  const open = (more: object = {}, contents: Record<string, string> = {}) =>
    fromContainer(
      { type: "container", url: "http://169.254.170.2/v2/credentials/id?x=1", ...more },
      { httpHandler: endpoint, files: filesOf(contents), clock, random: () => 0.5, secrets: new FakeSecrets() },
      "Pod Role",
    );

  beforeEach(() => {
    clock = new FakeClock();
    script = [];
    endpoint = new FakeHttpHandler(clock, (_, count) => script[Math.min(count, script.length) - 1] ?? good());
  });

  it("asks the address it was given", async () => {
    assert.equal((await open()()).accessKeyId, "ASIAPOD");
    assert.equal(endpoint.requests[0]?.url, "http://169.254.170.2/v2/credentials/id");
    assert.equal(endpoint.requests[0]?.headers["authorization"], undefined);
  });

  it("reads the token file anew each time", async () => {
    const contents = { "/token": "one\n" };
    const provider = open({ authorizationTokenFile: "/token" }, contents);
    await provider();
    contents["/token"] = "two\n";
    await provider();
    assert.deepEqual(
      endpoint.requests.map(({ headers }) => headers["authorization"]),
      ["one", "two"],
    );
  });

  it("tries again while the agent is busy, and not when it refuses", async () => {
    script = [{ status: 500 }, { fails: "refused" }, good()];
    await open()();
    assert.equal(endpoint.requests.length, 3);
    script = [{ status: 400, body: JSON.stringify({ code: "AccessDeniedException", message: "no association" }) }];
    endpoint.requests.length = 0;
    const error = await failure(open()(), "CREDENTIAL_SOURCE_FAILED");
    assert.match(error.message, /HTTP 400, AccessDeniedException: no association/);
    assert.equal(endpoint.requests.length, 1);
  });

  it("tells of an endpoint that does not answer, of a token file that is missing, of credentials that are over", async () => {
    script = [{ fails: "silent" }];
    assert.match(
      (await failure(open()(), "CREDENTIAL_SOURCE_FAILED")).message,
      /http:\/\/169\.254\.170\.2 does not answer/,
    );
    assert.ok(clock.monotonic() < 5000);
    script = [];
    const missing = await failure(open({ authorizationTokenFile: "/gone" })(), "CREDENTIAL_SOURCE_FAILED");
    assert.match(missing.message, /\/gone does not exist/);
    script = [
      {
        body: JSON.stringify({
          AccessKeyId: "A",
          SecretAccessKey: "s",
          Token: "t",
          Expiration: "2020-01-01T00:00:00Z",
        }),
      },
    ];
    assert.match((await failure(open()(), "CREDENTIAL_SOURCE_FAILED")).message, /expired at 2020/);
  });
});

describe("fromWebIdentity", () => {
  let clock: FakeClock;
  let sts: FakeHttpHandler;
  let secrets: FakeSecrets;
  let answer: ScriptedAnswer | undefined;
  const contents: Record<string, string> = {};
  const open = (token: WebIdentitySource["token"], origin: "environment" | "settings" = "environment") => {
    const caller = new StsCaller({
      httpHandlerFor: () => sts,
      clock,
      random: () => 0.5,
      secrets,
      userAgent: "test",
      timeoutMs: 5000,
    });
    const source: WebIdentitySource = {
      type: "webIdentity",
      origin,
      roleArn: "arn:aws:iam::123456789012:role/irsa",
      roleSessionName: "session",
      durationSeconds: 1800,
      token,
      sts: stsEndpoint,
    };
    const dependencies = { caller, files: filesOf(contents), clock, random: () => 0.5, secrets };
    return fromWebIdentity(source, dependencies, "Pod Role (web identity)");
  };

  beforeEach(() => {
    clock = new FakeClock();
    secrets = new FakeSecrets();
    answer = undefined;
    contents["/token"] = `${jwt({ exp: START_MS / 1000 + 600 })}\n`;
    sts = new FakeHttpHandler(
      clock,
      () => answer ?? { body: sessionXml("AssumeRoleWithWebIdentity", "IRSA", clock.now() + 1_800_000) },
    );
  });

  it("exchanges the token, unsigned, with nothing but what was asked for", async () => {
    const found = await open({ file: "/token" })();
    assert.equal(found.accessKeyId, "ASIAIRSA");
    assert.equal(sts.requests[0]?.headers["authorization"], undefined);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(sts.requests[0]?.body)), {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: "arn:aws:iam::123456789012:role/irsa",
      RoleSessionName: "session",
      WebIdentityToken: contents["/token"]?.trim(),
      DurationSeconds: "1800",
    });
  });

  it("reads the file anew each time", async () => {
    const provider = open({ file: "/token" });
    await provider();
    contents["/token"] = jwt({ exp: START_MS / 1000 + 900 });
    await provider();
    const tokens = sts.requests.map(({ body }) => new URLSearchParams(body).get("WebIdentityToken"));
    assert.notEqual(tokens[0], tokens[1]);
  });

  it("lets a token be a secret until its end, and for ever where it tells none", async () => {
    const end = new Date(START_MS + 600_000);
    const tokens = [contents["/token"]?.trim() ?? "", jwt({}), "no-json-web-token"];
    for (const token of tokens) {
      contents["/token"] = token;
      await open({ file: "/token" })();
    }
    assert.deepEqual(
      tokens.map((token) => secrets.ends.get(token)),
      [end, undefined, undefined],
    );
  });

  const bad: [string, string | undefined, RegExp][] = [
    ["missing", undefined, /\/token does not exist/],
    ["empty", " \n", /\/token is empty/],
    ["of two lines", "a\nb", /something other than one token/],
    ["too short", "abc", /3 characters, STS accepts 4 to 20000/],
    ["over", jwt({ exp: START_MS / 1000 - 1 }), /the token expired at 2026-03-12T09:59:59/],
  ];
  for (const [name, text, message] of bad) {
    it(`asks nobody when the token is ${name}`, async () => {
      if (text === undefined) delete contents["/token"];
      else contents["/token"] = text;
      const error = await failure(open({ file: "/token" })(), "CREDENTIAL_SOURCE_FAILED");
      assert.match(error.message, message);
      assert.match(error.recommendation, /AWS_WEB_IDENTITY_TOKEN_FILE/);
      assert.equal(sts.requests.length, 0);
    });
  }

  it("tells what STS said about the token, without the token", async () => {
    const token = jwt({ sub: "me" });
    answer = { status: 400, body: errorXml("InvalidIdentityToken", `Couldn't verify ${token}`) };
    const error = await failure(open({ text: new Secret(token) }, "settings")(), "CREDENTIAL_SOURCE_FAILED");
    assert.equal(error.aws?.code, "InvalidIdentityToken");
    assert.match(error.recommendation, /issuer/);
    assert.ok(!JSON.stringify([error.message, error.aws, error.rawResponse]).includes(token));
  });

  it("tries again when AWS could not reach the identity provider", async () => {
    answer = { status: 400, body: errorXml("IDPCommunicationError", "try later") };
    const error = await failure(open({ file: "/token" })(), "CREDENTIAL_SOURCE_FAILED");
    assert.equal(sts.requests.length, 3);
    assert.match(error.recommendation, /tried several times/);
  });
});
