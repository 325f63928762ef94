/** Owns how a judge written in Python is asked: text in, JSON out, without holding up the servers of the test. */
import { spawn } from "node:child_process";
import { join } from "node:path";

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
