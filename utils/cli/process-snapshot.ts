/** Owns the shape of what a socket answers: it is somebody else's process, and may be no adapter, or one of another version. */
import type { MetricsSnapshot } from "../metrics/metrics";

/** What one process of an adapter answers. */
export interface ProcessSnapshot extends MetricsSnapshot {
  readonly pid: number;
}

type Check = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber: Check = (value) => Number.isFinite(value);
const isText: Check = (value) => typeof value === "string";
const isTime: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const isLabel: Check = (value) => isText(value) || isNumber(value) || typeof value === "boolean";
const isListOf = (value: unknown, check: Check): value is readonly unknown[] =>
  Array.isArray(value) && value.every(check);

/** @param limits - how many boundaries the metric has; without any, it has no histograms */
function isPoint(point: unknown, limits: number | undefined): boolean {
  if (!(isRecord(point) && isRecord(point["attributes"]))) return false;
  if (!Object.values(point["attributes"]).every(isLabel)) return false;
  if ("value" in point) return isNumber(point["value"]);
  const { buckets } = point;
  const figures = ["count", "sum", "min", "max"].map((name) => point[name]);
  return (
    limits !== undefined && figures.every(isNumber) && isListOf(buckets, isNumber) && buckets.length === limits + 1
  );
}

function isMetric(metric: unknown): boolean {
  if (!(isRecord(metric) && isText(metric["name"]))) return false;
  const { boundaries, points } = metric;
  if (boundaries !== undefined && !isListOf(boundaries, isNumber)) return false;
  return isListOf(points, (point) => isPoint(point, boundaries?.length));
}

export function isProcessSnapshot(answer: unknown): answer is ProcessSnapshot {
  if (!(isRecord(answer) && isText(answer["id"]) && Number.isSafeInteger(answer["pid"]))) return false;
  return isTime(answer["since"]) && isTime(answer["at"]) && isListOf(answer["metrics"], isMetric);
}
