/** Owns what is made of snapshots: sums over series and processes, what came since the last look, quantiles. */
import type { MetricState } from "../metrics/metrics";
import type { HistogramPoint } from "../metrics/series";
import type { ProcessSnapshot } from "./process-snapshot";

/** Durations or counts of several series together. */
export interface Total {
  count: number;
  sum: number;
  max: number;
  buckets: number[];
}

export type Attributes = HistogramPoint["attributes"];

const none = (): Total => ({ count: 0, sum: 0, max: 0, buckets: [] });

export const metricOf = (snapshot: ProcessSnapshot | undefined, name: string): MetricState | undefined =>
  snapshot?.metrics.find((metric) => metric.name === name);

/**
 * @param name - of a metric
 * @param group - which total a series belongs to; `undefined` for none
 */
export function totals(
  snapshots: readonly (ProcessSnapshot | undefined)[],
  name: string,
  group: (attributes: Attributes) => string | undefined,
): Map<string, Total> {
  const found = new Map<string, Total>();
  for (const snapshot of snapshots) {
    for (const point of metricOf(snapshot, name)?.points ?? []) {
      const key = group(point.attributes);
      if (key === undefined) continue;
      const total = found.get(key) ?? none();
      found.set(key, total);
      if ("value" in point) {
        total.count += point.value;
        continue;
      }
      total.count += point.count;
      total.sum += point.sum;
      total.max = Math.max(total.max, point.max);
      total.buckets = point.buckets.map((count, at) => count + (total.buckets[at] ?? 0));
    }
  }
  return found;
}

/** What came in between two looks; a process that began anew counts from its beginning. */
export function since(before: Total | undefined, now: Total): Total {
  if (before === undefined || before.count > now.count) return now;
  const buckets = now.buckets.map((count, at) => count - (before.buckets[at] ?? 0));
  return { count: now.count - before.count, sum: now.sum - before.sum, max: now.max, buckets };
}

/**
 * @param share - 0.5 for the median
 * @param boundaries - upper bounds of the buckets
 * @returns seconds, to the accuracy of the buckets; `undefined` where nothing was measured
 */
export function quantile(share: number, { buckets, max }: Total, boundaries: readonly number[]): number | undefined {
  const count = buckets.reduce((sum, one) => sum + one, 0);
  if (count === 0) return undefined;
  let left = share * count;
  for (const [at, inBucket] of buckets.entries()) {
    if (left <= inBucket && inBucket > 0) {
      const lower = boundaries[at - 1] ?? 0;
      const upper = Math.max(lower, Math.min(boundaries[at] ?? max, max));
      return lower + (upper - lower) * (left / inBucket);
    }
    left -= inBucket;
  }
  return max;
}
