/** Owns the execution of a role chain: a source, then one AssumeRole after the other, each kept under its own key. */
import type { Recorder } from "../metrics/metrics";
import { describeRoleChain, describeStep } from "../settings/describe-role-chain";
import type { BoundedMap } from "../types/bounded-map";
import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  IdentityProvider,
  IdentityRequest,
} from "../types/identity";
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../types/role-chain";
import { chainKeys } from "./chain-key";
import type { IdentityCache, IdentityFetch } from "./identity-cache";

export interface RoleChainDependencies {
  readonly cache: Pick<IdentityCache, "provider">;
  /** Makes the provider of a source. */
  readonly fromSource: (source: CredentialSource, words: string) => AwsCredentialIdentityProvider;
  /** Makes the provider of a role that the identity of `base` assumes. */
  readonly assumeRole: (base: IdentityProvider, step: AssumeRoleStep, words: string) => AwsCredentialIdentityProvider;
  /** Of the instance that uses the chain, also where instances share a cache. */
  readonly metrics?: Recorder;
  /** Providers that more than one chain begins with, by key and words; of one instance, whose dependencies they hold. */
  readonly beginnings?: BoundedMap<IdentityProvider>;
}

/** Sessions that AWS opens for a token or a certificate. Keys need no keeping, and what is near by renews itself. */
const STORED_SOURCES: ReadonlySet<CredentialSource["type"]> = new Set(["webIdentity", "rolesAnywhere", "aembit"]);

/**
 * Nothing is fetched before the first `resolve`. A hundred chains that begin alike share what they have in common.
 * @param chain - the plan
 * @returns the provider of the identity at its end
 */
export function fromRoleChain(chain: RoleChain, dependencies: RoleChainDependencies): IdentityProvider {
  const keys = chainKeys(chain);
  const { length } = chain.steps;
  let provider: IdentityProvider | undefined;
  for (let taken = 0; taken < length; taken += 1) {
    const name = `${keys[taken]} ${wordsOf(chain, taken)}`;
    const known = dependencies.beginnings?.get(name);
    provider = known ?? after(chain, taken, keys, provider, dependencies);
    if (known === undefined) dependencies.beginnings?.set(name, provider);
  }
  return after(chain, length, keys, provider, dependencies);
}

/** @returns the provider of the identity after so many steps, of which `base` is the one before */
function after(
  chain: RoleChain,
  taken: number,
  keys: readonly string[],
  base: IdentityProvider | undefined,
  dependencies: RoleChainDependencies,
): IdentityProvider {
  const { cache } = dependencies;
  const key = keys[taken] as string;
  if (base === undefined) return cache.provider(key, sourceFetch(chain, dependencies));
  const provider = cache.provider(key, new StepFetch(chain, taken - 1, base, dependencies));
  return chain.steps[taken - 1]?.skipWhenAttached === true ? droppedTogether(provider, base) : provider;
}

/** @returns what the identity after so many steps is called in errors and logs */
function wordsOf(chain: RoleChain, taken: number): string {
  const step = chain.steps[taken - 1];
  if (step === undefined) return describeRoleChain(chain).source;
  return `step ${taken} of ${chain.steps.length}, ${describeStep(step)}`;
}

function sourceFetch(chain: RoleChain, { fromSource, metrics }: RoleChainDependencies): IdentityFetch {
  const { source } = chain;
  const words = wordsOf(chain, 0);
  return {
    fetch: fromSource(source, words),
    words,
    source: source.type,
    metrics,
    earlyRefresh: "background",
    kept: STORED_SOURCES.has(source.type) ? "store" : "memory",
  };
}

/** One for each role that is kept: it holds the little that the next fetch needs, and makes the rest then. */
class StepFetch implements IdentityFetch {
  readonly #chain: RoleChain;
  readonly #index: number;
  readonly #base: IdentityProvider;
  readonly #dependencies: RoleChainDependencies;

  constructor(chain: RoleChain, index: number, base: IdentityProvider, dependencies: RoleChainDependencies) {
    this.#chain = chain;
    this.#index = index;
    this.#base = base;
    this.#dependencies = dependencies;
  }

  get #step(): AssumeRoleStep {
    return this.#chain.steps[this.#index] as AssumeRoleStep;
  }

  fetch(request?: IdentityRequest): Promise<AwsCredentialIdentity> {
    return this.#dependencies.assumeRole(this.#base, this.#step, this.words)(request);
  }

  get words(): string {
    return wordsOf(this.#chain, this.#index + 1);
  }

  get source(): string {
    return "assumeRole";
  }

  get metrics(): Recorder | undefined {
    return this.#dependencies.metrics;
  }

  /** A one-time code opens one session only. */
  get earlyRefresh(): "background" | "never" {
    return this.#step.tokenCode === undefined ? "background" : "never";
  }

  get kept(): "store" {
    return "store";
  }
}

/** Where no AssumeRole was needed, one identity is kept at both ends of the step: AWS refuses both with the one. */
function droppedTogether(step: IdentityProvider, base: IdentityProvider): IdentityProvider {
  return {
    resolve: (request) => step.resolve(request),
    current: () => step.current?.(),
    invalidate: (identity) => {
      step.invalidate(identity);
      base.invalidate(identity);
    },
  };
}
