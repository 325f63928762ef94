/** Owns the putting together of a connection to Redis and of the credential store behind it. */
import type { ConnectionOptions } from "node:tls";
import type { CredentialStore } from "../credentials/credential-store/credential-store";
import { redisStore } from "../credentials/credential-store/redis-store";
import { readTlsOptions } from "../http/tls-options";
import { connectRedis } from "../redis/connect-redis";
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
  const link = openRedisLink(redis, namespace, "role sessions are kept in memory only", dependencies);
  return redisStore({ namespace, keys }, { ...dependencies, link });
}

/**
 * Nothing is connected before the first use.
 * @param instead - what is done without Redis, for the warning
 * @throws AdapterError `INVALID_PROPERTIES` when a TLS file cannot be used
 */
export function openRedisLink(
  settings: RedisSettings,
  namespace: string,
  instead: string,
  { clock, randomBytes, warn, info }: OpenRedisDependencies,
): RedisLink {
  const { operationTimeoutMs, nodes } = settings;
  return new RedisLink({
    connect: connectRedis(settings, tlsOf(settings), operationTimeoutMs * OPENING_SHARE),
    ...{ clock, operationTimeoutMs, instead, warn, info },
    trialName: () => `${namespace}:trial:${randomBytes(9).toString("base64url")}`,
    words: `credential_cache: Redis at ${nodes.map(({ host, port }) => `${host}:${port}`).join(", ")}`,
  });
}

function tlsOf({ tls, tlsServerName }: RedisSettings): ConnectionOptions | undefined {
  if (tls === undefined) return undefined;
  const { secureContext, rejectUnauthorized } = readTlsOptions(tls, nodeFiles, "credential_cache.tls");
  const servername = tlsServerName === undefined ? {} : { servername: tlsServerName };
  return { secureContext: secureContext(), rejectUnauthorized, ...servername };
}
