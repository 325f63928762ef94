/** Owns the running of the case folders: a service instance, an environment and a call in; a chain in words or an error out. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { AdapterError } from "../../utils/errors/adapter-error";
import { describeRoleChain } from "../../utils/settings/describe-role-chain";
import { parseSettings } from "../../utils/settings/parse-settings";
import { planRoleChain, type RoleRequest } from "../../utils/settings/plan-role-chain";
import { readServiceInstance } from "../../utils/settings/read-service-instance";
import type { Environment } from "../../utils/types/environment";

type Expected =
  | { readonly source: string; readonly steps: readonly string[] }
  /** `names` is the setting, variable or parameter that the error must name. */
  | { readonly code: string; readonly names: string };

const casesFolder = join(__dirname, "role-chains");

const read = <T>(folder: string, name: string): T =>
  JSON.parse(readFileSync(join(casesFolder, folder, `${name}.json`), "utf8")) as T;

function outcome(folder: string): Expected {
  const { id, properties } = readServiceInstance(read(folder, "service-instance"));
  const environment = read<Environment>(folder, "environment");
  try {
    const settings = parseSettings(id, properties, environment);
    return describeRoleChain(planRoleChain(settings, environment, read<RoleRequest>(folder, "call")));
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.doesNotMatch(`${error.message} ${error.recommendation}`, /OfNobody/, "a secret in an error");
    return { code: error.code, names: String(error.detail["parameter"] ?? error.detail["property"] ?? "") };
  }
}

describe("role chains, case by case", () => {
  const folders = readdirSync(casesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it("has every source with every chain", () => {
    const names = folders.map(({ name }) => name);
    for (const source of ["static", "pod", "web-identity", "container", "instance"]) {
      for (const chain of ["none", "global", "task", "global-task", "role-name-task"]) {
        assert.ok(names.includes(`${source}-${chain}`), `${source}-${chain}`);
      }
    }
  });

  for (const { name } of folders) {
    it(name.replaceAll("-", " "), () => assert.deepEqual(outcome(name), read(name, "expected")));
  }
});
