/** Owns the cases of the command line: results on stdout, everything else on stderr, failure in the exit code, no secret anywhere. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import {
  simulatedRoleArn,
  simulatorEnvironment,
  simulatorServiceInstance,
  userKey,
} from "../../../utils/simulator/simulator-service-instance";
import { MASK } from "../../../utils/types/secret";
import { responseOf, run } from "./run-program";

describe("command line", () => {
  let simulator: Simulator;
  let folder: string;
  let config: string;
  let podConfig: string;
  before(async () => {
    simulator = await startSimulator();
    folder = mkdtempSync(join(tmpdir(), "adapter-aws-cli-"));
    config = join(folder, "instance.json");
    podConfig = join(folder, "pod.json");
    const instance = { name: "aws", type: "Adapter", properties: { id: "aws-9", type: "AwsAdapter", properties: {} } };
    instance.properties.properties = simulatorServiceInstance(simulator);
    writeFileSync(config, JSON.stringify(instance));
    writeFileSync(
      podConfig,
      JSON.stringify(simulatorServiceInstance(simulator, { keysOf: "none", globalRole: "adapter" })),
    );
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await simulator.close();
  });
  afterEach(() => simulator.faults.clear());
  const task = () =>
    JSON.stringify({ RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "wf" });

  it("takes as an upstream of the proxy nothing that holds more than an address", async () => {
    for (const more of ["user@host", ":pw@host", "host/?query", "host/#fragment"]) {
      const { said, failed } = await run({}, "proxy", "--config", config, "--upstream", `s3=https://${more}`);
      assert.ok(failed);
      assert.match(said, /An upstream is SERVICE=URL/);
    }
  });

  it("prints help, for the program and for each command", async () => {
    const { said, failed, results } = await run({}, "--help");
    assert.deepEqual([failed, results], [false, []]);
    for (const name of [
      "start",
      "call",
      "explain",
      "healthcheck",
      "identity",
      "troubleshoot",
      "simulate",
      "entities",
    ]) {
      assert.match(said, new RegExp(`^ {2}${name}`, "m"));
      const help = await run({}, name, "--help");
      assert.equal(help.failed, false);
      assert.match(help.said, new RegExp(`Usage: adapter-aws ${name}`));
    }
  });

  const misuse: [name: string, given: readonly string[], said: RegExp][] = [
    ["an unknown command", ["calll"], /unknown command.*\n.*call/],
    ["no command", [], /Usage/],
    ["a call without a service instance", ["call", "ec2DescribeInstances"], /--config/],
    ["an unknown option", ["healthcheck", "-c", "x", "--confg"], /unknown option/],
    ["a file that is not there", ["healthcheck", "-c", "/no/such.json"], /ENOENT/],
    ["a port that is none", ["simulate", "--port", "http"], /A port is 0 to 65535/],
  ];
  for (const [name, given, said] of misuse) {
    it(`${name} fails, and says why`, async () => {
      const result = await run({}, ...given);
      assert.deepEqual([result.failed, result.results], [true, []]);
      assert.match(result.said, said);
    });
  }

  it("takes a file that begins with a byte order mark, and says that one of UTF-16 is none", async () => {
    const marked = join(folder, "marked.json");
    writeFileSync(marked, `\uFEFF${readFileSync(config, "utf8")}`);
    assert.equal((await run({}, "call", "ec2DescribeInstances", "-c", marked)).failed, false);
    const params = join(folder, "marked-params.json");
    writeFileSync(params, '\uFEFF{"MaxResults":5}');
    assert.equal((await run({}, "call", "ec2DescribeInstances", "-c", marked, "-p", `@${params}`)).failed, false);
    for (const swap of [false, true]) {
      const bytes = Buffer.from(`\uFEFF${readFileSync(config, "utf8")}`, "utf16le");
      writeFileSync(marked, swap ? bytes.subarray(0, bytes.length & ~1).swap16() : bytes);
      const { failed, said } = await run({}, "call", "ec2DescribeInstances", "-c", marked);
      assert.equal(failed, true);
      assert.match(said, /--config: found .*marked.json, which is written in UTF-16, expected .* UTF-8/);
    }
  });

  it("names the option whose file or folder cannot be used, before anything is asked", async () => {
    const none = join(folder, "none");
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const keys = join(folder, "keys");
    assert.equal((await run({}, "oidc", "keys", "rotate", "-k", keys)).failed, false);
    const documents = ["oidc", "documents", "--issuer", "https://issuer.example"];
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["oidc", "keys", "list", "-k", none], /--keys: found .*none, which does not exist, expected a folder/],
      [["oidc", "keys", "list", "-k", file], /--keys: found .*a-file, which is a file, expected a folder/],
      [["oidc", "keys", "retire", "x", "-k", none], /--keys: found .*none, which does not exist/],
      [["oidc", "keys", "rotate", "-k", file], /--keys: found .*a-file, which is a file/],
      [[...documents, "--keys", keys, "--out", file], /--out: found .*a-file, which is a file, expected a folder/],
      [[...documents, "--keys", keys, "--out", join(file, "x")], /--out: found .*a-file/],
      [["troubleshoot", "-c", config, "--html", folder], /--html: found .*, which is a folder, expected .* a file/],
      [["troubleshoot", "-c", config, "--html", join(none, "x.html")], /--html: found .*, whose folder does not exist/],
    ];
    const sent = simulator.requests.length;
    for (const [given, said] of cases) {
      const result = await run({}, ...given);
      assert.deepEqual([result.failed, result.results], [true, []], given.join(" "));
      assert.match(result.said, said);
    }
    assert.equal(simulator.requests.length, sent);
  });

  it("call prints the answer of a method", async () => {
    const { results, failed } = await run({}, "call", "ec2DescribeInstances", "-c", config, "-p", '{"MaxResults":5}');
    assert.equal(failed, false);
    assert.deepEqual([results[0]?.["icode"], results[0]?.["code"]], ["AD.200", 200]);
  });

  it("call acts as a role, with parameters from a file", async () => {
    const params = join(folder, "params.json");
    writeFileSync(params, '{"Bucket":"example-configurations","Key":"routers/edge-1.cfg"}');
    const called = await run({}, "call", "s3GetObjectSTSRole", "-c", config, "-p", `@${params}`, "-s", task());
    assert.equal(responseOf(called)["Body"], "hostname edge-1\n");
  });

  it("call masks secrets in an answer, unless they are asked for", async () => {
    const given = ["call", "secretsManagerGetSecretValueSTSRole", "-c", config, "-s", task()];
    given.push("-p", '{"SecretId":"network/router-login"}');
    const masked = await run({}, ...given);
    assert.equal(responseOf(masked)["SecretString"], MASK);
    assert.equal(responseOf(masked)["Name"], "network/router-login");
    const shown = await run({}, ...given, "--show-secrets");
    assert.match(responseOf(shown)["SecretString"] ?? "", /simulated/);
  });

  it("a refused call fails with the error as the platform gets it", async () => {
    const denied = JSON.stringify({ RoleArn: simulatedRoleArn(simulator.world, "task-denied") });
    const { results, said, failed } = await run({}, "call", "ec2DescribeInstancesSTSRole", "-c", config, "-s", denied);
    assert.deepEqual([failed, results], [true, []]);
    const error = JSON.parse(said) as { icode: string; aws: { code: string; step: string } };
    assert.deepEqual([error.icode, error.aws.code], ["AD.402", "AccessDenied"]);
    assert.match(error.aws.step, /task-denied/);
  });

  it("a method that does not exist fails with the nearest name", async () => {
    const { said, failed } = await run({}, "call", "ec2DescribeInstance", "-c", config);
    assert.equal(failed, true);
    assert.match(said, /Did you mean ec2DescribeInstances\?/);
  });

  it("a role for a plain method fails before anything is sent", async () => {
    const sent = simulator.requests.length;
    const { said, failed } = await run({}, "call", "ec2DescribeInstances", "-c", config, "-s", task());
    assert.equal(failed, true);
    assert.match(said, /ec2DescribeInstancesSTSRole/);
    assert.equal(simulator.requests.length, sent);
  });

  it("an argument that is no JSON is not repeated", async () => {
    const { said, failed } = await run({}, "call", "ec2DescribeInstances", "-c", config, "-p", "{my-secret");
    assert.equal(failed, true);
    assert.match(said, /--params: found text that is no JSON/);
    assert.doesNotMatch(said, /my-secret/);
  });

  it("explain prints the chain and why, and calls nothing", async () => {
    const sent = simulator.requests.length;
    const environment = simulatorEnvironment(simulator);
    const { results } = await run(environment, "explain", "ec2DescribeInstancesSTSRole", "-c", podConfig, "-s", task());
    const { source, steps } = results[0] as unknown as {
      source: Record<string, string>;
      steps: Record<string, string>[];
    };
    assert.match(source["identity"] ?? "", /Pod Role/);
    assert.match(source["why"] ?? "", /AWS_ACCESS_KEY_ID is in the environment/);
    assert.deepEqual(
      steps.map(({ action }) => action?.replace(/.*role.(\S+).*/, "$1")),
      ["adapter", "task-reader"],
    );
    assert.match(steps[1]?.["why"] ?? "", /stsParams/);
    assert.equal(simulator.requests.length, sent);
  });

  it("healthcheck says healthy, or fails and says why", async () => {
    const healthy = await run({}, "healthcheck", "-c", config);
    assert.deepEqual([healthy.results, healthy.failed], [[{ id: "aws-9", healthy: true }], false]);
    const environment = { ...simulatorEnvironment(simulator), AWS_SECRET_ACCESS_KEY: "x".repeat(40) };
    const ill = await run(environment, "healthcheck", "-c", podConfig);
    assert.deepEqual([ill.results, ill.failed], [[{ id: "adapter-aws", healthy: false }], true]);
    assert.match(ill.said, /SignatureDoesNotMatch/);
  });

  it("identity prints who AWS says it is", async () => {
    const { results } = await run({}, "identity", "-c", config);
    const { identity, credentialSource, roleChain } = results[0] as {
      identity: { Arn: string };
      [name: string]: unknown;
    };
    assert.equal(identity.Arn, "arn:aws:iam::123456789012:user/adapter");
    assert.match(String(credentialSource), /Adapter Role/);
    assert.deepEqual(roleChain, []);
  });

  it("identity --edge prints the proof and sends nothing", async () => {
    const before = simulator.requests.length;
    const { results } = await run({}, "identity", "--edge", "--region", "eu-west-1", "-c", config);
    const { stsGetCallerIdentity } = results[0] as { stsGetCallerIdentity: { headers: object; region: string } };
    assert.equal(stsGetCallerIdentity.region, "eu-west-1");
    assert.deepEqual(Object.keys(stsGetCallerIdentity.headers), ["Content-Type", "X-Amz-Date", "Authorization"]);
    assert.equal(simulator.requests.length, before);
  });

  it("start shows the main job against the simulator, without a secret", async () => {
    const { results, said, failed } = await run({}, "start");
    assert.equal(failed, false);
    const { calls } = results[0] as unknown as { calls: { chain: string[] }[] };
    assert.deepEqual(
      calls.map(({ chain }) => chain.length),
      [2, 3],
    );
    assert.match(said, /ONLINE/);
    for (const entry of ["FULL_REQUEST", "FULL_BODY", "CALL RETURN"])
      assert.ok(said.split(`: ${entry} {`).length > 3, entry);
    assert.match(said, /Signature=\*\* masked \*\*/);
    assert.ok(!said.includes(userKey(simulator.world, "pod").secretAccessKey));
  });

  it("start with a service instance asks who it is", async () => {
    const { results, said, failed } = await run({}, "start", "--config", config);
    assert.equal(failed, false, said);
    assert.match(JSON.stringify(results), /user\/adapter/);
  });

  it("start with a service instance that cannot work fails", async () => {
    const broken = join(folder, "broken.json");
    writeFileSync(
      broken,
      JSON.stringify({
        region: "us-east-1",
        authentication: { auth_method: "aws_authentication", aws_access_key: "AKIAIOSFODNN7EXAMPLE" },
      }),
    );
    const { results, said, failed } = await run({}, "start", "-c", broken);
    assert.deepEqual([results, failed], [[], true]);
    assert.match(said, /aws_secret_key/);
  });

  it("simulate prints where the simulator is, until it is interrupted", async () => {
    const { results, failed } = await run({}, "simulate");
    assert.equal(failed, false);
    assert.match(String(results[0]?.["url"]), /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("entities list prints what is shipped", async () => {
    const { results } = await run({}, "entities", "list");
    const services = (results[0] as unknown as { service: string; operations: number }[]).map(({ service }) => service);
    for (const service of ["ec2", "s3", "sts"]) assert.ok(services.includes(service));
  });
});
