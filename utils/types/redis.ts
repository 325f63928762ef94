/** Owns what a connection to Redis may be told, as plain data. */
import type { Secret } from "./secret";
import type { TlsSettings } from "./tls";

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** User and password, each where there is one. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: Secret;
}

/** One server, a master that Sentinels name, or a cluster: Redis from version 6, or Valkey. */
export type RedisTopology =
  | { readonly mode: "standalone"; readonly database: number }
  | {
      readonly mode: "sentinel";
      readonly masterName: string;
      readonly database: number;
      readonly sentinelLogin: RedisLogin;
    }
  | { readonly mode: "cluster" };

export interface RedisSettings {
  /** The server, the Sentinels, or some nodes of the cluster. */
  readonly nodes: readonly RedisNode[];
  readonly topology: RedisTopology;
  readonly login: RedisLogin;
  /** Without it, the connection is not encrypted. */
  readonly tls?: TlsSettings;
  /** Name in the server's certificate, where it is not the host's. */
  readonly tlsServerName?: string;
  /** Limit of one operation. */
  readonly operationTimeoutMs: number;
}
