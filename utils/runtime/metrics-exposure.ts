/** Owns whether an adapter's metrics can be read from outside of its process, as its present properties say. */
import { lazy } from "../types/lazy";
import type { MetricsSocket } from "./metrics-socket";

/** Loaded by the instances that have `metrics.socket_folder`. */
const sockets = lazy(() => require("./metrics-socket") as typeof import("./metrics-socket"));

/** What is exposed, where (`undefined`: nowhere), and who hears that it cannot be. */
export interface Exposed {
  readonly folder: string | undefined;
  readonly id: string;
  readonly snapshot: () => unknown;
  readonly warn: (message: string) => void;
}

/** @returns a function that is told whenever the properties may have changed; it never rejects */
export function metricsExposure(): (exposed: Exposed) => Promise<void> {
  let folder: string | undefined;
  let opened: Promise<MetricsSocket | undefined> = Promise.resolve(undefined);
  return async ({ folder: wanted, warn, ...exposed }) => {
    if (wanted === folder) return;
    folder = wanted;
    const before = opened;
    const open = async (): Promise<MetricsSocket | undefined> => {
      (await before)?.close();
      if (wanted === undefined) return undefined;
      try {
        return await sockets().openMetricsSocket({ folder: wanted, ...exposed });
      } catch (reason) {
        warn(`metrics.socket_folder cannot be used: ${(reason as Error).message}`);
        return undefined;
      }
    };
    opened = open();
    await opened;
  };
}
