/** Owns the trials of profiles: keys, roles over other profiles, a process, SSO; only named files, only our STS. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { fromProfile } from "../../../utils/credentials/from-profile";
import { StsCaller } from "../../../utils/credentials/sts-caller";
import { nodeFiles } from "../../../utils/runtime/node-files";
import type { ProfileSource } from "../../../utils/types/role-chain";
import { FakeClock, FakeHttpHandler, FakeSecrets, failure, START_MS, sessionXml, stsEndpoint } from "./fixtures";

const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`;

describe("fromProfile", () => {
  let folder: string;
  let handler: FakeHttpHandler;
  let secrets: FakeSecrets;
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "profile-"));
    environment = { ...process.env };
    // Must be of no effect.
    Object.assign(process.env, {
      AWS_PROFILE: "other",
      AWS_ACCESS_KEY_ID: "AKIAENVIRONMENT",
      AWS_SECRET_ACCESS_KEY: "environmentSecretOfNobody",
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "elsewhere"),
      AWS_CONFIG_FILE: join(folder, "elsewhere"),
    });
    writeFileSync(
      join(folder, "elsewhere"),
      "[ops]\naws_access_key_id=AKIAELSEWHERE\naws_secret_access_key=elsewhere\n",
    );
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    rmSync(folder, { recursive: true });
  });

  const provider = (
    files: { credentials?: string; config?: string },
    answer: FakeHttpHandler["answer"] = () => ({}),
  ) => {
    const source: ProfileSource = {
      type: "profile",
      profile: "ops",
      ...(files.credentials === undefined ? {} : { credentialsFile: join(folder, "credentials") }),
      ...(files.config === undefined ? {} : { configFile: join(folder, "config") }),
      sts: stsEndpoint,
    };
    if (files.credentials !== undefined) writeFileSync(join(folder, "credentials"), files.credentials);
    if (files.config !== undefined) writeFileSync(join(folder, "config"), files.config);
    const clock = new FakeClock();
    handler = new FakeHttpHandler(clock, answer);
    secrets = new FakeSecrets();
    const shared = { httpHandlerFor: () => handler, secrets, userAgent: "adapter", timeoutMs: 1000 };
    const caller = new StsCaller({ ...shared, clock, random: () => 0 });
    return fromProfile(source, { ...shared, caller, files: nodeFiles }, "Adapter Role (profile ops)");
  };
  const assumed: FakeHttpHandler["answer"] = ({ body }) => {
    const form = new URLSearchParams(body);
    const name = String(form.get("RoleArn")).split("/").at(-1) as string;
    return { body: sessionXml(String(form.get("Action")), name, START_MS + 3_600_000) };
  };

  it("answers the keys of the named file and reads it again when it changes", async () => {
    const resolve = provider({ credentials: "[ops]\naws_access_key_id=AKIAFIRST\naws_secret_access_key=first\n" });
    assert.equal((await resolve()).accessKeyId, "AKIAFIRST");
    writeFileSync(join(folder, "credentials"), "[ops]\naws_access_key_id=AKIASECOND\naws_secret_access_key=second\n");
    assert.equal((await resolve()).accessKeyId, "AKIASECOND");
  });

  it("assumes the roles of a source_profile chain through our STS, in order", async () => {
    const resolve = provider(
      {
        credentials: "[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=baseSecretOfNobody\n",
        config:
          `[profile middle]\nrole_arn=${role("middle")}\nsource_profile=base\n` +
          `[profile ops]\nrole_arn=${role("ops")}\nsource_profile=middle\nexternal_id=partner\nrole_session_name=me\n`,
      },
      assumed,
    );
    assert.equal((await resolve()).accessKeyId, "ASIAops");
    assert.deepEqual(
      handler.requests.map(({ body, headers }) => {
        const form = new URLSearchParams(body);
        return [
          form.get("RoleArn"),
          form.get("ExternalId"),
          /Credential=(\w+)/.exec(headers["authorization"] ?? "")?.[1],
        ];
      }),
      [
        [role("middle"), null, "AKIABASE"],
        [role("ops"), "partner", "ASIAmiddle"],
      ],
    );
    assert.ok(secrets.values.includes("baseSecretOfNobody"));
  });

  it("exchanges the web identity token of a profile through our STS", async () => {
    writeFileSync(join(folder, "token"), "header.claims.signature");
    const config = `[profile ops]\nrole_arn=${role("web")}\nweb_identity_token_file=${join(folder, "token")}\n`;
    assert.equal((await provider({ config }, assumed)()).accessKeyId, "ASIAweb");
    assert.equal(new URLSearchParams(handler.requests[0]?.body).get("WebIdentityToken"), "header.claims.signature");
  });

  it("runs a credential_process, and tells its failure without its arguments", async () => {
    const output = JSON.stringify({ Version: 1, AccessKeyId: "ASIAPROCESS", SecretAccessKey: "s", SessionToken: "t" });
    writeFileSync(join(folder, "output.json"), output);
    const ran = provider({ config: `[profile ops]\ncredential_process=cat ${join(folder, "output.json")}\n` });
    assert.equal((await ran()).accessKeyId, "ASIAPROCESS");
    const broken = provider({ config: "[profile ops]\ncredential_process=false --password=processSecretOfNobody\n" });
    const error = await failure(broken(), "CREDENTIAL_SOURCE_FAILED");
    assert.match(error.message, /profile ops.*credential_process failed/);
    assert.doesNotMatch(error.message, /processSecretOfNobody/);
  });

  for (const [where, config] of [
    ["the profile itself", ""],
    ["its source_profile", `[profile ops]\nrole_arn=${role("ops")}\nsource_profile=sso\n`],
  ] as const) {
    it(`signs in with SSO in ${where}, by the named files`, async () => {
      const home = join(folder, "home");
      const cache = join(home, ".aws", "sso", "cache");
      mkdirSync(cache, { recursive: true });
      process.env["HOME"] = home;
      assert.equal(homedir(), home);
      const token = { accessToken: "ssoTokenOfNobody", expiresAt: "2099-01-01T00:00:00Z" };
      writeFileSync(join(cache, `${createHash("sha1").update("corp").digest("hex")}.json`), JSON.stringify(token));
      const name = config === "" ? "ops" : "sso";
      const answer: FakeHttpHandler["answer"] = (request, count) =>
        request.url.startsWith("https://portal.sso.eu-west-1.amazonaws.com/federation/credentials")
          ? {
              headers: { "content-type": "application/json" },
              body: JSON.stringify({
                roleCredentials: { accessKeyId: "ASIASSO", secretAccessKey: "s", sessionToken: "t", expiration: 4e12 },
              }),
            }
          : assumed(request, count);
      const resolve = provider(
        {
          config:
            `${config}[profile ${name}]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=Reader\n` +
            "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp.awsapps.com/start\n",
        },
        answer,
      );
      assert.equal((await resolve()).accessKeyId, config === "" ? "ASIASSO" : "ASIAops");
      assert.equal(handler.requests[0]?.headers["x-amz-sso_bearer_token"], "ssoTokenOfNobody");
      assert.equal(handler.requests.length, config === "" ? 1 : 2);
    });
  }

  it("that is not in the named file is an error, though the usual files and the environment have keys", async () => {
    const error = await failure(provider({ credentials: "[others]\n" })(), "CREDENTIAL_SOURCE_FAILED");
    assert.match(error.message, /Could not resolve credentials using profile: \[ops\]/);
    assert.match(error.recommendation, /credentials/);
    const resolve = provider({ credentials: "[ops]\n" });
    rmSync(join(folder, "credentials"));
    assert.match((await failure(resolve(), "CREDENTIAL_SOURCE_FAILED")).message, /credentials cannot be found/);
  });
});
