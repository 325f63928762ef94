/** Owns how long to wait before an attempt is repeated. */

/** As `@smithy/core/retry`: the base of failures that pass by themselves, and of refusals for the rate. */
const TRANSIENT_BASE_MS = 50;
const THROTTLING_BASE_MS = 500;
export const LONGEST_DELAY_MS = 20_000;

/**
 * Exponential backoff with full jitter; what the answer asks for is waited for, up to the longest delay.
 * @param retry - 0 for the first repetition
 * @param random - answers 0 to 1
 * @param retryAfterMs - what the answer asked for
 * @returns milliseconds
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function retryDelayMs(
  kind: "throttling" | "transient",
  retry: number,
  random: () => number,
  retryAfterMs: number | undefined,
): number {
  const base = kind === "throttling" ? THROTTLING_BASE_MS : TRANSIENT_BASE_MS;
  const backoff = Math.floor(random() * Math.min(LONGEST_DELAY_MS, base * 2 ** retry));
  return Math.max(backoff, Math.min(LONGEST_DELAY_MS, retryAfterMs ?? 0));
}

/**
 * @param headers - names in lower case
 * @param nowMs - epoch milliseconds
 * @returns `x-amz-retry-after` (milliseconds) or `retry-after` (seconds or a date), in milliseconds from now
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const milliseconds = Number(headers["x-amz-retry-after"] ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const text = headers["retry-after"]?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
