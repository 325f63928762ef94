/** Owns what becomes of tests on a machine that lacks what they need: they say so and are skipped; with `CI` set they fail. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** @returns what the machine lacks, in words; undefined when it has everything */
export type Lack = () => string | undefined;

/** Debian's packages have the names of their programs, but for these. */
const packages: Readonly<Record<string, string>> = { aws: "awscli" };
/** Debian keeps servers where only root looks. */
const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];

/** @returns the path of a program, or undefined when the machine has none of that name */
export function programPath(name: string): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Python's own words say which of the modules it is. */
export const pythonWith =
  (...modules: readonly string[]): Lack =>
  () => {
    const { status, error, stderr } = spawnSync("python3", ["-c", `import ${modules.join(", ")}`], {
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (status === 0) return undefined;
    const said = error?.message ?? stderr.trim().split("\n").at(-1);
    return `python3 with ${modules.join(" and ")} is missing on this machine (${said})`;
  };

export const programs =
  (...names: readonly string[]): Lack =>
  () => {
    const missing = names.filter((name) => programPath(name) === undefined);
    if (missing.length === 0) return undefined;
    return `${missing.join(", ")} missing on this machine (apt-get install -y ${missing.map((name) => packages[name] ?? name).join(" ")})`;
  };

/**
 * Skips the suite that calls this, loudly, where the machine lacks something; with `CI` set it fails. What the suite does
 * before and after its tests is not done then.
 */
export function need(...lacks: readonly Lack[]): void {
  before(function () {
    for (const lack of lacks) skipFor(this, lack(), this.test?.parent);
  });
}

/**
 * The same for one test, from inside.
 * @param lack - undefined where there is none: the test goes on
 * @param whose - what is skipped
 */
export function skipFor(
  context: Mocha.Context,
  lack: string | undefined,
  whose: { fullTitle(): string } | undefined = context.test,
): void {
  if (lack === undefined) return;
  if (process.env["CI"]) throw new Error(`${lack}, and CI must not skip`);
  console.error(`\n*** SKIPPED "${whose?.fullTitle()}": ${lack} ***\n`);
  context.skip();
}
