/** Owns the execution of a role chain: a source, then one AssumeRole after the other, each kept under its own key. */
import type { Recorder } from "../metrics/metrics";
import { describeRoleChain, describeStep } from "../settings/describe-role-chain";
import type { AwsCredentialIdentityProvider, IdentityProvider } from "../types/identity";
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../types/role-chain";
import { chainKeys } from "./chain-key";
import type { IdentityCache } from "./identity-cache";

export interface RoleChainDependencies {
  readonly cache: IdentityCache;
  /** Makes the provider of a source. */
  readonly fromSource: (source: CredentialSource, words: string) => AwsCredentialIdentityProvider;
  /** Makes the provider of a role that the identity of `base` assumes. */
  readonly assumeRole: (base: IdentityProvider, step: AssumeRoleStep, words: string) => AwsCredentialIdentityProvider;
  /** Of the instance that uses the chain, also where instances share a cache. */
  readonly metrics?: Recorder;
}

/** Sessions that AWS opens for a token or a certificate. Keys need no keeping, and what is near by renews itself. */
const STORED_SOURCES: ReadonlySet<CredentialSource["type"]> = new Set(["webIdentity", "rolesAnywhere", "aembit"]);

/**
 * Nothing is fetched before the first `resolve`. A hundred chains that begin alike share what they have in common.
 * @param chain - the plan
 * @returns the provider of the identity at its end
 */
export function fromRoleChain(chain: RoleChain, dependencies: RoleChainDependencies): IdentityProvider {
  const { cache, fromSource, assumeRole, metrics } = dependencies;
  const measured = metrics === undefined ? {} : { metrics };
  const keys = chainKeys(chain);
  const sourceWords = describeRoleChain(chain).source;
  let provider = cache.provider(keys[0] as string, {
    fetch: fromSource(chain.source, sourceWords),
    words: sourceWords,
    source: chain.source.type,
    ...measured,
    earlyRefresh: "background",
    kept: STORED_SOURCES.has(chain.source.type) ? "store" : "memory",
  });
  chain.steps.forEach((step, index) => {
    const words = `step ${index + 1} of ${chain.steps.length}, ${describeStep(step)}`;
    const base = provider;
    provider = cache.provider(keys[index + 1] as string, {
      fetch: assumeRole(base, step, words),
      words,
      source: "assumeRole",
      ...measured,
      // A one-time code opens one session only.
      earlyRefresh: step.tokenCode === undefined ? "background" : "never",
      kept: "store",
    });
    if (step.skipWhenAttached === true) provider = droppedTogether(provider, base);
  });
  return provider;
}

/** Where no AssumeRole was needed, one identity is kept at both ends of the step: AWS refuses both with the one. */
function droppedTogether(step: IdentityProvider, base: IdentityProvider): IdentityProvider {
  return {
    ...step,
    invalidate: (identity) => {
      step.invalidate(identity);
      base.invalidate(identity);
    },
  };
}
