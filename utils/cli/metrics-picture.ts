/** Owns what `adapter-aws top` shows: processes, operations, errors and identities, as tables. */
import type { Cell } from "cli-table3";
import { instruments } from "../metrics/instruments";
import { lazy } from "../types/lazy";
import { type Attributes, metricOf, quantile, since, type Total, totals } from "./metrics-figures";
import type { ProcessSnapshot } from "./process-snapshot";

const tables = lazy(() => require("cli-table3") as typeof import("cli-table3"));

const MAX_ROWS = 10;
const { calls, attempts, lookups, flights, stsCalls, queueWaits, rateWaits } = instruments;

/** Two looks at the same adapters: the second one, and what the first one was. */
export interface Looks {
  readonly now: readonly ProcessSnapshot[];
  readonly before: readonly ProcessSnapshot[];
  /** Between the two; without it, everything is since the start of each process. */
  readonly seconds?: number;
}

type Row = readonly (string | number)[];

const everything = (): string => "";
const isError = (attributes: Attributes): boolean => attributes["error.type"] !== undefined;
const time = (seconds: number | undefined): string =>
  seconds === undefined
    ? "–"
    : seconds < 1
      ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
      : `${seconds.toFixed(2)} s`;
const percent = (share: number): string => (Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : "–");
const sumOf = (found: ReadonlyMap<string, Total>): Total => found.get("") ?? { count: 0, sum: 0, max: 0, buckets: [] };

/** Every total of one metric, and what came to it since the look before. */
function changes({ now, before }: Looks, name: string, group: (attributes: Attributes) => string | undefined) {
  const old = totals(before, name, group);
  return [...totals(now, name, group)].map(([key, total]) => ({ key, total, recent: since(old.get(key), total) }));
}

function one(looks: Looks, name: string, group: (attributes: Attributes) => string | undefined = everything) {
  const empty = { total: sumOf(new Map()), recent: sumOf(new Map()) };
  return changes(looks, name, group)[0] ?? empty;
}

/** @param width - of the terminal in characters */
export function metricsPicture(looks: Looks, width: number): string {
  const rate = ({ count }: Total): string => (looks.seconds === undefined ? "–" : (count / looks.seconds).toFixed(1));
  const parts = [
    table(
      ["Adapter", "pid", "up", "calls", "/s", "failed", "active", "waiting", "p50", "p99"],
      processRows(looks),
      width,
    ),
    table(["Operation", "calls", "/s", "failed", "p50", "p95", "p99", "slowest"], operationRows(looks, rate), width),
    table(["Error", "total", "/s"], errorRows(looks, rate), width),
    table(["Identities and waits", "", "", ""], identityRows(looks, rate), width),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function table(head: readonly string[], rows: readonly Row[], width: number): string {
  if (rows.length === 0) return "";
  const made = new (tables())({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, at) => (at === 0 ? "left" : "right")),
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const row of rows) made.push(row.map((cell) => String(cell)) satisfies Cell[]);
  return made
    .toString()
    .split("\n")
    .map((line) => line.slice(0, width))
    .join("\n");
}

function processRows(looks: Looks): Row[] {
  return looks.now.map((snapshot) => {
    const before = looks.before.filter(({ id, pid }) => id === snapshot.id && pid === snapshot.pid);
    const own: Looks = { ...looks, now: [snapshot], before };
    const { total, recent } = one(own, calls.name);
    const failed = one(own, calls.name, (attributes) => (isError(attributes) ? "" : undefined)).total.count;
    const up = Math.max(0, Date.parse(snapshot.at) - Date.parse(snapshot.since)) / 1000;
    const gauge = (name: string): number => {
      const point = metricOf(snapshot, name)?.points[0];
      return point !== undefined && "value" in point ? point.value : 0;
    };
    return [
      ...[printable(snapshot.id), snapshot.pid, duration(up), total.count],
      looks.seconds === undefined ? "–" : (recent.count / looks.seconds).toFixed(1),
      ...[failed, gauge(instruments.callsActive.name), gauge(instruments.queueDepth.name)],
      ...[0.5, 0.99].map((share) => time(quantile(share, recent, calls.boundaries))),
    ];
  });
}

function operationRows(looks: Looks, rate: (total: Total) => string): Row[] {
  const method = (attributes: Attributes): string => printable(String(attributes["rpc.method"] ?? "others"));
  const failures = totals(looks.now, calls.name, (attributes) =>
    isError(attributes) ? method(attributes) : undefined,
  );
  const rows = changes(looks, calls.name, method).sort(
    (first, other) => other.recent.count - first.recent.count || other.total.count - first.total.count,
  );
  return rows
    .slice(0, MAX_ROWS)
    .map(({ key, total, recent }) => [
      ...[key, total.count, rate(recent), failures.get(key)?.count ?? 0],
      ...[0.5, 0.95, 0.99].map((share) => time(quantile(share, recent, calls.boundaries))),
      time(total.max),
    ]);
}

function errorRows(looks: Looks, rate: (total: Total) => string): Row[] {
  const code = (attributes: Attributes): string | undefined =>
    isError(attributes) ? printable(String(attributes["error.type"])) : undefined;
  const rows = changes(looks, calls.name, code).sort((first, other) => other.total.count - first.total.count);
  return rows.slice(0, MAX_ROWS).map(({ key, total, recent }) => [key, total.count, rate(recent)]);
}

function identityRows(looks: Looks, rate: (total: Total) => string): Row[] {
  const result = (attributes: Attributes): string => String(attributes["adapter_aws.credential.result"]);
  const asked = totals(looks.now, lookups.name, result);
  const count = (key: string): number => asked.get(key)?.count ?? 0;
  const all = [...asked.values()].reduce((sum, { count: some }) => sum + some, 0);
  const where = (name: string, value: string) => (attributes: Attributes) =>
    attributes[`adapter_aws.credential.${name}`] === value ? "" : undefined;
  const line = (title: string, name: string, group?: (attributes: Attributes) => string | undefined): Row => {
    const { total, recent } = one(looks, name, group);
    const median = total.buckets.length === 0 ? undefined : quantile(0.5, total, calls.boundaries);
    return [title, total.count, `${rate(recent)} /s`, median === undefined ? "" : `p50 ${time(median)}`];
  };
  return [
    ["identity from memory", count("hit"), percent(count("hit") / all), `${count("joined")} joined a fetch`],
    line("fetches", flights.name),
    line("early refreshes", flights.name, where("reason", "refresh")),
    line("from the shared store", flights.name, where("origin", "store")),
    line("calls of STS", stsCalls.name),
    line("requests to services", attempts.name),
    line("waits in the queue", queueWaits.name),
    line("waits for a service's rate", rateWaits.name),
  ];
}

/** A socket is answered by somebody else's process: nothing that it says may steer the terminal. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 60);

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
