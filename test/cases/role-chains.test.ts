/**
 * Owns the running of the case folders: a service instance, an environment, files and a call in; the chain in words, what
 * AWS sees of it and who it says that we are out, or an error. Each is planned, and then executed by a whole adapter.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, describe, it } from "mocha";
import { AdapterError } from "../../utils/errors/adapter-error";
import { describeRoleChain } from "../../utils/settings/describe-role-chain";
import { parseSettings } from "../../utils/settings/parse-settings";
import { planRoleChain, type RoleRequest } from "../../utils/settings/plan-role-chain";
import { readServiceInstance } from "../../utils/settings/read-service-instance";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import type { Environment } from "../../utils/types/environment";
import { type RedirectedNetwork, redirectNetwork } from "../support/redirected-network";
import { caseWorld } from "./case-world";
import { assertNothingLeaked, type Case, type Execution, execute, secretsOf } from "./execute-case";

interface ExpectedChain {
  readonly source: string;
  readonly steps: readonly string[];
  /** Who `GetCallerIdentity` says that it was; not for cases that are only planned. */
  readonly callsAs?: string;
}

interface ExpectedError {
  readonly code: string;
  /** The setting, variable or parameter that the error must name. */
  readonly names: string;
}

type Expected = ExpectedChain | ExpectedError;

const casesFolder = join(__dirname, "role-chains");
const names = readdirSync(casesFolder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

const read = <T>(folder: string, name: string): T =>
  JSON.parse(readFileSync(join(casesFolder, folder, `${name}.json`), "utf8")) as T;

/** `files/etc/token` of a case is what the process finds at `/etc/token`. */
function filesOf(folder: string): Record<string, string> {
  const root = join(casesFolder, folder, "files");
  if (!existsSync(root)) return {};
  const paths = (readdirSync(root, { recursive: true }) as string[]).map((name) => join(root, name));
  const files = paths.filter((path) => statSync(path).isFile());
  return Object.fromEntries(files.map((path) => [`/${relative(root, path)}`, readFileSync(path, "utf8")]));
}

const caseOf = (folder: string): Case => ({
  serviceInstance: read(folder, "service-instance"),
  environment: read<Environment>(folder, "environment"),
  call: read<RoleRequest>(folder, "call"),
  files: filesOf(folder),
});

function plan({ serviceInstance, environment, call }: Case): Expected {
  const { id, properties } = readServiceInstance(serviceInstance);
  try {
    const settings = parseSettings(id, properties, environment);
    return describeRoleChain(planRoleChain(settings, environment, call));
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.doesNotMatch(`${error.message} ${error.recommendation}`, /OfNobody/, "a secret in an error");
    return { code: error.code, names: String(error.detail["parameter"] ?? error.detail["property"] ?? "") };
  }
}

/** Two requests to instance metadata are made side by side: their order says nothing. */
function inOrder(traffic: readonly string[]): string[] {
  const isMetadata = (line: string): boolean => line.startsWith("imds.");
  return [...traffic.filter(isMetadata).sort(), ...traffic.filter((line) => !isMetadata(line))];
}

describe("role chains, case by case", () => {
  let simulator: Simulator;
  let network: RedirectedNetwork;

  before(async () => {
    simulator = await startSimulator({ world: caseWorld() });
    network = await redirectNetwork(simulator.port);
  });
  after(async () => {
    await network.close();
    await simulator.close();
  });

  async function run(one: Case): Promise<Execution> {
    network.clear();
    const execution = await execute(one, simulator);
    const secrets = secretsOf(one, network);
    assert.ok(execution.error !== undefined || secrets.size > 0, "no secret was found that could leak");
    const shown = [...execution.log, JSON.stringify(execution.error ?? ""), JSON.stringify(execution.metrics)];
    assertNothingLeaked(secrets, shown);
    return execution;
  }

  it("has every source with every chain, each of them executed", () => {
    for (const source of ["static", "pod", "web-identity", "container", "instance"]) {
      for (const chain of ["none", "global", "task", "global-task", "role-name-task"]) {
        const name = `${source}-${chain}`;
        assert.ok(names.includes(name), name);
        assert.ok(existsSync(join(casesFolder, name, "traffic.json")), `${name}/traffic.json`);
      }
    }
  });

  it("finds a secret in a log, where there is one", () => {
    const secrets = new Set(["wJalr/secret+key"]);
    assert.throws(() => assertNothingLeaked(secrets, ["token is wJalr/secret+key."]));
    assert.throws(() => assertNothingLeaked(secrets, [`body ${encodeURIComponent("wJalr/secret+key")}`]));
    assertNothingLeaked(secrets, ["token is ** masked **."]);
  });

  for (const name of names) {
    it(name.replaceAll("-", " "), async () => {
      const one = caseOf(name);
      const expected = read<Expected>(name, "expected");
      if ("code" in expected) {
        assert.deepEqual(plan(one), expected);
        const { error, traffic } = await run(one);
        assert.ok(error, "the call was answered, although nobody could be found to sign it");
        assert.deepEqual(traffic, []);
        assert.deepEqual(network.dialled, []);
        return;
      }
      const { callsAs, ...chain } = expected;
      assert.deepEqual(plan(one), chain);
      if (callsAs === undefined) return;
      const execution = await run(one);
      assert.equal(execution.error, undefined, JSON.stringify(execution.error));
      assert.deepEqual(inOrder(execution.traffic), inOrder(read(name, "traffic")));
      assert.equal(execution.callsAs, callsAs);
      assert.deepEqual(
        { source: execution.metrics.credentialSource, steps: execution.metrics.roleChain },
        { source: chain.source, steps: chain.steps },
      );
      assert.ok(
        execution.log.some((line) => line.includes("FULL_REQUEST")),
        "auth_logging wrote nothing",
      );
    });
  }
});
