/** Owns the verdict on a soak: what was seen, and everything that must never happen. */
import type { PlannedFault } from "./fault-plan";
import { ATTEMPT_TIMEOUT_MS, type AwsReport, type FailedCall, type WorkerReport } from "./messages";

/** A fault as it came, in epoch milliseconds. */
export interface DoneFault extends PlannedFault {
  readonly startMs: number;
  readonly endMs: number;
}

export interface SoakEvidence {
  readonly seed: number;
  readonly seconds: number;
  /** Epoch milliseconds of the first call. */
  readonly startMs: number;
  readonly workers: number;
  readonly faults: readonly DoneFault[];
  readonly failures: readonly FailedCall[];
  readonly reports: readonly WorkerReport[];
  /** Of workers that were killed, as far as they came. */
  readonly callsOfKilled: number;
  readonly endedBadly: readonly string[];
  readonly aws: AwsReport;
  readonly logs: { readonly bytes: number; readonly secrets: number; readonly found: readonly string[] };
}

/** A fault's consequences: a fetch that began in it, a wait for what it held up. */
const GRACE_MS = 4000;
const graceMs = ({ fault }: DoneFault): number =>
  fault.type === "aws" && fault.kind === "silent" ? ATTEMPT_TIMEOUT_MS + GRACE_MS : GRACE_MS;
/** What nothing that AWS does can excuse. */
const NEVER = new Set([
  "UNEXPECTED",
  "AD.999",
  "AccessDenied",
  "AccessDeniedException",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "UnauthorizedOperation",
  "AuthFailure",
]);
const MAX_GROWTH_SHARE = 0.25;
const MAX_GROWTH_BYTES = 12 * 1024 * 1024;
const MIN_SAMPLES = 8;
const SHOWN = 10;

const isExcused = ({ startMs, endMs, code }: FailedCall, faults: readonly DoneFault[]): boolean =>
  !NEVER.has(code) &&
  faults.some((done) => done.fault.type === "aws" && startMs < done.endMs + graceMs(done) && endMs > done.startMs);

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;

/** @returns by how much heap and buffers grew after the first quarter, in bytes; of a short life nothing can be said */
export function growth(heap: readonly number[]): number {
  if (heap.length < MIN_SAMPLES) return 0;
  const warm = heap.slice(Math.floor(heap.length / 4));
  const part = Math.ceil(warm.length / 3);
  const [first, last] = [median(warm.slice(0, part)), median(warm.slice(-part))];
  return last - first > Math.max(MAX_GROWTH_BYTES, first * MAX_GROWTH_SHARE) ? last - first : 0;
}

/** @returns a text for each thing that must not happen and did */
export function violations({
  startMs,
  faults,
  failures,
  reports,
  endedBadly,
  aws,
  logs,
}: SoakEvidence): readonly string[] {
  const sum = (pick: (report: WorkerReport) => number): number => reports.reduce((total, one) => total + pick(one), 0);
  const at = (ms: number): string => ((ms - startMs) / 1000).toFixed(1);
  const unexcused = failures.filter((failure) => !isExcused(failure, faults));
  const found: string[] = [
    ...aws.wrongIdentities.map((text) => `wrong identity: ${text}`),
    ...reports.flatMap(({ wrongAnswers }) => wrongAnswers.map((text) => `wrong identity: ${text}`)),
    ...unexcused.map(
      ({ call, code, text, startMs: from, endMs: to }) =>
        `a call failed without a fault of AWS (second ${at(from)} to ${at(to)}): ${call}: ${code}: ${text}`,
    ),
    ...logs.found.map((text) => `a secret in a log: ${text}`),
    ...endedBadly.map((text) => `a worker ended: ${text}`),
    ...reports.flatMap(({ leftOver }) => (leftOver.length > 0 ? [`left after close: ${leftOver.join(", ")}`] : [])),
    ...reports.flatMap(({ heap }) => (growth(heap) > 0 ? [`the heap grew: ${heap.map(megabytes).join(", ")} MB`] : [])),
    ...reports.flatMap(({ calls, counted }) => (calls === counted ? [] : [`${calls} calls made, ${counted} counted`])),
  ];
  const counts = {
    lost: sum(({ lost }) => lost),
    doubles: sum(({ doubles }) => doubles),
    thrown: sum(({ thrown }) => thrown),
  };
  if (counts.lost > 0) found.push(`${counts.lost} callbacks were lost`);
  if (counts.doubles > 0) found.push(`${counts.doubles} callbacks came twice`);
  if (counts.thrown > 0) found.push(`${counts.thrown} methods threw`);
  if (aws.checked === 0 || reports.length === 0) found.push("nothing was checked");
  if (logs.secrets === 0 || logs.bytes === 0) found.push("no log was searched");
  return found;
}

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

/** The report for a person; the violations are at its end. */
export function soakReport(evidence: SoakEvidence): string {
  const { seed, seconds, startMs, workers, faults, failures, reports, callsOfKilled, aws, logs } = evidence;
  const sum = (pick: (report: WorkerReport) => number): number => reports.reduce((total, one) => total + pick(one), 0);
  const tally = (texts: readonly string[]): string => {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    const sorted = [...counts].sort(([, one], [, other]) => other - one);
    return sorted.map(([text, count]) => `${text} ${count}`).join(", ") || "none";
  };
  const kinds = faults.map(({ fault }) => (fault.type === "aws" ? `${fault.service} ${fault.kind}` : fault.type));
  const heaps = reports.map(
    ({ heap }) => `${megabytes(heap[Math.floor(heap.length / 4)] ?? 0)} → ${megabytes(heap.at(-1) ?? 0)}`,
  );
  const bad = violations(evidence);
  return [
    `soak: seed ${seed}, ${seconds} s, ${workers} worker processes, ${reports.length} lived to the end`,
    `calls: ${sum(({ calls }) => calls)} (and ${callsOfKilled} of workers that were killed), ${sum(({ answered }) => answered)} answered, ${sum(({ failed }) => failed)} failed in faults`,
    `failures by code: ${tally(failures.map(({ code }) => code))}`,
    `faults: ${tally(kinds)}`,
    `when: ${faults.map((done, order) => `${((done.startMs - startMs) / 1000).toFixed(0)} ${kinds[order]}`).join(", ")}`,
    `requests at AWS: ${aws.requests}; signer set beside who was asked for: ${aws.checked}; AssumeRole: ${aws.assumeRoles}`,
    `callbacks lost ${sum(({ lost }) => lost)}, twice ${sum(({ doubles }) => doubles)}`,
    `heap and buffers in MB, warm → end: ${heaps.join("; ")}`,
    `left after close: ${tally(reports.flatMap(({ leftOver }) => leftOver))}`,
    `logs: ${megabytes(logs.bytes)} MB searched for ${logs.secrets} secrets in nine forms each, ${logs.found.length} found`,
    bad.length === 0 ? "no violation" : `${bad.length} VIOLATIONS`,
    ...tallied(bad),
  ].join("\n");
}

const tallied = (bad: readonly string[]): readonly string[] =>
  bad.length <= SHOWN ? bad : [...bad.slice(0, SHOWN), `… and ${bad.length - SHOWN} more`];
