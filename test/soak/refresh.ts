/**
 * Owns the long trial of short credentials: calls at a steady rate through a chain of two roles whose sessions live a minute
 * and a little, so that what the adapter uses of them is over every few seconds. `npm run soak:refresh` runs it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { defaultWorld } from "../../utils/simulator/default-world";
import { startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { bringOnline } from "../interop/platform";

export interface SoakOptions {
  readonly seconds: number;
  readonly callsPerSecond: number;
  /** Of every session; the adapter uses all but the last 60 seconds. */
  readonly lifetimeSeconds: number;
}

export interface SoakFigures {
  readonly calls: number;
  readonly failed: number;
  /** What a call took, in milliseconds: the slowest, and the one that 99 of 100 were quicker than. */
  readonly slowestMs: number;
  readonly p99Ms: number;
  readonly steps: readonly {
    readonly role: string;
    readonly assumed: number;
    /** How many came before the session in use was over: nobody waited for these. */
    readonly early: number;
    /** Between two AssumeRole of the same role, in seconds. */
    readonly shortestGapSeconds: number;
  }[];
  /** The longest time between the first and the last use of one session, in seconds. */
  readonly longestUseSeconds: number;
}

const TICK_MS = 20;
/** A machine that is busy with other things is no fault of the credentials. */
const ATTEMPT_TIMEOUT_MS = 30_000;
const REQUEST = { number_retries: 0, limit_retry_error: 0, healthcheck_on_timeout: false };

export async function soak({ seconds, callsPerSecond, lifetimeSeconds }: SoakOptions): Promise<SoakFigures> {
  // No instances: what is tried here is who signs, not how long answers are.
  const world = { ...defaultWorld(), instances: [] };
  const simulator = await startSimulator({ world, credentialLifetimeSeconds: lifetimeSeconds });
  const sessions = new Map<string, { firstMs: number; lastMs: number }>();
  const assumptions = new Map<string, number[]>();
  /** The simulator's record is bounded, so it is read while it grows. */
  const read = (): void => {
    for (const { action, roleArn, accessKeyId, time } of simulator.requests) {
      const ms = Date.parse(time);
      if (action === "AssumeRole") assumptions.set(`${roleArn}`, [...(assumptions.get(`${roleArn}`) ?? []), ms]);
      else sessions.set(`${accessKeyId}`, { firstMs: sessions.get(`${accessKeyId}`)?.firstMs ?? ms, lastMs: ms });
    }
    simulator.clearRequests();
  };
  try {
    const properties = simulatorServiceInstance(simulator, { globalRole: "adapter" });
    const request = { ...REQUEST, attempt_timeout: ATTEMPT_TIMEOUT_MS };
    const adapter = await bringOnline("soak", { ...properties, healthcheck: { type: "none" }, request });
    const stsParams = { RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "soak" };
    const tookMs: number[] = [];
    let failed = 0;
    const call = async (): Promise<void> => {
      const started = performance.now();
      const { data } = await adapter.call("ec2DescribeInstancesSTSRole", {}, stsParams, null);
      tookMs.push(performance.now() - started);
      if (data === null) failed += 1;
    };
    await call();
    const running: Promise<void>[] = [];
    const started = performance.now();
    for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - started) {
      while (running.length < (elapsed / 1000) * callsPerSecond) running.push(call());
      read();
      await delay(TICK_MS);
    }
    await Promise.all(running);
    read();
    tookMs.sort((one, other) => one - other);
    return {
      calls: tookMs.length,
      failed,
      slowestMs: Math.round(tookMs.at(-1) ?? 0),
      p99Ms: Math.round(tookMs[Math.floor(tookMs.length * 0.99)] ?? 0),
      steps: [...assumptions].map(([role, times]) => stepFigures(role, times, lifetimeSeconds)),
      longestUseSeconds: Math.max(...[...sessions.values()].map(({ firstMs, lastMs }) => lastMs - firstMs)) / 1000,
    };
  } finally {
    await simulator.close();
  }
}

function stepFigures(role: string, times: readonly number[], lifetimeSeconds: number): SoakFigures["steps"][number] {
  const gaps = times.slice(1).map((time, index) => (time - (times[index] as number)) / 1000);
  const early = gaps.filter((gap) => gap < usefulSeconds(lifetimeSeconds)).length;
  return { role, assumed: times.length, early, shortestGapSeconds: Math.min(...gaps) };
}

/** With under 60 seconds left, credentials count as expired. */
export const usefulSeconds = (lifetimeSeconds: number): number => lifetimeSeconds - 60;

async function main(): Promise<void> {
  const options = { seconds: Number(process.argv[2] ?? 120), callsPerSecond: 200, lifetimeSeconds: 70 };
  const figures = await soak(options);
  console.log(JSON.stringify({ ...options, ...figures }, null, 2));
  if (figures.failed > 0) process.exitCode = 1;
  process.exit();
}

if (require.main === module) void main();
