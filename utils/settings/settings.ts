/** Owns the form of the settings: what a service instance says, complete, checked, with units in the names. */

import type { StsParams } from "../types/call";
import type { ForwardProxy } from "../types/proxy";
import type { RateSettings } from "../types/rates";
import type { RedisSettings } from "../types/redis";
import type {
  AembitSource,
  ProfileSource,
  RolesAnywhereSource,
  StaticSource,
  StsEndpoint,
  WebIdentitySource,
} from "../types/role-chain";
import type { Secret } from "../types/secret";
import type { TlsSettings } from "../types/tls";

/** Where calls go. */
export interface EndpointSettings {
  /** Without it, a call needs `callProperties.region` or a service of the whole partition. */
  readonly region?: string;
  /** Without it, the endpoint rules of the service decide. */
  readonly host?: string;
  readonly port?: number;
  readonly protocol: "http" | "https";
  /** Empty, or starting with `/` and not ending with it. */
  readonly basePath: string;
  /** `host` applies to this service only, when set. */
  readonly service?: string;
  readonly useFips: boolean;
  readonly useDualstack: boolean;
  readonly s3AddressingStyle: "auto" | "path" | "virtual";
}

/** Limits of one call, and what is merged into every one. */
export interface RequestSettings {
  /** Identity, connection and answer of one attempt together. */
  readonly attemptTimeoutMs: number;
  /** Attempts after the first. */
  readonly maxRetries: number;
  /** Redirects followed in one attempt. */
  readonly maxRedirects: number;
  /** HTTP statuses retried besides those that AWS names: single ones and ranges, both ends included. */
  readonly retriedStatuses: readonly { readonly from: number; readonly to: number }[];
  /** HTTP statuses at which the platform may try another adapter. */
  readonly failoverStatuses: readonly { readonly from: number; readonly to: number }[];
  readonly healthcheckOnTimeout: boolean;
  readonly returnRaw: boolean;
  readonly returnRequest: boolean;
  readonly globalHeaders: Readonly<Record<string, string>>;
  readonly globalQuery: Readonly<Record<string, string>>;
  readonly globalPayload: Readonly<Record<string, unknown>>;
}

export interface ThrottleSettings {
  readonly enabled: boolean;
  readonly platformServers: number;
  /** 0 = as many as there are sockets. */
  readonly maxConcurrent: number;
  readonly maxInQueue: number;
  /** 0 = no limit. */
  readonly expireTimeoutMs: number;
  readonly averageRuntimeMs: number;
  readonly priorities: readonly { readonly value: number; readonly percent: number }[];
}

export interface HealthcheckSettings {
  readonly type: "none" | "startup" | "intermittent";
  readonly frequencyMs: number;
}

/** Keys, a token, a certificate or a profile of the service instance itself. Without one, the environment and then the instance are asked. */
export type ConfiguredSource = StaticSource | WebIdentitySource | RolesAnywhereSource | ProfileSource | AembitSource;

/** An entry of `credential_providers`: an identity that a call, or a client of the signing proxy, chooses. */
export interface CredentialProvider {
  readonly name: string;
  /** The access key id that chooses it at the signing proxy, in upper case. */
  readonly accessKeyIdSelector?: string;
  /** Without one, the provider starts as the service instance itself does. */
  readonly source?: ConfiguredSource;
  /** Assumed in the place of the global role. */
  readonly role?: StsParams & { readonly RoleArn: string };
}

/** Encrypted files behind the memory, shared by processes and by consecutive runs. */
export interface FileStoreSettings {
  readonly type: "file";
  readonly folder: string;
  /** The first writes, all read. */
  readonly keys: readonly Secret[];
}

/** Sealed entries in Redis behind the memory, shared by all nodes that have namespace and key. */
export interface RedisStoreSettings {
  readonly type: "redis";
  readonly redis: RedisSettings;
  readonly namespace: string;
  /** The first writes, all read. They never go to Redis. */
  readonly keys: readonly Secret[];
}

export interface CredentialCacheSettings {
  /** Instances that give the same name share one cache. */
  readonly name?: string;
  readonly maxChains: number;
  /** What stands behind the memory; nothing, for `type: "memory"`. */
  readonly store?: FileStoreSettings | RedisStoreSettings;
}

export interface DeviceBrokerSettings {
  readonly stsParams: Readonly<Record<string, unknown>>;
  readonly roleName: string;
  readonly region: string;
}

/** An entity type, and the call that lists its entities. */
export interface CachedEntitySettings {
  readonly entityType: string;
  readonly service: string;
  readonly operation: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Members of the output on the way to the list, with dots between them: `Reservations.Instances`. */
  readonly path: string;
  /** Member of an entity that is its name. */
  readonly name: string;
}

export interface Settings {
  /** Id of the adapter, as the platform gave it. */
  readonly id: string;
  readonly endpoint: EndpointSettings;
  readonly request: RequestSettings;
  readonly throttle: ThrottleSettings;
  readonly rates?: RateSettings;
  readonly healthcheck: HealthcheckSettings;
  readonly credentialSource?: ConfiguredSource;
  readonly credentialProviders: readonly CredentialProvider[];
  /** `aws_iam_role`: the role that every call acts as, or passes through. */
  readonly globalRole?: string;
  readonly sts: StsEndpoint;
  /** Sent with every AssumeRole unless the task gives its own. */
  readonly externalId?: string;
  readonly credentialCache: CredentialCacheSettings;
  /** Of the calls; that of STS is in `sts`. */
  readonly proxy?: ForwardProxy;
  readonly tls?: TlsSettings;
  /** How the s3Connection methods repeat a request. */
  readonly s3Retry: "standard" | "connector";
  readonly fileAccess?: { readonly root: string };
  readonly authLogging: boolean;
  /** Names of further fields to mask. */
  readonly sensitiveNames: readonly string[];
  readonly stub: boolean;
  /** Where `adapter-aws top` finds a socket of each process. */
  readonly metricsFolder?: string;
  readonly saveMetric: boolean | string;
  /** Who lists the devices, and where; empty = the service instance itself. */
  readonly deviceBroker: DeviceBrokerSettings;
  readonly cachedEntities: readonly CachedEntitySettings[];
  /** What looks wrong and yet was accepted; for the log, once, at connect. */
  readonly warnings: readonly string[];
}
