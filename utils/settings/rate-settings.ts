/** Owns the `rate_control` block: how many requests a second, for every service or for one. */
import { AdapterError } from "../errors/adapter-error";
import type { Rate, RateSettings } from "../types/rates";
import { foundText } from "./found-text";

interface RateSection {
  readonly requests_per_second: number;
  readonly burst: number;
}

/** The block, complete with defaults. */
export interface RateControlSection extends RateSection {
  readonly enabled: boolean;
  readonly max_wait: number;
  readonly services: Readonly<Record<string, unknown>>;
}

/** @returns `undefined` unless it is enabled. @throws AdapterError `INVALID_PROPERTIES` */
export function rateSettingsOf(section: RateControlSection): RateSettings | undefined {
  if (!section.enabled) return undefined;
  const services = Object.entries(section.services).map(([name, given]) => [name, rateOf(name, given)] as const);
  return {
    requestsPerSecond: section.requests_per_second,
    burst: section.burst,
    maxWaitMs: section.max_wait,
    services: Object.fromEntries(services),
  };
}

function rateOf(service: string, given: unknown): Rate {
  const { requests_per_second: rate, burst = Math.max(1, Number(rate)) } = (given ?? {}) as Partial<RateSection>;
  for (const [name, value, least] of [
    ["requests_per_second", rate, Number.MIN_VALUE],
    ["burst", burst, 1],
  ] as const) {
    if (typeof value === "number" && value >= least && value <= 100_000) continue;
    throw new AdapterError("INVALID_PROPERTIES", {
      property: `rate_control.services.${service}.${name}`,
      found: foundText(value),
      expected: name === "burst" ? "a number from 1" : "a number above 0",
    });
  }
  return { requestsPerSecond: rate as number, burst };
}
