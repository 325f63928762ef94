/** Owns servers of other people as child processes of a test: in the foreground, on 127.0.0.1, and always killed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { programPath } from "../support/needs";
import type { WorkFolder } from "../support/work-folder";

const START_LIMIT_MS = 20_000;
/** What a server gets to finish its logs. */
const END_LIMIT_MS = 2000;

export interface Daemon {
  readonly port: number;
  /** What it printed so far. */
  output(): string;
  close(): Promise<void>;
}

export const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * @param name - of the program
 * @param argumentsFor - its arguments, once the port is known
 * @throws Error with what it printed, when it does not accept connections in time
 */
export async function startDaemon(name: string, argumentsFor: (port: number) => readonly string[]): Promise<Daemon> {
  const port = await freePort();
  const program = programPath(name);
  if (program === undefined) throw new Error(`there is no ${name}`);
  // A group of its own, so that its helpers end with it.
  const child = spawn(program, argumentsFor(port), { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-20_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const onExit = (): void => killGroup(child, "SIGKILL");
  process.once("exit", onExit);
  const close = async (): Promise<void> => {
    const isRunning = child.exitCode === null && child.signalCode === null;
    if (isRunning) {
      const ended = once(child, "exit");
      const limit = setTimeout(() => killGroup(child, "SIGKILL"), END_LIMIT_MS);
      killGroup(child, "SIGTERM");
      await ended;
      clearTimeout(limit);
    }
    killGroup(child, "SIGKILL");
    process.removeListener("exit", onExit);
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close();
      throw new Error(`${name} does not accept connections: ${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, output: () => printed, close };
}

function killGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** @returns what openssl printed */
export const openssl = (...parameters: readonly string[]): string =>
  execFileSync("openssl", parameters, { stdio: ["ignore", "pipe", "ignore"] }).toString();

export interface IssuedCertificate {
  readonly caFile: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** An authority and a certificate of it, made by openssl. @param names - `DNS:localhost`, `IP:127.0.0.1` */
export function issueCertificate(folder: WorkFolder, names: readonly string[]): IssuedCertificate {
  const at = (name: string): string => join(folder.path, name);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    at("ca-key.pem"),
    "-out",
    at("ca.pem"),
    "-subj",
    "/CN=Test",
    "-days",
    "2",
  );
  openssl("req", ...newKey, "-keyout", at("key.pem"), "-out", at("request.pem"), "-subj", "/CN=Test server");
  const extensions = folder.write("extensions", `subjectAltName=${names.join(",")}\n`);
  const authority = ["-CA", at("ca.pem"), "-CAkey", at("ca-key.pem"), "-CAcreateserial"];
  const signed = ["-in", at("request.pem"), "-out", at("cert.pem"), "-days", "2", "-extfile", extensions];
  openssl("x509", "-req", ...authority, ...signed);
  return { caFile: at("ca.pem"), key: readFileSync(at("key.pem")), cert: readFileSync(at("cert.pem")) };
}
