/** Owns the contact with the process's OpenTelemetry: who is registered, and the meter that we are given. */
import type { MeterSource } from "../metrics/meter-source";
import { lazy } from "../types/lazy";

/** 10 ms of a cold start: loaded when somebody has registered. */
const api = lazy(() => require("@opentelemetry/api") as typeof import("@opentelemetry/api"));

/** Where every 1.x of the API leaves what is registered; without anything here, the API itself would answer its no-op. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

const registry = globalThis as { [REGISTRY]?: { readonly metrics?: unknown } };

/** @param version - answers that of the adapter, when somebody listens */
export const openTelemetry = (version: () => string): MeterSource => ({
  registered: () => registry[REGISTRY]?.metrics,
  meter: () => api().metrics.getMeter("adapter-aws", version()),
});
