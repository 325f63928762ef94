/** Owns real Redis servers of the trials: each on a free port of 127.0.0.1, with nothing on disk that outlives it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { Lack } from "./needs";

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** Asks as the administrator of the server; the connection ends with the server. */
  readonly admin: Redis;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  /** Stops the process in its tracks: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;

/** Whether a program is installed. */
export const isInstalled = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

/** @returns the installed servers that speak Redis's protocol */
export const redisPrograms = (): readonly string[] => ["redis-server", "valkey-server"].filter(isInstalled);

export const anyRedis: Lack = () =>
  redisPrograms().length > 0 ? undefined : "redis-server is missing on this machine (apt-get install -y redis-server)";

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

export interface RedisServerOptions {
  /** `redis-server`, `valkey-server` or `redis-sentinel`. */
  readonly program?: string;
  /** Port of 127.0.0.1; a free one unless given. */
  readonly port?: number;
  /** Further lines of configuration, without the dashes. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** The configuration file, for a Sentinel, which rewrites it. */
  readonly file?: string;
  /** How the administrator connects. */
  readonly admin?: object;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { program = "redis-server", configuration = {}, file, admin: login = {} } = options;
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "redis-"));
  const all = { port: String(port), bind: "127.0.0.1", dir: folder, save: "", loglevel: "warning", ...configuration };
  const given = Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...value.split(" ")]);
  let child: ChildProcess;
  const admin = new Redis({
    host: "127.0.0.1",
    port,
    lazyConnect: true,
    protocol: 2,
    retryStrategy: () => 50,
    ...login,
  });
  admin.on("error", () => undefined);

  const start = async (): Promise<void> => {
    child = spawn(program, [...(file === undefined ? [] : [file]), ...given], { stdio: "ignore" });
    const until = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
      const answer = await admin.ping().catch((error: Error) => error.message);
      if (answer === "PONG") return;
      if (Date.now() > until) throw new Error(`${program} does not answer: ${answer}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const stop = async (): Promise<void> => {
    admin.disconnect();
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child.pid as number;
    },
    admin,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    stop,
  };
}
