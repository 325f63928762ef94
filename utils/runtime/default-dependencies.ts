/** Owns the contact with the process: the only place that reads environment, clock, files and randomness. */
import { lookup } from "node:dns/promises";
import type { IdentityCache } from "../credentials/identity-cache";
import { AuthLogSwitch } from "../logging/auth-log-switch";
import { Metrics } from "../metrics/metrics";
import { lazy } from "../types/lazy";
import type { Logger } from "../types/logger";
import { adapterVersion } from "./adapter-version";
import type { Dependencies } from "./create-runtime";
import type { OpenCredentialStore } from "./identities";
import { metricsExposure } from "./metrics-exposure";
import { nodeFiles } from "./node-files";
import type { OpenRates } from "./open-rates";
import { openTelemetry } from "./open-telemetry";
import { systemClock } from "./system-clock";
import { systemRandomness } from "./system-randomness";

/** Instances find the cache they share by its name: a registry of the process is what sharing means. */
const sharedCaches = new Map<string, IdentityCache>();

/** Loaded by the few instances that keep sessions in files or in Redis. */
const openCredentialStore = lazy(
  () => (require("./open-credential-store") as typeof import("./open-credential-store")).openCredentialStore,
);
const credentialStore: OpenCredentialStore = (...given) => openCredentialStore()(...given);

/** Loaded by the few instances that control their rates. */
const ratesModule = lazy(() => require("./open-rates") as typeof import("./open-rates"));
const openRates: OpenRates = (...given) => ratesModule().openRates(...given);

/** As connections resolve a name: with the hosts file. @throws the system's error */
const addressesOf = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * @param adapterFolder - holds entities/ and package.json
 * @param logger - of the platform
 * @param id - of the service instance
 */
export function defaultDependencies(
  adapterFolder: string,
  logger: Logger,
  id = "adapter-aws",
): Dependencies & {
  readonly lookup: typeof addressesOf;
  readonly randomBytes: (size: number) => Buffer;
  readonly metrics: Metrics;
  readonly exposeMetrics: ReturnType<typeof metricsExposure>;
} {
  return {
    environment: { ...process.env },
    clock: systemClock,
    random: systemRandomness.random,
    randomBytes: systemRandomness.randomBytes,
    files: nodeFiles,
    logger,
    adapterFolder,
    sharedCaches,
    credentialStore,
    openRates,
    authLogSwitch: new AuthLogSwitch(),
    lookup: addressesOf,
    exposeMetrics: metricsExposure(),
    metrics: new Metrics(
      id,
      systemClock,
      openTelemetry(() => adapterVersion(adapterFolder, nodeFiles)),
    ),
  };
}
