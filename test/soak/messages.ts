/** Owns what the processes of a soak tell each other. */
import type { Fault } from "../../utils/simulator/faults";

/** Generous, as eight processes share a machine that is busy with other things, too. */
export const ATTEMPT_TIMEOUT_MS = 20_000;

/** To the process that is AWS. */
export type ToAws =
  | { readonly type: "fault"; readonly service: string; readonly fault: Fault | null }
  | { readonly type: "report" };

/** What AWS saw. */
export interface AwsReport {
  readonly type: "report";
  /** Requests whose signer was set beside the one that the call had asked for. */
  readonly checked: number;
  readonly wrongIdentities: readonly string[];
  readonly assumeRoles: number;
  readonly requests: number;
  /** Every secret that was handed out. */
  readonly secrets: readonly string[];
}

export interface AwsReady {
  readonly type: "ready";
  readonly port: number;
}

export interface WorkerTask {
  readonly index: number;
  readonly seed: number;
  readonly port: number;
  readonly redisUrl: string;
  readonly cacheKeys: readonly [string, string];
  readonly userKeys: Readonly<
    Record<"adapter" | "pod", { readonly accessKeyId: string; readonly secretAccessKey: string }>
  >;
  readonly roles: readonly string[];
  readonly accountId: string;
}

/** Of a worker, as it goes. */
export interface FailedCall {
  readonly type: "failure";
  readonly startMs: number;
  readonly endMs: number;
  readonly call: string;
  readonly code: string;
  readonly text: string;
}

/** Of a worker, at its end. */
export interface WorkerReport {
  readonly type: "report";
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly doubles: number;
  readonly lost: number;
  readonly thrown: number;
  /** What AWS said of who called, where that was not who should have. */
  readonly wrongAnswers: readonly string[];
  /** Bytes of the heap after a collection, and of buffers beside it. */
  readonly heap: readonly number[];
  /** Sockets and timers that are still there after the adapters were closed. */
  readonly leftOver: readonly string[];
  /** Calls that the adapters themselves counted. */
  readonly counted: number;
}

/** Of a worker, every second. */
export interface Progress {
  readonly type: "progress";
  readonly calls: number;
}

export const roleSession = (accountId: string, role: string, session: string): string =>
  `arn:aws:sts::${accountId}:assumed-role/${role}/${session}`;
