/** Owns the methods that every adapter of the platform has, with their names and parameters; what they do is in perform.ts. */

/** Runs what a method stands for; `given` are its own arguments, callback included. */
export type RunMethod<Adapter> = (adapter: Adapter, method: PlatformMethod, given: readonly unknown[]) => unknown;

// biome-ignore-start lint/correctness/noUnusedFunctionParameters: those who read a method's text read their names
// biome-ignore-start lint/complexity/noArguments: what counts is all that was given, and a rest parameter is one more name
const methods = <Adapter>(run: RunMethod<Adapter>) => ({
  awsRequest(
    this: Adapter,
    service?: unknown,
    operation?: unknown,
    params?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "awsRequest", [...arguments]);
  },
  awsRequestSTSRole(
    this: Adapter,
    service?: unknown,
    operation?: unknown,
    params?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "awsRequestSTSRole", [...arguments]);
  },
  genericAdapterRequest(
    this: Adapter,
    uriPath?: unknown,
    restMethod?: unknown,
    queryData?: unknown,
    requestBody?: unknown,
    addlHeaders?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "genericAdapterRequest", [...arguments]);
  },
  genericAdapterRequestSTSRole(
    this: Adapter,
    uriPath?: unknown,
    restMethod?: unknown,
    queryData?: unknown,
    requestBody?: unknown,
    addlHeaders?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "genericAdapterRequestSTSRole", [...arguments]);
  },
  genericAdapterRequestNoBasePath(
    this: Adapter,
    uriPath?: unknown,
    restMethod?: unknown,
    queryData?: unknown,
    requestBody?: unknown,
    addlHeaders?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "genericAdapterRequestNoBasePath", [...arguments]);
  },
  genericAdapterRequestNoBasePathSTSRole(
    this: Adapter,
    uriPath?: unknown,
    restMethod?: unknown,
    queryData?: unknown,
    requestBody?: unknown,
    addlHeaders?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "genericAdapterRequestNoBasePathSTSRole", [...arguments]);
  },
  iapExpandedGenericAdapterRequest(
    this: Adapter,
    metadata?: unknown,
    uriPath?: unknown,
    restMethod?: unknown,
    pathVars?: unknown,
    queryData?: unknown,
    requestBody?: unknown,
    addlHeaders?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "iapExpandedGenericAdapterRequest", [...arguments]);
  },
  iapExpandedGenericAdapterRequestSTSRole(
    this: Adapter,
    metadata?: unknown,
    uriPath?: unknown,
    restMethod?: unknown,
    pathVars?: unknown,
    queryData?: unknown,
    requestBody?: unknown,
    addlHeaders?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "iapExpandedGenericAdapterRequestSTSRole", [...arguments]);
  },
  iapUpdateAdapterConfiguration(
    this: Adapter,
    configFile?: unknown,
    changes?: unknown,
    entity?: unknown,
    type?: unknown,
    action?: unknown,
    replace?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "iapUpdateAdapterConfiguration", [...arguments]);
  },
  iapSuspendAdapter(this: Adapter, mode?: unknown, callback?: unknown): unknown {
    return run(this, "iapSuspendAdapter", [...arguments]);
  },
  iapUnsuspendAdapter(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapUnsuspendAdapter", [...arguments]);
  },
  iapGetAdapterQueue(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapGetAdapterQueue", [...arguments]);
  },
  iapGetAdapterMetrics(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapGetAdapterMetrics", [...arguments]);
  },
  iapFindAdapterPath(this: Adapter, apiPath?: unknown, callback?: unknown): unknown {
    return run(this, "iapFindAdapterPath", [...arguments]);
  },
  iapRunAdapterHealthcheck(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapRunAdapterHealthcheck", [...arguments]);
  },
  iapRunAdapterConnectivity(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapRunAdapterConnectivity", [...arguments]);
  },
  iapRunAdapterBasicGet(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapRunAdapterBasicGet", [...arguments]);
  },
  iapTestConnection(this: Adapter, params?: unknown, iapMetadata?: unknown, callback?: unknown): unknown {
    return run(this, "iapTestConnection", [...arguments]);
  },
  iapRunAdapterLint(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapRunAdapterLint", [...arguments]);
  },
  iapRunAdapterTests(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapRunAdapterTests", [...arguments]);
  },
  iapTroubleshootAdapter(this: Adapter, props?: unknown, persistFlag?: unknown, callback?: unknown): unknown {
    return run(this, "iapTroubleshootAdapter", [...arguments]);
  },
  iapMoveAdapterEntitiesToDB(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapMoveAdapterEntitiesToDB", [...arguments]);
  },
  iapActivateTasks(this: Adapter, tasks?: unknown, callback?: unknown): unknown {
    return run(this, "iapActivateTasks", [...arguments]);
  },
  iapDeactivateTasks(this: Adapter, tasks?: unknown, callback?: unknown): unknown {
    return run(this, "iapDeactivateTasks", [...arguments]);
  },
  iapPopulateEntityCache(this: Adapter, entityTypes?: unknown, callback?: unknown): unknown {
    return run(this, "iapPopulateEntityCache", [...arguments]);
  },
  iapRetrieveEntitiesCache(this: Adapter, entityType?: unknown, options?: unknown, callback?: unknown): unknown {
    return run(this, "iapRetrieveEntitiesCache", [...arguments]);
  },
  hasEntities(this: Adapter, entityType?: unknown, entityList?: unknown, callback?: unknown): unknown {
    return run(this, "hasEntities", [...arguments]);
  },
  iapGetAdapterInventory(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapGetAdapterInventory", [...arguments]);
  },
  getDevice(this: Adapter, deviceName?: unknown, callback?: unknown): unknown {
    return run(this, "getDevice", [...arguments]);
  },
  getDevicesFiltered(this: Adapter, options?: unknown, callback?: unknown): unknown {
    return run(this, "getDevicesFiltered", [...arguments]);
  },
  isAlive(this: Adapter, deviceName?: unknown, callback?: unknown): unknown {
    return run(this, "isAlive", [...arguments]);
  },
  getConfig(this: Adapter, deviceName?: unknown, format?: unknown, callback?: unknown): unknown {
    return run(this, "getConfig", [...arguments]);
  },
  iapGetDeviceCount(this: Adapter, callback?: unknown): unknown {
    return run(this, "iapGetDeviceCount", [...arguments]);
  },
  encryptProperty(this: Adapter, property?: unknown, technique?: unknown, callback?: unknown): unknown {
    return run(this, "encryptProperty", [...arguments]);
  },
  getSignedCallerIdentity(this: Adapter, params?: unknown, iapMetadata?: unknown, callback?: unknown): unknown {
    return run(this, "getSignedCallerIdentity", [...arguments]);
  },
  getSignedCallerIdentitySTSRole(
    this: Adapter,
    params?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "getSignedCallerIdentitySTSRole", [...arguments]);
  },
  edgeAuthenticate(this: Adapter, params?: unknown, iapMetadata?: unknown, callback?: unknown): unknown {
    return run(this, "edgeAuthenticate", [...arguments]);
  },
  edgeAuthenticateSTSRole(
    this: Adapter,
    params?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "edgeAuthenticateSTSRole", [...arguments]);
  },
  edgeGetCredentials(this: Adapter, params?: unknown, iapMetadata?: unknown, callback?: unknown): unknown {
    return run(this, "edgeGetCredentials", [...arguments]);
  },
  edgeGetCredentialsSTSRole(
    this: Adapter,
    params?: unknown,
    stsParams?: unknown,
    roleName?: unknown,
    iapMetadata?: unknown,
    callback?: unknown,
  ): unknown {
    return run(this, "edgeGetCredentialsSTSRole", [...arguments]);
  },
});
// biome-ignore-end lint/complexity/noArguments: see above
// biome-ignore-end lint/correctness/noUnusedFunctionParameters: see above

/** Name of one of these methods. */
export type PlatformMethod = keyof ReturnType<typeof methods>;

/** These methods as a caller sees them. */
export type PlatformMethods = {
  [Name in PlatformMethod]: OmitThisParameter<ReturnType<typeof methods<unknown>>[Name]>;
};

/**
 * Makes the methods, on an object of their own.
 * @param parent - its prototype
 */
export function bindPlatformMethods<Adapter extends object>(parent: object, run: RunMethod<Adapter>): object {
  const bound = Object.create(parent) as object;
  for (const [name, value] of Object.entries(methods<Adapter>(run))) {
    Object.defineProperty(bound, name, { value, writable: true, configurable: true, enumerable: false });
  }
  return bound;
}
