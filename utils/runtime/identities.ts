/** Owns the identities of one adapter instance: one provider a chain, one cache behind them all. */
import { assumeRole } from "../credentials/assume-role";
import { digestOf } from "../credentials/chain-key";
import type { CredentialStore } from "../credentials/credential-store/credential-store";
import { fromRoleChain, type RoleChainDependencies } from "../credentials/from-role-chain";
import { type SourceFactory, sourceFactory } from "../credentials/from-source";
import { IdentityCache } from "../credentials/identity-cache";
import { addSecretsOf, type SecretKeeper } from "../credentials/secret-keeper";
import { StsCaller } from "../credentials/sts-caller";
import type { EdgeClient } from "../edge/edge-client";
import type { AuthLog } from "../logging/auth-log";
import type { Recorder } from "../metrics/metrics";
import { describeSource, describeStep } from "../settings/describe-role-chain";
import type { FileStoreSettings, RedisStoreSettings, Settings } from "../settings/settings";
import { BoundedMap } from "../types/bounded-map";
import type { Clock } from "../types/clock";
import type { GuardedFiles } from "../types/files";
import type { HttpHandler } from "../types/http";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, IdentityProvider } from "../types/identity";
import type { RoleChain, StsEndpoint } from "../types/role-chain";

/**
 * Opens what stands behind the memory of a cache.
 * @param warn - hears once that it cannot be used
 * @param info - hears that it can be used again
 * @throws AdapterError `INVALID_PROPERTIES` when a TLS file cannot be used
 */
export type OpenCredentialStore = (
  settings: FileStoreSettings | RedisStoreSettings,
  warn: (message: string) => void,
  info?: (message: string) => void,
) => CredentialStore;

export interface IdentitiesDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly files: GuardedFiles;
  readonly secrets: SecretKeeper;
  readonly authLog: AuthLog;
  readonly userAgent: string;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
  readonly sharedCaches: Map<string, IdentityCache>;
  readonly credentialStore?: OpenCredentialStore | undefined;
  readonly metadataHandler: () => HttpHandler;
  readonly edge: EdgeClient;
  readonly stsHandler: (endpoint: StsEndpoint) => HttpHandler;
  /** Limit of one fetch in milliseconds. */
  readonly timeoutMs: number;
  readonly metrics?: Recorder;
}

/** As STS tells it. */
export interface CallerIdentity {
  readonly arn: string;
  readonly accountId: string;
  /** Of the keys that asked; not secret. */
  readonly accessKeyId: string;
  readonly expiration?: Date;
}

/** Sources and global roles are few; task roles that lead on to others may be more. */
const MAX_BEGINNINGS = 1000;

export class Identities {
  readonly cache: IdentityCache;
  readonly #providers = new WeakMap<RoleChain, IdentityProvider>();
  readonly #caller: StsCaller;
  readonly #fromSource: SourceFactory;
  readonly #secrets: SecretKeeper;
  readonly #chains: RoleChainDependencies;
  readonly #timeoutMs: number;
  readonly #leave: () => void;

  constructor(settings: Settings, dependencies: IdentitiesDependencies) {
    const { clock, random, files, secrets, timeoutMs } = dependencies;
    this.#secrets = secrets;
    this.#timeoutMs = timeoutMs;
    const measured = dependencies.metrics === undefined ? {} : { metrics: dependencies.metrics };
    this.cache = cacheOf(settings, dependencies);
    this.#leave = this.cache.join();
    this.#caller = new StsCaller({
      ...{ clock, random, secrets, timeoutMs },
      userAgent: dependencies.userAgent,
      authLog: dependencies.authLog,
      httpHandlerFor: dependencies.stsHandler,
      ...measured,
    });
    // The metadata handler is made by the first request: most instances never need it.
    const httpHandler: HttpHandler = {
      handle: (request, options) => dependencies.metadataHandler().handle(request, options),
      destroy: () => undefined,
    };
    this.#fromSource = sourceFactory({
      ...{ httpHandler, files, clock, random, secrets, timeoutMs, caller: this.#caller },
      edge: dependencies.edge,
      userAgent: dependencies.userAgent,
      httpHandlerFor: dependencies.stsHandler,
      warn: dependencies.warn,
    });
    this.#chains = {
      cache: settings.credentialCache.name === undefined ? this.cache : maskedCache(this.cache, secrets),
      fromSource: (source, words) => this.#masked(this.#fromSource(source, words)),
      assumeRole: (base, step, words) => this.#masked(assumeRole(base, step, words, this.#caller)),
      beginnings: new BoundedMap(MAX_BEGINNINGS),
      ...measured,
    };
  }

  /** @returns the provider of a chain; the same one for the same object, so that no call hashes a chain again */
  provider(chain: RoleChain): IdentityProvider {
    let provider = this.#providers.get(chain);
    if (provider === undefined) {
      provider = fromRoleChain(chain, this.#chains);
      this.#providers.set(chain, provider);
    }
    return provider;
  }

  /** Ends the connections of the cache, unless another instance uses it. */
  close(): void {
    this.#leave();
    this.#caller.close();
  }

  /**
   * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
   * @throws AdapterError of the chain, or `CREDENTIAL_SOURCE_FAILED` with AWS's words when STS does not accept its end
   */
  async whoIs(chain: RoleChain, endpoint: StsEndpoint): Promise<CallerIdentity> {
    const request = { timeoutMs: this.#timeoutMs };
    const identity = await this.provider(chain).resolve(request);
    const step = chain.steps.at(-1);
    const answer = await this.#caller.call({
      operation: "GetCallerIdentity",
      failure: "CREDENTIAL_SOURCE_FAILED",
      words: step === undefined ? describeSource(chain.source) : describeStep(step),
      ...{ endpoint, identity, request, roleArn: step?.roleArn ?? "" },
      send: (client, { GetCallerIdentityCommand }) => client.send(new GetCallerIdentityCommand({})),
    });
    const { accessKeyId, expiration } = identity;
    const about = { arn: answer.Arn ?? "", accountId: answer.Account ?? "", accessKeyId };
    return expiration === undefined ? about : { ...about, expiration };
  }

  /** Whatever is obtained is masked before anybody can print it. */
  #masked(provider: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
    return async (request) => {
      const identity = await provider(request);
      addSecretsOf(identity, this.#secrets);
      return identity;
    };
  }
}

/** What another instance has fetched into the cache that both share is masked by this one, too. */
function maskedCache(cache: IdentityCache, secrets: SecretKeeper): RoleChainDependencies["cache"] {
  return {
    provider: (key, how) => {
      const provider = cache.provider(key, how);
      let known: AwsCredentialIdentity | undefined;
      const masked = (identity: AwsCredentialIdentity): AwsCredentialIdentity => {
        if (identity !== known) addSecretsOf(identity, secrets);
        known = identity;
        return identity;
      };
      return {
        resolve: async (request) => masked(await provider.resolve(request)),
        current: () => {
          const identity = provider.current?.();
          return identity && masked(identity);
        },
        invalidate: (identity) => provider.invalidate(identity),
      };
    },
  };
}

function cacheOf(settings: Settings, dependencies: IdentitiesDependencies): IdentityCache {
  const { clock, random, warn, timeoutMs, sharedCaches } = dependencies;
  const { name: given, maxChains, store } = settings.credentialCache;
  // Who names the same cache and means another store, or has another key to it, does not share it.
  const name = given === undefined || store === undefined ? given : `${given}\n${digestOf(store)}`;
  const shared = name === undefined ? undefined : sharedCaches.get(name);
  const cache =
    shared ??
    new IdentityCache({
      ...{ maxChains, clock, random, fetchTimeoutMs: timeoutMs, warn },
      ...storeOf(settings, dependencies),
    });
  if (name !== undefined) sharedCaches.set(name, cache);
  return cache;
}

/** What comes out of the store is masked like what was fetched. */
function storeOf(settings: Settings, dependencies: IdentitiesDependencies): { store?: CredentialStore } {
  const { secrets, warn, info, credentialStore } = dependencies;
  const given = settings.credentialCache.store;
  if (given === undefined || credentialStore === undefined) return {};
  const store = credentialStore(given, warn, info);
  const get: CredentialStore["get"] = async (key) => {
    const identity = await store.get(key);
    if (identity !== undefined) addSecretsOf(identity, secrets);
    return identity;
  };
  return { store: { ...store, get } };
}
