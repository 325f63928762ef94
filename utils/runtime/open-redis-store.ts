/** Owns the putting together of a connection to Redis and of the credential store behind it. */
import type { ConnectionOptions } from "node:tls";
import type { CredentialStore } from "../credentials/credential-store/credential-store";
import { redisStore, tryStore } from "../credentials/credential-store/redis-store";
import { readTlsOptions } from "../http/tls-options";
import { connectRedis } from "../redis/connect-redis";
import type { RedisClient } from "../redis/redis-client";
import { OPENING_SHARE, RedisLink } from "../redis/redis-link";
import type { RedisStoreSettings } from "../settings/settings";
import type { Clock } from "../types/clock";
import type { RedisSettings } from "../types/redis";
import { nodeFiles } from "./node-files";

export interface OpenRedisDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
}

/** @throws AdapterError `INVALID_PROPERTIES` when a TLS file cannot be used */
export function openRedisStore(
  { redis, namespace, keys }: RedisStoreSettings,
  dependencies: OpenRedisDependencies,
): CredentialStore {
  const use = { instead: "role sessions are kept in memory only", trial: tryStore };
  const link = openRedisLink(redis, namespace, use, dependencies);
  return redisStore({ namespace, keys }, { ...dependencies, link });
}

/** What a connection is for. */
interface LinkUse {
  /** What is done without Redis, for the warning. */
  readonly instead: string;
  /** Tries all that the work needs, under a key that nobody else uses. */
  readonly trial: (client: RedisClient, name: string) => Promise<unknown>;
}

/**
 * Nothing is connected before the first use.
 * @throws AdapterError `INVALID_PROPERTIES` when a TLS file cannot be used
 */
export function openRedisLink(
  settings: RedisSettings,
  namespace: string,
  { instead, trial }: LinkUse,
  { clock, randomBytes, warn, info }: OpenRedisDependencies,
): RedisLink {
  const { operationTimeoutMs, nodes } = settings;
  return new RedisLink({
    connect: connectRedis(settings, tlsOf(settings), operationTimeoutMs * OPENING_SHARE),
    ...{ clock, operationTimeoutMs, instead, warn, info },
    trial: (client) => trial(client, `${namespace}:trial:${randomBytes(9).toString("base64url")}`),
    words: `credential_cache: Redis at ${nodes.map(({ host, port }) => `${host}:${port}`).join(", ")}`,
  });
}

function tlsOf({ tls, tlsServerName }: RedisSettings): ConnectionOptions | undefined {
  if (tls === undefined) return undefined;
  const { secureContext, rejectUnauthorized } = readTlsOptions(tls, nodeFiles, "credential_cache.tls");
  const servername = tlsServerName === undefined ? {} : { servername: tlsServerName };
  return { secureContext: secureContext(), rejectUnauthorized, ...servername };
}
