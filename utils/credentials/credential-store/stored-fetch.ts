/** Owns the fetching of an identity that others may be fetching too: look, lock, look again, fetch, keep. */
import type { Clock } from "../../types/clock";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, IdentityRequest } from "../../types/identity";
import { isOfInstance } from "../attached-role";
import type { CredentialStore } from "./credential-store";

/**
 * @param key - of the identity
 * @param fetch - used by one process at a time
 * @param accept - whether a kept identity will do: still valid, and not the one that is to be replaced
 * @throws what `fetch` throws; a failure is not kept, and the next in line tries for itself
 */
export async function storedFetch(
  store: CredentialStore,
  key: string,
  fetch: AwsCredentialIdentityProvider,
  accept: (identity: AwsCredentialIdentity) => boolean,
  request: IdentityRequest,
  clock: Clock,
): Promise<AwsCredentialIdentity> {
  const startedMs = clock.monotonic();
  const found = await store.get(key);
  if (found !== undefined && accept(found)) return found;
  const { timeoutMs } = request;
  const meanwhile: { identity?: AwsCredentialIdentity } = {};
  const arrived = async (): Promise<boolean> => {
    const kept = await store.get(key);
    if (kept !== undefined && accept(kept)) meanwhile.identity = kept;
    return meanwhile.identity !== undefined;
  };
  const wait = timeoutMs === undefined ? { arrived } : { arrived, timeoutMs };
  const release = await store.lock(key, request.signal, wait);
  try {
    if (meanwhile.identity === undefined) await arrived();
    if (meanwhile.identity !== undefined) return meanwhile.identity;
    const left = timeoutMs === undefined ? undefined : Math.max(1, timeoutMs - (clock.monotonic() - startedMs));
    const identity = await fetch(left === undefined ? request : { ...request, timeoutMs: left });
    // Credentials of instance metadata are that machine's, which has them at hand.
    if (identity.expiration !== undefined && !isOfInstance(identity))
      await store.set(key, identity, identity.expiration.getTime());
    return identity;
  } finally {
    await release();
  }
}
