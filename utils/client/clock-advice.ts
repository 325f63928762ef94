/** Owns what an operator is told about a clock that is off: by how much, in which direction, and what to do. */

/** AWS accepts dates up to five minutes off; a Date header is whole seconds and was a while on its way. */
const LIMIT_MS = 4 * 60_000;

/** @param offsetMs - how far AWS's clock is ahead of ours, as far as known */
export function isClockOff(offsetMs: number | undefined): offsetMs is number {
  return offsetMs !== undefined && Math.abs(offsetMs) > LIMIT_MS;
}

/** @returns "61 min behind AWS's", "40 s ahead of AWS's" */
export function clockDifference(offsetMs: number): string {
  const away = Math.abs(offsetMs);
  const size = away < 120_000 ? `${Math.round(away / 1000)} s` : `${Math.round(away / 60_000)} min`;
  return `${size} ${offsetMs > 0 ? "behind" : "ahead of"} AWS's`;
}

/** @param offsetMs - how far AWS's clock is ahead of ours, as far as known */
export function clockAdvice(offsetMs: number | undefined): string {
  const found = isClockOff(offsetMs)
    ? `The clock of the platform server is ${clockDifference(offsetMs)}: set it`
    : "Set the clock of the platform server";
  return `${found} by NTP; AWS refuses dates that are five minutes off.`;
}
