/** Owns the vocabulary of identities: who signs a request, and how that is found out. */
import type { AwsCredentialIdentity } from "@smithy/types";

export type { AwsCredentialIdentity };

/** How a provider is asked for an identity: bounded by a signal, never by its own patience alone. */
export interface IdentityRequest {
  /** Aborts the wait when the caller's attempt is out of time. */
  readonly signal?: AbortSignal;
  /** The limit of the wait in milliseconds, named in the error when it passes. */
  readonly timeoutMs?: number;
}

/** A credential source: an async function that answers an identity. Its factory is called `from…`. */
export type AwsCredentialIdentityProvider = (request?: IdentityRequest) => Promise<AwsCredentialIdentity>;

/** What a client needs to act as somebody: the identity now, and a way to say that AWS no longer accepts it. */
export interface IdentityProvider {
  /** Resolves the identity, from the cache when it is still valid. */
  resolve(request?: IdentityRequest): Promise<AwsCredentialIdentity>;
  /** The identity that `resolve` would answer at once, so that a call need not wait for it; undefined when it has to be fetched. */
  current?(): AwsCredentialIdentity | undefined;
  /** Drops `identity` if it is still the cached one, so that the next `resolve` fetches anew. */
  invalidate(identity: AwsCredentialIdentity): void;
}
