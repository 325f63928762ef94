/** Owns what goes wrong in a soak, and when: a plan that its seed repeats. */
import type { FaultKind } from "../../utils/simulator/faults";
import type { SeededRandom } from "./random";

export type SoakFault =
  | { readonly type: "aws"; readonly service: string; readonly kind: FaultKind; readonly ms?: number }
  | { readonly type: "redis-kill" | "redis-pause" }
  | { readonly type: "worker-kill"; readonly worker: number };

export interface PlannedFault {
  /** Milliseconds from the start of the load. */
  readonly atMs: number;
  readonly forMs: number;
  readonly fault: SoakFault;
}

const SERVICES = ["sts", "sts", "ec2", "s3", "dynamodb", "secretsmanager", "*"] as const;
const KINDS: readonly FaultKind[] = [
  ...(["slow", "silent", "down", "lost-answer", "503", "500", "throttle"] as const),
  ...(["expired-token", "malformed", "html-502", "truncated", "empty"] as const),
];
const FIRST_MS = 6000;
const REST_MS = 8000;

/** @returns faults in their order, none before the workers are warm and none near the end */
export function planFaults(random: SeededRandom, seconds: number, workers: number): readonly PlannedFault[] {
  const planned: PlannedFault[] = [];
  for (let atMs = FIRST_MS; atMs < seconds * 1000 - REST_MS; atMs += random.between(4000, 9000)) {
    const forMs = random.between(500, 3000);
    planned.push({ atMs, forMs, fault: anyFault(random, workers, planned.length) });
  }
  return planned;
}

/** The first four are of different kinds, so that a short soak has met each. */
function anyFault(random: SeededRandom, workers: number, already: number): SoakFault {
  const share = already < 4 ? [0.7, 0.9, 0.5, 0.95][already]! : random.next();
  if (share < 0.65) {
    const kind = random.pick(KINDS);
    const service = random.pick(SERVICES);
    return { type: "aws", service, kind, ...(kind === "slow" ? { ms: random.between(200, 1500) } : {}) };
  }
  if (share < 0.8) return { type: "redis-kill" };
  if (share < 0.92) return { type: "redis-pause" };
  return { type: "worker-kill", worker: random.between(0, workers - 1) };
}
