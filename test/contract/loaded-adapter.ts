/** Owns the loading of dist/ the way a platform does it: pronghorn.json names the source and the class. */
import type { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lazy } from "../../utils/types/lazy";

export const distFolder = join(__dirname, "..", "..", "dist");

export interface PronghornMethod {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly input: readonly {
    readonly name: string;
    readonly type: string;
    readonly info: string;
    readonly required: boolean;
    readonly schema: Record<string, unknown>;
  }[];
  readonly output: { readonly name: string; readonly type: string; readonly schema: Record<string, unknown> };
  readonly roles: readonly string[];
  readonly route: { readonly verb: string; readonly path: string };
  readonly task: boolean;
}

export interface Pronghorn {
  readonly id: string;
  readonly type: string;
  readonly export: string;
  readonly title: string;
  readonly src: string;
  readonly roles: readonly string[];
  readonly methods: readonly PronghornMethod[];
}

export type Method = (...given: unknown[]) => unknown;
export type LoadedAdapter = EventEmitter & Readonly<Record<string, unknown>>;
export type AdapterClass = (new (
  id: unknown,
  properties: unknown,
  overrides?: unknown,
) => LoadedAdapter) & {
  readonly name: string;
};

/** The file of dist/, parsed. */
export function distJson<T>(name: string): T {
  const path = join(distFolder, name);
  if (!existsSync(path)) throw new Error("dist/ is not built: npm run build");
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

export const pronghorn = lazy(() => distJson<Pronghorn>("pronghorn.json"));

/** @returns what the platform requires */
export const adapterClass = lazy(() => require(join(distFolder, pronghorn().src)) as AdapterClass);

/** Functions that only the platform calls: they are in no pronghorn.json. */
export const platformFunctions = [
  "checkActionFiles",
  "checkProperties",
  "encryptProperty",
  "connect",
  "getAllFunctions",
  "healthCheck",
  "iapGetAdapterWorkflowFunctions",
  "refreshProperties",
];

/** Methods that every adapter of the platform has, as the platform expects them, and ours of the same kind. */
export const platformMethods = [
  "getSignedCallerIdentity",
  "getSignedCallerIdentitySTSRole",
  "edgeAuthenticate",
  "edgeAuthenticateSTSRole",
  "edgeGetCredentials",
  "edgeGetCredentialsSTSRole",
  "awsRequest",
  "awsRequestSTSRole",
  "genericAdapterRequest",
  "genericAdapterRequestNoBasePath",
  "genericAdapterRequestNoBasePathSTSRole",
  "genericAdapterRequestSTSRole",
  "getConfig",
  "getDevice",
  "getDevicesFiltered",
  "hasEntities",
  "iapActivateTasks",
  "iapDeactivateTasks",
  "iapExpandedGenericAdapterRequest",
  "iapExpandedGenericAdapterRequestSTSRole",
  "iapFindAdapterPath",
  "iapGetAdapterInventory",
  "iapGetAdapterMetrics",
  "iapGetAdapterQueue",
  "iapGetDeviceCount",
  "iapMoveAdapterEntitiesToDB",
  "iapPopulateEntityCache",
  "iapRetrieveEntitiesCache",
  "iapRunAdapterBasicGet",
  "iapRunAdapterConnectivity",
  "iapRunAdapterHealthcheck",
  "iapRunAdapterLint",
  "iapRunAdapterTests",
  "iapSuspendAdapter",
  "iapTestConnection",
  "iapTroubleshootAdapter",
  "iapUnsuspendAdapter",
  "iapUpdateAdapterConfiguration",
  "isAlive",
  ...["Get", "Upsert", "Delete", "List", "Query"].flatMap((operation) => [
    `s3Connection${operation}`,
    `s3Connection${operation}STSRole`,
  ]),
];

/** Overrides that keep a test from the process's environment and from the log. */
export const quiet = {
  environment: {},
  logger: {
    spam: () => {},
    trace: () => {},
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: () => {},
    isEnabled: () => false,
  },
};

export const keys = {
  aws_access_key: "AKIAIOSFODNN7EXAMPLE",
  aws_secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** Properties that are right, and reach nothing by themselves. */
export const properties = {
  region: "us-east-1",
  authentication: { auth_method: "aws_authentication", ...keys },
  healthcheck: { type: "none" },
};
