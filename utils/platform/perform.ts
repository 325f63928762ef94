/** Owns the table of what each of the platform's methods does. */
import { AdapterError } from "../errors/adapter-error";
import { encodedValue } from "../settings/encoded-values";
import { lazy } from "../types/lazy";
import type { Performance } from "./adapter-parts";
import type { PlatformMethod } from "./bind-platform-methods";
import { getConfig, getDevice, getDeviceCount, getDevicesFiltered, isAlive } from "./device-broker";
import { localEnvelope } from "./envelope";
import { federationCall } from "./federation-request";
import { expandedCall, genericCall } from "./generic-request";
import { identityCheck } from "./identity-check";
import { hasEntities, populateEntityCache, retrieveEntitiesCache } from "./list-entities";
import { anyOperationCall, textArgument } from "./read-arguments";
import type { SuspendMode } from "./suspension";
import { testConnectionCall } from "./test-connection";

/** Loaded when somebody looks for a fault. */
const troubleshooting = lazy(
  () => require("./troubleshoot/troubleshoot-adapter") as typeof import("./troubleshoot/troubleshoot-adapter"),
);
/** Seldom called, and not worth a cold start's time. */
const connectivity = lazy(() => require("./connectivity") as typeof import("./connectivity"));
const selfTest = lazy(() => require("./self-test") as typeof import("./self-test"));
const installation = lazy(() => require("./installation") as typeof import("./installation"));
const configuration = lazy(() => require("./update-configuration") as typeof import("./update-configuration"));
const taskFlags = lazy(() => require("./task-flags") as typeof import("./task-flags"));

/** @see bind-platform-methods.ts for the names of the values */
export const performances: Readonly<Record<PlatformMethod, Performance>> = {
  awsRequest: (parts, values) => parts.call(() => anyOperationCall("plain", values)),
  awsRequestSTSRole: (parts, values) => parts.call(() => anyOperationCall("STSRole", values)),
  genericAdapterRequest: (parts, values) => parts.call(() => genericCall(values, "plain", "prepend")),
  genericAdapterRequestSTSRole: (parts, values) => parts.call(() => genericCall(values, "STSRole", "prepend")),
  genericAdapterRequestNoBasePath: (parts, values) => parts.call(() => genericCall(values, "plain", "omit")),
  genericAdapterRequestNoBasePathSTSRole: (parts, values) => parts.call(() => genericCall(values, "STSRole", "omit")),
  iapExpandedGenericAdapterRequest: (parts, values) => parts.call(() => expandedCall(values, "plain")),
  iapExpandedGenericAdapterRequestSTSRole: (parts, values) => parts.call(() => expandedCall(values, "STSRole")),
  getSignedCallerIdentity: (parts, values) => parts.call(() => federationCall("callerIdentity", "plain", values)),
  getSignedCallerIdentitySTSRole: (parts, values) =>
    parts.call(() => federationCall("callerIdentity", "STSRole", values)),
  edgeAuthenticate: (parts, values) => parts.call(() => federationCall("edgeToken", "plain", values)),
  edgeAuthenticateSTSRole: (parts, values) => parts.call(() => federationCall("edgeToken", "STSRole", values)),
  edgeGetCredentials: (parts, values) => parts.call(() => federationCall("edgeCredentials", "plain", values)),
  edgeGetCredentialsSTSRole: (parts, values) => parts.call(() => federationCall("edgeCredentials", "STSRole", values)),
  iapSuspendAdapter: async ({ instance }, [mode]) => {
    const wanted = suspendMode(mode);
    instance.suspension.suspend(wanted);
    return localEnvelope({ suspended: true, mode: wanted });
  },
  iapUnsuspendAdapter: async ({ instance }) => {
    const released = instance.suspension.waiting;
    instance.suspension.resume();
    return localEnvelope({ suspended: false, released });
  },
  iapGetAdapterMetrics: async ({ metrics }) => localEnvelope(metrics.snapshot()),
  iapGetAdapterQueue: async ({ instance }) => localEnvelope(instance.queueState()),
  iapRunAdapterHealthcheck: async ({ health }) => localEnvelope({ healthy: await health.run() }),
  iapRunAdapterBasicGet: (parts) => parts.call(() => identityCheck(parts.instance.settings)),
  iapTestConnection: (parts, values) => parts.call(() => testConnectionCall(values)),
  iapTroubleshootAdapter: (parts, values) => troubleshooting().troubleshootAdapter(parts, values),
  iapRunAdapterConnectivity: (parts, values) => connectivity().runConnectivity(parts, values),
  iapRunAdapterTests: (parts, values) => selfTest().runSelfTest(parts, values),
  iapRunAdapterLint: (parts, values) => installation().runLint(parts, values),
  iapGetAdapterInventory: (parts, values) => installation().inventory(parts, values),
  iapFindAdapterPath: (parts, values) => installation().findPath(parts, values),
  iapUpdateAdapterConfiguration: (parts, values) => configuration().updateConfiguration(parts, values),
  iapActivateTasks: (parts, values) => taskFlags().setTaskFlags(true)(parts, values),
  iapDeactivateTasks: (parts, values) => taskFlags().setTaskFlags(false)(parts, values),
  iapPopulateEntityCache: populateEntityCache,
  iapRetrieveEntitiesCache: retrieveEntitiesCache,
  hasEntities,
  getDevice,
  getDevicesFiltered,
  isAlive,
  getConfig,
  iapGetDeviceCount: getDeviceCount,
  encryptProperty: async (parts, [property, technique]) => {
    const value = textArgument("property", property) ?? "";
    return localEnvelope(encodedValue(value, textArgument("technique", technique) ?? "", parts));
  },
  iapMoveAdapterEntitiesToDB: async () => {
    throw new AdapterError("NO_DATABASE", {});
  },
};

function suspendMode(mode: unknown): SuspendMode {
  const text = textArgument("mode", mode) ?? "pause";
  if (text === "pause" || text === "error") return text;
  throw new AdapterError("INVALID_INPUT", {
    parameter: "mode",
    found: JSON.stringify(text),
    expected: "pause or error",
    documentation: "pause lets calls wait, error refuses them.",
  });
}
