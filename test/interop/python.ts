/** Owns how a judge written in Python is asked: text in, JSON out, without holding up the servers of the test. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

/** Skips the suite that calls this, loudly, where Python lacks a module; with `CI` set it fails. */
export function needPython(...modules: readonly string[]): void {
  before(function () {
    if (spawnSync("python3", ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" }).status === 0) return;
    const words = `python3 with ${modules.join(" and ")} is missing on this machine`;
    if (process.env["CI"]) throw new Error(`${words}, and CI must not skip`);
    console.error(`\n*** SKIPPED: ${words}: "${this.test?.parent?.title}" ***\n`);
    this.skip();
  });
}

/**
 * @param script - name of a file beside this one
 * @returns what it printed, as JSON
 * @throws Error with what it said, when it failed
 */
export async function askPython<T>(script: string, given: readonly string[], input: string): Promise<T> {
  const child = spawn("python3", [join(__dirname, script), ...given], { stdio: "pipe" });
  let printed = "";
  let said = "";
  child.stdout.on("data", (chunk) => {
    printed += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  child.stdin.end(input);
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`${script}: ${said}`);
  return JSON.parse(printed) as T;
}
