/**
 * Owns `npm run soak`: eight processes of adapters over one Redis and one simulated AWS, in which things go wrong by a plan
 * that a seed repeats. Prints a report; exit 1 on anything that must never happen.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  type WriteStream,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { isInstalled, type RedisServer, startRedis } from "../support/redis-server";
import { planFaults, type SoakFault } from "./fault-plan";
import { type DoneFault, type SoakEvidence, soakReport, violations } from "./judge";
import type { AwsReady, AwsReport, FailedCall, Progress, ToAws, WorkerReport, WorkerTask } from "./messages";
import { seededRandom } from "./random";
import { SecretScan } from "./secret-scan";
import { soakRoles, soakWorld } from "./world";

const DEFAULT_SECONDS = 600;
const READY_WITHIN_MS = 240_000;
const REPORT_WITHIN_MS = 150_000;

/** A process of the soak; what it prints goes into a file. */
function start(file: string, environment: Record<string, string>, log: WriteStream): ChildProcess {
  const child = fork(join(__dirname, file), {
    execArgv: ["--require", "tsx/cjs", "--expose-gc"],
    env: { PATH: process.env["PATH"] ?? "", TMPDIR: tmpdir(), NODE_NO_WARNINGS: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

function messageOf<T extends { type: string }>(child: ChildProcess, type: T["type"], withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => finish(new Error(`no ${type} within ${withinMs} ms`)), withinMs);
    const finish = (outcome: Error | T): void => {
      clearTimeout(late);
      child.off("message", listen);
      child.off("exit", gone);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const listen = (message: { type: string }): void => {
      if (message.type === type) finish(message as T);
    };
    const gone = (code: number | null, signal: string | null): void =>
      finish(new Error(`it ended (${code ?? signal})`));
    child.on("message", listen);
    child.on("exit", gone);
  });
}

/** The workers, of whom some are killed and come again. */
class Workers {
  readonly failures: FailedCall[] = [];
  readonly endedBadly: string[] = [];
  callsOfKilled = 0;
  readonly #children: ChildProcess[] = [];
  readonly #calls = new Map<ChildProcess, number>();
  readonly #killed = new WeakSet<ChildProcess>();
  #started = 0;

  constructor(
    readonly count: number,
    readonly taskOf: (index: number, generation: number) => WorkerTask,
    readonly log: (name: string) => WriteStream,
  ) {
    for (let index = 0; index < count; index += 1) this.#start(index);
  }

  #start(index: number): void {
    this.#started += 1;
    const task = this.taskOf(index, this.#started);
    const child = start("worker.ts", { SOAK_TASK: JSON.stringify(task) }, this.log(`worker-${this.#started}.log`));
    this.#children[index] = child;
    child.on("message", (message: FailedCall | Progress | WorkerReport) => {
      if (message.type === "failure") this.failures.push(message);
      if (message.type === "progress") this.#calls.set(child, message.calls);
    });
    child.on("exit", (code, signal) => {
      if (!this.#killed.has(child) && code !== 0) this.endedBadly.push(`${code ?? signal}`);
    });
  }

  get calls(): number {
    return [...this.#calls.values()].reduce((sum, calls) => sum + calls, 0);
  }

  /** Kills one as the system does, and starts another in its place. */
  replace(index: number): void {
    const child = this.#children[index] as ChildProcess;
    this.#killed.add(child);
    child.kill("SIGKILL");
    this.callsOfKilled += this.#calls.get(child) ?? 0;
    this.#calls.delete(child);
    this.#start(index);
  }

  async stop(): Promise<readonly WorkerReport[]> {
    const reports = this.#children.map(async (child, index) => {
      const report = messageOf<WorkerReport>(child, "report", REPORT_WITHIN_MS);
      child.send({ type: "stop" });
      return report.catch((reason: Error) => {
        this.endedBadly.push(`worker ${index}: ${reason.message}`);
        return undefined;
      });
    });
    return (await Promise.all(reports)).filter((report) => report !== undefined);
  }

  end(): void {
    for (const child of this.#children) {
      this.#killed.add(child);
      child.kill("SIGKILL");
    }
  }
}

async function apply(
  fault: SoakFault,
  forMs: number,
  aws: ChildProcess,
  redis: RedisServer,
  workers: Workers,
): Promise<void> {
  const tell = (message: ToAws): void => void aws.send(message);
  switch (fault.type) {
    case "aws":
      tell({
        type: "fault",
        service: fault.service,
        fault: { kind: fault.kind, ...(fault.ms === undefined ? {} : { ms: fault.ms }) },
      });
      await delay(forMs);
      return tell({ type: "fault", service: fault.service, fault: null });
    case "redis-kill":
      await redis.kill();
      await delay(forMs);
      return redis.restart();
    case "redis-pause":
      redis.pause();
      await delay(forMs);
      return redis.resume();
    case "worker-kill":
      return workers.replace(fault.worker);
  }
}

async function soak(seconds: number, seed: number, workerCount: number): Promise<SoakEvidence> {
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "adapter-aws-soak-"));
  const log = (name: string): WriteStream => createWriteStream(join(folder, name));
  const secret = randomBytes(24).toString("hex");
  const cacheKeys = [0, 1].map(() => randomBytes(32).toString("base64")) as [string, string];
  const redis = await startRedis();
  const aws = start("aws-process.ts", { SOAK_SECRET: secret }, log("aws.log"));
  let workers: Workers | undefined;
  try {
    const { port } = await messageOf<AwsReady>(aws, "ready", READY_WITHIN_MS);
    const world = soakWorld(secret);
    const keyOf = (name: string) => world.users.find((user) => user.name === name)!.accessKeys[0]!;
    const accountId = world.users[0]!.accountId;
    const common = { port, redisUrl: redis.url, cacheKeys, roles: soakRoles, accountId };
    const userKeys = { adapter: keyOf("adapter"), pod: keyOf("pod") };
    workers = new Workers(
      workerCount,
      (index, generation) => ({ index, seed: seed + generation * 7919, userKeys, ...common }),
      log,
    );
    const untilMs = Date.now() + READY_WITHIN_MS;
    while (workers.calls === 0) {
      const ended = workers.endedBadly.join(", ");
      if (ended !== "") throw new Error(`a worker ended before its first call: ${ended}\n${lastLines(folder)}`);
      if (Date.now() > untilMs) throw new Error(`no worker makes a call\n${lastLines(folder)}`);
      await delay(100);
    }
    const startedMs = Date.now();
    const faults: DoneFault[] = [];
    for (const planned of planFaults(random, seconds, workerCount)) {
      await delay(Math.max(0, startedMs + planned.atMs - Date.now()));
      const startMs = Date.now();
      await apply(planned.fault, planned.forMs, aws, redis, workers);
      faults.push({ ...planned, startMs, endMs: Date.now() });
    }
    await delay(Math.max(0, startedMs + seconds * 1000 - Date.now()));
    const reports = await workers.stop();
    aws.send({ type: "report" } satisfies ToAws);
    const seen = await messageOf<AwsReport>(aws, "report", REPORT_WITHIN_MS);
    const own = [
      ...cacheKeys,
      userKeys.adapter.secretAccessKey,
      userKeys.pod.secretAccessKey,
      world.secrets[0]!.secretString,
    ];
    const secrets = [...seen.secrets, ...own];
    const logs = searchLogs(folder, secrets);
    const { failures, endedBadly, callsOfKilled } = workers;
    const evidence = {
      seed,
      seconds,
      startMs: startedMs,
      workers: workerCount,
      faults,
      failures,
      reports,
      callsOfKilled,
      endedBadly,
    };
    return { ...evidence, aws: seen, logs: { ...logs, secrets: secrets.length } };
  } finally {
    workers?.end();
    aws.kill("SIGKILL");
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the first workers said last. */
const lastLines = (folder: string): string =>
  ["worker-1.log", "worker-2.log"]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").slice(-2000))
    .join("\n");

/** A search that finds nothing has to show first that it could. */
function searchLogs(folder: string, secrets: readonly string[]): { bytes: number; found: readonly string[] } {
  const scan = new SecretScan(secrets);
  const planted = Buffer.from(`{"token":${JSON.stringify(encodeURIComponent(secrets.at(-1) as string))}}`);
  if (scan.find(planted).length === 0) throw new Error("the search for secrets finds nothing");
  const results = readdirSync(folder).map((name) => scan.findInFile(join(folder, name)));
  return { bytes: results.reduce((sum, { bytes }) => sum + bytes, 0), found: results.flatMap(({ found }) => found) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: "string" }, seed: { type: "string" }, workers: { type: "string" } },
  });
  const seconds = Number(values.seconds ?? DEFAULT_SECONDS);
  const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
  const workers = Number(values.workers ?? 8);
  if (!(seconds >= 20 && seconds <= 86_400 && Number.isInteger(seed) && workers >= 1 && workers <= 64)) {
    throw new Error("usage: npm run soak -- [--seconds 20..86400] [--seed N] [--workers 1..64]");
  }
  if (!isInstalled("redis-server")) throw new Error("The soak needs redis-server.");
  console.log(`soak: seed ${seed}, ${seconds} s, ${workers} workers`);
  const evidence = await soak(seconds, seed, workers);
  console.log(soakReport(evidence));
  if (violations(evidence).length > 0) process.exitCode = 1;
}

void main().catch((reason: Error) => {
  console.error(reason.message);
  process.exitCode = 1;
});
