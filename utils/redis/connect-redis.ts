/** Owns the connection to Redis as ioredis makes it: one server, Sentinel or cluster, loaded only where it is configured. */
import type { ConnectionOptions } from "node:tls";
import type { Cluster, Redis } from "ioredis";
import { lazy } from "../types/lazy";
import type { RedisLogin, RedisNode, RedisSettings } from "../types/redis";
import type { ConnectRedis, RedisClient } from "./redis-client";

const ioredis = lazy(() => require("ioredis") as typeof import("ioredis"));

const CLIENT_NAME = "adapter-aws";

/**
 * @param tls - made of `settings.tls`, where that is set
 * @param limitMs - of the opening of one connection
 */
export function connectRedis(
  settings: RedisSettings,
  tls: ConnectionOptions | undefined,
  limitMs: number,
): ConnectRedis {
  let failures = 0;
  return (ended) => {
    const redis = open({ ...settings, nodes: beginningWith(failures, settings.nodes) }, tls, limitMs);
    failures += 1;
    // Without a listener ioredis prints; the last error says more than the "Connection is closed" that follows it.
    let reason: Error | undefined;
    redis.on("error", (error: Error) => {
      reason = (error as { lastNodeError?: Error }).lastNodeError ?? error;
    });
    redis.once("end", ended);
    const ready = redis.connect().then(
      () => {
        failures = 0;
        return clientOf(redis);
      },
      (error: Error) => {
        throw reason ?? error;
      },
    );
    return { ready, cancel: () => redis.disconnect() };
  };
}

/** The next attempt begins with the next node: those that hang take all the time that one has. */
function beginningWith(turn: number, nodes: readonly RedisNode[]): readonly RedisNode[] {
  const at = turn % nodes.length;
  return [...nodes.slice(at), ...nodes.slice(0, at)];
}

function open(settings: RedisSettings, tls: ConnectionOptions | undefined, limitMs: number): Redis | Cluster {
  const { Redis, Cluster } = ioredis();
  const { topology } = settings;
  const [first] = settings.nodes;
  // Where there are several, one that hangs leaves the time to ask another.
  const stepMs = settings.nodes.length > 1 ? limitMs / 2 : limitMs;
  const options = {
    ...loginOf(settings.login),
    ...(tls === undefined ? {} : { tls }),
    connectionName: CLIENT_NAME,
    connectTimeout: stepMs,
    // One end of a connection is one end: when it is tried again is decided in one place, and never by a timer.
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    lazyConnect: true,
    // Each needs a permission that the work does not.
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    replyMapping: "legacy",
  } as const;
  if (topology.mode === "cluster") {
    const cluster = new Cluster([...settings.nodes], {
      redisOptions: options,
      clusterRetryStrategy: () => null,
      enableOfflineQueue: false,
      lazyConnect: true,
      slotsRefreshTimeout: stepMs,
      // A certificate is made out for the name, not for the address behind it.
      ...(tls === undefined ? {} : { dnsLookup: (host, answer) => answer(null, host) }),
    });
    cluster.on("+node", quiet);
    return cluster;
  }
  if (topology.mode === "standalone") {
    return quiet(new Redis({ ...options, host: first?.host ?? "", port: first?.port ?? 0, db: topology.database }));
  }
  const { username, password } = loginOf(topology.sentinelLogin);
  return quiet(
    new Redis({
      ...options,
      sentinels: [...settings.nodes],
      name: topology.masterName,
      db: topology.database,
      ...(username === undefined ? {} : { sentinelUsername: username }),
      ...(password === undefined ? {} : { sentinelPassword: password }),
      ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
      sentinelRetryStrategy: () => null,
      sentinelCommandTimeout: stepMs,
      updateSentinels: false,
    }),
  );
}

/** An idle connection is no reason for a process to go on. */
function quiet(redis: Redis): Redis {
  redis.on("connect", () => redis.stream.unref());
  return redis;
}

const loginOf = ({ username, password }: RedisLogin): { username?: string; password?: string } => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password: password.reveal() }),
});

function clientOf(redis: Redis | Cluster): RedisClient {
  return {
    get: async (name) => (await redis.getBuffer(name)) ?? undefined,
    set: async (name, value, livesMs) => {
      await redis.set(name, value, "PX", livesMs);
    },
    claim: async (name, value, livesMs) => (await redis.set(name, value, "PX", livesMs, "NX")) === "OK",
    remove: async (name) => {
      await redis.del(name);
    },
    run: async ({ text, sha1 }, name, values) => {
      try {
        return await redis.evalsha(sha1, 1, name, ...values);
      } catch (error) {
        if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
        return redis.eval(text, 1, name, ...values);
      }
    },
    close: () => redis.disconnect(),
  };
}
