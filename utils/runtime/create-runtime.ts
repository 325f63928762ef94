/** Owns the putting together of an adapter instance: the only place where the parts meet, and they meet anew for each instance. */
import { join } from "node:path";
import type { Readable } from "node:stream";
import { AwsClient, type SendOptions } from "../client/aws-client";
import type { LinkedFiles } from "../client/file-access";
import { userAgent } from "../client/user-agent";
import type { IdentityCache } from "../credentials/identity-cache";
import { EdgeClient } from "../edge/edge-client";
import type { FederationRequest } from "../edge/edge-types";
import { createHttpHandler } from "../http/http-handler";
import { AuthLog } from "../logging/auth-log";
import { AuthLogSwitch } from "../logging/auth-log-switch";
import { Masker } from "../logging/masker";
import { maskedLogger } from "../logging/platform-logger";
import type { Recorder } from "../metrics/metrics";
import { ModelCatalog } from "../models/model-catalog";
import { describeRoleChain } from "../settings/describe-role-chain";
import type { RoleRequest } from "../settings/plan-role-chain";
import type { Settings } from "../settings/settings";
import { HttpSigner } from "../signing/http-signer";
import type { CallMetrics, CallResult, IapMetadata, RawRequest } from "../types/call";
import type { Clock } from "../types/clock";
import type { Environment } from "../types/environment";
import type { Files, GuardedFiles, ReplaceableFiles } from "../types/files";
import type { HttpHandler } from "../types/http";
import type { IdentityProvider } from "../types/identity";
import type { Logger } from "../types/logger";
import type { RoleChain, StsEndpoint } from "../types/role-chain";
import { adapterVersion } from "./adapter-version";
import { Federation } from "./federation";
import { type CallerIdentity, Identities, type OpenCredentialStore } from "./identities";
import type { OpenRates } from "./open-rates";
import { RolePlanner } from "./role-planner";
import { secretsIn } from "./secrets-in";

/** Everything from outside: the process, the machine, the platform. */
export interface Dependencies {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly files: ReplaceableFiles & LinkedFiles & GuardedFiles;
  readonly logger: Logger;
  /** Holds entities/ and package.json. */
  readonly adapterFolder: string;
  /** The caches that instances share by the name of their `credential_cache`. */
  readonly sharedCaches: Map<string, IdentityCache>;
  /** For `credential_cache.type: "file"` and `"redis"`; without it there is memory only. */
  readonly credentialStore?: OpenCredentialStore;
  /** For `rate_control`; without it rates are not controlled. */
  readonly openRates?: OpenRates;
  /** Outlives the runtimes of one adapter, so that new properties do not forget since when auth_logging is on. */
  readonly authLogSwitch?: AuthLogSwitch;
  /** Outlives the runtimes of one adapter, too; without it nothing is measured. */
  readonly metrics?: Recorder;
}

/** What a call says about itself, besides its operation and input. */
export interface CallOptions extends RoleRequest {
  /** `sts`: on the connections of AssumeRole, through a proxy or load balancer of its own. */
  readonly way?: "sts";
  readonly metadata?: IapMetadata | undefined;
  /** Shared by all log entries of the call; made here when it is not given. */
  readonly callId?: string;
  readonly queueMs?: number | undefined;
  readonly metrics?: CallMetrics | undefined;
  /** Replaces `request.number_retries`. */
  readonly maxRetries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One adapter instance at work. */
export interface Runtime {
  readonly settings: Settings;
  readonly models: ModelCatalog;
  readonly client: AwsClient;
  readonly masker: Masker;
  /** @throws AdapterError, see `planRoleChain` */
  plan(request: RoleRequest): RoleChain;
  /** Equal chains share what is known of their identities. */
  identity(chain: RoleChain): IdentityProvider;
  /** Plans, resolves, signs and sends. @throws AdapterError */
  call(service: string, operation: string, input: unknown, options: CallOptions): Promise<CallResult>;
  /** The same for a request in HTTP's own terms. @throws AdapterError */
  callRaw(request: RawRequest, options: CallOptions): Promise<CallResult>;
  /** Opens bytes that are sent in pieces. @throws AdapterError `INVALID_INPUT`, `FILE_REFUSED` */
  openBody(value: unknown, parameter: string): Uint8Array | Readable;
  /** Proves who it acts as, or asks the Edge API with that proof. @throws AdapterError */
  federate(request: FederationRequest, options: CallOptions): Promise<CallResult>;
  setAuthLogging(on: boolean): void;
  /** Who STS says the identity at the end of `chain` is: GetCallerIdentity, on the way that AssumeRole takes. */
  whoIs(chain: RoleChain): Promise<CallerIdentity>;
  /** The connections to STS: through its own proxy or load balancer, where it has one. */
  stsHandler(): HttpHandler;
  /** Closes idle connections; calls after it fail. */
  close(): void;
}

/** Enough for any sensible number of calls at once, and few enough for the host. */
const DEFAULT_MAX_SOCKETS = 64;
const METADATA_MAX_SOCKETS = 2;
/** A little less than the attempt: the error of the step arrives before that of the attempt, which knows no step. */
const IDENTITY_SHARE = 0.95;
/** Credentials are not used in their last minute, and an attempt with them is over within its limit: twice that, and never less than this. */
const SHORTEST_EXPIRED_MS = 60_000;

/**
 * @param settings - of the service instance
 * @param dependencies - of the process
 * @throws AdapterError `INVALID_PROPERTIES` when a TLS file cannot be used
 */
export function createRuntime(settings: Settings, dependencies: Dependencies): Runtime {
  const { environment, clock, random, files, adapterFolder } = dependencies;
  const measured = dependencies.metrics === undefined ? {} : { metrics: dependencies.metrics };
  const masker = new Masker(settings.sensitiveNames, {
    clock,
    expiredForMs: Math.max(SHORTEST_EXPIRED_MS, 2 * settings.request.attemptTimeoutMs),
  });
  for (const secret of secretsIn(settings)) masker.addSecret(secret);
  const logger = maskedLogger(dependencies.logger, masker);
  const handlers = new Handlers(settings, { files, clock });
  const agent = userAgent(adapterVersion(adapterFolder, files), process.versions.node);
  const models = new ModelCatalog(join(adapterFolder, "entities"), files);
  const authLogSwitch = dependencies.authLogSwitch ?? new AuthLogSwitch();
  const authLog = new AuthLog(dependencies.logger, masker, clock, authLogSwitch, describeRoleChain);
  authLog.setEnabled(settings.authLogging);
  const say = {
    warn: (message: string) => logger.warn(message),
    info: (message: string) => logger.info(message),
  };
  const rates = settings.rates && dependencies.openRates?.(settings.rates, settings.credentialCache.store, say);
  const client = new AwsClient({
    rates,
    models,
    httpHandler: handlers.service,
    signer: new HttpSigner(),
    clock,
    random,
    authLog,
    masker,
    describe: describeRoleChain,
    endpoint: settings.endpoint,
    request: settings.request,
    userAgent: agent,
    progress: (text) => logger.info(text),
    fileAccess: { root: settings.fileAccess?.root, files },
    ...measured,
  });
  const identityTimeoutMs = settings.request.attemptTimeoutMs * IDENTITY_SHARE;
  const edge = new EdgeClient({
    ...{ clock, random, secrets: masker, userAgent: agent, timeoutMs: identityTimeoutMs },
    httpHandlerFor: (endpoint) => handlers.sts(endpoint),
  });
  const planner = new RolePlanner(settings, environment, masker);
  const identities = new Identities(settings, {
    clock,
    random,
    files,
    secrets: masker,
    authLog,
    userAgent: agent,
    warn: (message) => logger.warn(message),
    info: (message) => logger.info(message),
    sharedCaches: dependencies.sharedCaches,
    credentialStore: dependencies.credentialStore,
    metadataHandler: () => handlers.metadata(),
    edge,
    stsHandler: (endpoint) => handlers.sts(endpoint),
    timeoutMs: identityTimeoutMs,
    ...measured,
  });
  const federation = new Federation({
    ...{ settings, clock, edge, timeoutMs: identityTimeoutMs },
    plan: (request) => planner.plan(request),
    identity: (chain) => identities.provider(chain),
  });
  const calls = `${Math.floor(random() * 36 ** 6).toString(36)}-`;
  let count = 0;
  // Written out, and not spread: this runs for every call.
  const sendOptions = (options: CallOptions): SendOptions => {
    const chain = planner.plan(options);
    const { metadata, queueMs, metrics, maxRetries, signal, way, callId } = options;
    count += 1;
    return {
      identity: { chain, provider: identities.provider(chain) },
      callId: callId ?? calls + count,
      metadata,
      queueMs,
      metrics,
      maxRetries,
      signal,
      httpHandler: way === "sts" ? handlers.sts(settings.sts) : undefined,
    };
  };
  const planned = (options: CallOptions, send: (options: SendOptions) => Promise<CallResult>): Promise<CallResult> => {
    try {
      return send(sendOptions(options));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  };
  return {
    settings,
    models,
    client,
    masker,
    plan: (request) => planner.plan(request),
    identity: (chain) => identities.provider(chain),
    call: (service, operation, input, options) =>
      planned(options, (planned) => client.send(service, operation, input, planned)),
    federate: (request, options) => federation.answer(request, options, options.metrics),
    callRaw: (request, options) => planned(options, (planned) => client.sendRaw(request, planned)),
    openBody: (value, parameter) => client.openBody(value, parameter),
    setAuthLogging: (on) => authLog.setEnabled(on),
    whoIs: (chain) => identities.whoIs(chain, settings.sts),
    stsHandler: () => handlers.sts(settings.sts),
    close: () => {
      identities.close();
      rates?.close();
      handlers.destroy();
    },
  };
}

/** The connections of one instance: to services, to STS where its way is another one, and to metadata near by. */
class Handlers {
  readonly service: HttpHandler;
  readonly #sts = new Map<StsEndpoint, HttpHandler>();
  #metadata: HttpHandler | undefined;

  constructor(
    readonly settings: Settings,
    readonly dependencies: { readonly files: Files; readonly clock: Clock },
  ) {
    this.service = createHttpHandler(this.#way(settings), dependencies);
  }

  #way({ proxy, tls }: Pick<StsEndpoint, "proxy" | "tls">): Parameters<typeof createHttpHandler>[0] {
    const { enabled, maxConcurrent } = this.settings.throttle;
    return {
      maxSockets: enabled && maxConcurrent > 0 ? maxConcurrent : DEFAULT_MAX_SOCKETS,
      ...(proxy === undefined ? {} : { proxy }),
      ...(tls === undefined ? {} : { tls }),
    };
  }

  sts(endpoint: StsEndpoint): HttpHandler {
    if (endpoint.proxy === this.settings.proxy && endpoint.tls === this.settings.tls) return this.service;
    let handler = this.#sts.get(endpoint);
    if (handler === undefined) {
      handler = createHttpHandler(this.#way(endpoint), this.dependencies);
      this.#sts.set(endpoint, handler);
    }
    return handler;
  }

  /** Never through a proxy: the address is local to the instance or the container. */
  metadata(): HttpHandler {
    this.#metadata ??= createHttpHandler({ maxSockets: METADATA_MAX_SOCKETS }, this.dependencies);
    return this.#metadata;
  }

  destroy(): void {
    this.service.destroy();
    this.#metadata?.destroy();
    for (const handler of this.#sts.values()) handler.destroy();
  }
}
