/** Owns the independent judge: a moto_server process that verifies signatures and enforces IAM, set up through boto3. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { pythonWith } from "../support/needs";

export interface UserKeys {
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What create_world.py made: as whom the tests act. */
export interface World {
  readonly users: Readonly<Record<"operator" | "adapter" | "pod" | "nobody", UserKeys>>;
  readonly roles: Readonly<Record<"global" | "task" | "taskLast" | "federated" | "closed", string>>;
  readonly numberedTaskRoles: readonly string[];
}

export interface MotoServer {
  readonly port: number;
  readonly url: string;
  readonly world: World;
  /** `on`: signatures are verified and IAM policies enforced from the next request. */
  setEnforcement(state: "on" | "off"): Promise<void>;
  close(): Promise<void>;
}

const startLimitMs = 30_000;

/** @returns what this machine lacks to judge by moto, or undefined when it has everything */
export function motoJudge(): string | undefined {
  const lack = pythonWith("boto3", "moto")();
  if (lack !== undefined) return lack;
  const { status } = spawnSync("moto_server", ["--help"], { stdio: "ignore" });
  return status === 0 ? undefined : "moto_server is missing on this machine (pip install 'moto[server]')";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** The process and whatever a launcher script put between us and Python: they share a group of their own. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

async function untilItAnswers(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`moto_server ended with ${child.exitCode}: ${output()}`);
    const answered = await fetch(`${url}/moto-api/data.json`).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`moto_server did not answer within ${startLimitMs} ms: ${output()}`);
}

/**
 * Starts moto_server on a free port of 127.0.0.1, makes the world in it and turns enforcement on.
 * @param numberedTaskRoles - how many roles `task-0`, `task-1`, … to make besides the named ones
 */
export async function startMoto(numberedTaskRoles = 0): Promise<MotoServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const onExit = () => killGroup(child);
  process.once("exit", onExit);

  const setEnforcement = async (state: "on" | "off") => {
    const response = await fetch(`${url}/moto-api/reset-auth`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: state === "on" ? "0" : "inf",
    });
    if (!response.ok) throw new Error(`reset-auth was answered with ${response.status}`);
  };
  const close = async () => {
    process.removeListener("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    killGroup(child);
    await ended;
  };
  try {
    await untilItAnswers(url, child, () => output);
    const script = join(__dirname, "world", "create_world.py");
    const { stdout } = await promisify(execFile)("python3", [script, url, String(numberedTaskRoles)]);
    await setEnforcement("on");
    return { port, url, world: JSON.parse(stdout) as World, setEnforcement, close };
  } catch (error) {
    await close();
    throw error;
  }
}
