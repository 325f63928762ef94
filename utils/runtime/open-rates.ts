/** Owns the putting together of rate control: in this process, or in the Redis of the credential cache. */
import { IdentitySeal } from "../credentials/credential-store/sealed-identity";
import { rateControl, tryBuckets } from "../rates/rate-control";
import type { FileStoreSettings, RedisStoreSettings } from "../settings/settings";
import type { RateSettings, Rates } from "../types/rates";
import type { Secret } from "../types/secret";
import { openRedisLink } from "./open-redis-store";
import { systemClock } from "./system-clock";
import { systemRandomness } from "./system-randomness";

/**
 * @param store - of the credential cache; nodes share rates where that is in Redis
 * @throws AdapterError `INVALID_PROPERTIES` when a TLS file cannot be used
 */
export type OpenRates = (
  settings: RateSettings,
  store: FileStoreSettings | RedisStoreSettings | undefined,
  log: { readonly warn: (message: string) => void; readonly info: (message: string) => void },
) => Rates;

export const openRates: OpenRates = (settings, store, log) => {
  if (store?.type !== "redis") return rateControl(settings, systemClock);
  const { redis, namespace, keys } = store;
  const names = new IdentitySeal(keys[0] as Secret, `rates in Redis namespace ${namespace}`);
  const use = { instead: "each node controls its rates by itself", trial: tryBuckets };
  return rateControl(settings, systemClock, {
    link: openRedisLink(redis, namespace, use, { clock: systemClock, ...systemRandomness, ...log }),
    name: (bucket) => `${namespace}:rate:${names.name(bucket)}`,
  });
};
