/** Owns what is needed of OpenTelemetry, so that nothing of it is loaded before somebody listens. */
import type { Meter } from "@opentelemetry/api";

export type { Meter };

/** The process's OpenTelemetry, if there is any. */
export interface MeterSource {
  /** Whoever is registered now, to be compared with whoever was; asked with every measurement, so it must cost nothing. */
  registered(): unknown;
  /** The meter of whoever is registered. */
  meter(): Meter;
}
