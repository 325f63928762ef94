/** Owns the cases of our own issuer from end to end: keys and documents by the command line, tokens that the simulated STS checks. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";

import AwsAdapter = require("../../../adapter");

import { runProgram } from "../../../utils/cli/program";
import type { CallError, SuccessEnvelope } from "../../../utils/platform/envelope";
import { defaultWorld } from "../../../utils/simulator/default-world";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import type { Role, World } from "../../../utils/simulator/world";

const HOST = "issuer.example/aws";
const URL = `https://${HOST}`;
const account = "123456789012";

/** A role that trusts our issuer, and may become the others. */
function worldWithIssuer(documents: string, audience: string): World {
  const world = defaultWorld();
  const base = world.roles.find(({ name }) => name === "web-identity") as Role;
  const role: Role = {
    ...base,
    name: "own-issuer",
    maxSessionDurationSeconds: 43_200,
    trust: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${HOST}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${HOST}:aud`]: audience, [`${HOST}:sub`]: "itential" } },
      },
    ],
  };
  const trusting = world.roles.map((one) =>
    one.name.startsWith("task-")
      ? {
          ...one,
          trust: [
            ...one.trust,
            {
              Effect: "Allow" as const,
              Principal: { AWS: `arn:aws:iam::${account}:role/own-issuer` },
              Action: "sts:AssumeRole",
            },
          ],
        }
      : one,
  );
  return {
    ...world,
    roles: [...trusting, role],
    oidcProviders: [...world.oidcProviders, { accountId: account, issuer: HOST, clientIds: [audience], documents }],
  };
}

describe("an issuer of our own, end to end", () => {
  let root: string;
  let simulator: Simulator;
  let log: string[];
  let config: string;
  const keys = () => join(root, "keys");
  const documents = () => join(root, "published");

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "adapter-aws-oidc-"));
    simulator = await startSimulator({ world: worldWithIssuer(documents(), "sts.amazonaws.com") });
    log = [];
    config = join(root, "instance.json");
    writeFileSync(config, JSON.stringify(properties()));
  });
  afterEach(async () => {
    await simulator.close();
    rmSync(root, { recursive: true });
  });

  function properties(issuer: object = {}, block: object = {}): Record<string, unknown> {
    const instance = simulatorServiceInstance(simulator, { keysOf: "none" });
    return {
      ...instance,
      authentication: {
        ...(instance["authentication"] as object),
        auth_logging: true,
        aws_web_identity: {
          issuer: { url: URL, subject: "itential", key_folder: keys(), ...issuer },
          role_arn: simulatedRoleArn(simulator.world, "own-issuer"),
          session_name: "workflow-engine",
          duration_seconds: 43_200,
          ...block,
        },
      },
    };
  }

  type Methods = Record<string, (...given: unknown[]) => Promise<SuccessEnvelope>>;
  function adapter(issuer: object = {}, block: object = {}): Methods {
    const write = (text: string): void => void log.push(text);
    const names = ["spam", "trace", "debug", "info", "warn", "error"];
    const logger = { ...Object.fromEntries(names.map((name) => [name, write])), isEnabled: () => true };
    const dependencies = { environment: {}, logger: logger as never };
    return new AwsAdapter("aws", properties(issuer, block), dependencies) as unknown as Methods;
  }

  async function run<T>(...given: string[]): Promise<{ result: T; said: string; failed: boolean }> {
    const results: unknown[] = [];
    const lines: string[] = [];
    let failed = false;
    await runProgram(given, {
      environment: {},
      width: 100,
      result: (value) => void results.push(value),
      help: (text) => void lines.push(text),
      say: (line) => void lines.push(line),
      fail: () => {
        failed = true;
      },
      redraw: async () => {},
      interrupted: async () => {},
    });
    return { result: results[0] as T, said: lines.join("\n"), failed };
  }
  const rotate = async (...more: string[]): Promise<string> =>
    (await run<{ made: string }>("oidc", "keys", "rotate", "--keys", keys(), ...more)).result.made;
  const publish = () => run("oidc", "documents", "--config", config, "--out", documents());
  const arnOf = async (answer: Promise<SuccessEnvelope>): Promise<unknown> =>
    ((await answer).response as { Arn: string }).Arn;
  const failure = async (work: Promise<unknown>): Promise<CallError> => {
    try {
      await work;
    } catch (error) {
      return error as CallError;
    }
    return assert.fail("it succeeded");
  };

  for (const alg of ["ES256", "RS256"]) {
    it(`${alg}: the token opens the role, and the chain goes on from there`, async () => {
      await rotate("--alg", alg);
      await publish();
      const methods = adapter();
      assert.equal(
        await arnOf(methods["stsGetCallerIdentity"]!({})),
        `arn:aws:sts::${account}:assumed-role/own-issuer/workflow-engine`,
      );
      const stsParams = { RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "change-7" };
      const asTask = await methods["stsGetCallerIdentitySTSRole"]!({}, stsParams, null);
      assert.equal(await arnOf(Promise.resolve(asTask)), `arn:aws:sts::${account}:assumed-role/task-reader/change-7`);
      assert.match(asTask.metrics.credentialSource, /with tokens of https:\/\/issuer\.example\/aws/);
      const exchanges = simulator.requests.filter(({ action }) => action === "AssumeRoleWithWebIdentity");
      assert.equal(exchanges.length, 1);
    });
  }

  it("goes on through a rotation without a gap, and ends with the retirement of the key", async () => {
    const first = await rotate();
    await publish();
    const open = () => arnOf(adapter()["stsGetCallerIdentity"]!({}));
    await open();
    const second = await rotate("--signs-after", "0");
    // Not published: the new key signs too early, which is why it waits unless told not to.
    const early = await failure(open());
    assert.match(early.message, /InvalidIdentityToken: Couldn't retrieve verification key/);
    assert.match(JSON.stringify(early.toEnvelope()), /Publish what adapter-aws oidc documents writes/);
    await publish();
    await open();
    const kept = await run<{ keys: { kid: string; state: string }[] }>("oidc", "keys", "retire", first, "-k", keys());
    assert.deepEqual(
      kept.result.keys.map(({ kid, state }) => [kid, state]),
      [[second, "signs"]],
    );
    await publish();
    await open();
    const { failed, said } = await run("oidc", "keys", "retire", second, "--keys", keys());
    assert.ok(failed);
    assert.match(said, /the only key that signs/);
  });

  const refused: [name: string, issuer: object, code: string, advice: RegExp][] = [
    ["another subject", { subject: "somebody" }, "AccessDenied", /audience sts\.amazonaws\.com and subject somebody/],
    ["another audience", { audience: "other" }, "InvalidIdentityToken", /with audience other/],
    [
      "another issuer",
      { url: "https://other.example" },
      "InvalidIdentityToken",
      /identity provider of exactly that URL/,
    ],
  ];
  for (const [name, issuer, code, advice] of refused) {
    it(`tells what to change when AWS refuses ${name}`, async () => {
      await rotate();
      await publish();
      const error = (await failure(adapter(issuer)["stsGetCallerIdentity"]!({}))).toEnvelope() as unknown as {
        aws: { code: string };
        IAPerror: { recommendation: string };
      };
      assert.equal(error.aws.code.replace("Exception", ""), code);
      assert.match(error.IAPerror.recommendation, advice);
    });
  }

  it("mends a clock that is off, for the token too", async () => {
    await rotate();
    await publish();
    simulator.faults.set("sts", { kind: "skewed-clock" });
    const arn = await arnOf(adapter()["stsGetCallerIdentity"]!({}));
    assert.match(String(arn), /own-issuer/);
    assert.equal(simulator.requests.filter(({ action }) => action === "AssumeRoleWithWebIdentity").length, 2);
  });

  it("leaves neither token nor key in any log", async () => {
    await rotate();
    await rotate("--alg", "RS256", "--signs-after", "0");
    await publish();
    await adapter()["stsGetCallerIdentity"]!({});
    await failure(adapter({ audience: "other" })["stsGetCallerIdentity"]!({}));
    const text = log.join("\n");
    assert.match(text, /FULL_BODY .*AssumeRoleWithWebIdentity/);
    assert.doesNotMatch(text, /eyJ[\w-]{20}/);
    for (const name of readdirSync(keys())) {
      const key = JSON.parse(readFileSync(join(keys(), name), "utf8")) as Record<string, string>;
      for (const member of ["d", "p", "q"]) if (key[member]) assert.ok(!text.includes(key[member]));
    }
  });

  it("takes an issuer for documents from one place", async () => {
    await rotate();
    const direct = await run<{ issuer: string; files: { publishAt: string }[] }>(
      ...["oidc", "documents", "--issuer", URL, "--keys", keys(), "--out", documents()],
    );
    assert.deepEqual(
      direct.result.files.map(({ publishAt }) => publishAt),
      [`${URL}/.well-known/jwks.json`, `${URL}/.well-known/openid-configuration`],
    );
    for (const [given, said] of [
      [["--issuer", URL], /--config, or --issuer with --keys/],
      [["--issuer", URL, "--config", config], /neither or both/],
      [["--issuer", `${URL}/`, "--keys", keys()], /slash at its end/],
      [["--issuer", URL, "--keys", join(root, "none")], /found no key/],
    ] as const) {
      const answer = await run("oidc", "documents", "--out", documents(), ...given);
      assert.ok(answer.failed);
      assert.match(answer.said, said);
    }
    writeFileSync(config, JSON.stringify(simulatorServiceInstance(simulator)));
    assert.match((await publish()).said, /a service instance without one/);
  });
});
