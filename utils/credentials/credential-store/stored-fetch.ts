/** Owns the fetching of an identity that others may be fetching too: look, lock, look again, fetch, keep. */
import type { Clock } from "../../types/clock";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, IdentityRequest } from "../../types/identity";
import { isOfInstance } from "../attached-role";
import type { CredentialStore } from "./credential-store";

/** A store that takes longer than this share of the time is slower than a fetch: it is not waited for any more. */
const STORE_SHARE = 1 / 3;
/** Waiting for whoever fetches ends by itself before that. */
const LOCK_SHARE = 2 / 3;

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
  const { timeoutMs } = request;
  const startedMs = clock.monotonic();
  const left = (): number | undefined =>
    timeoutMs === undefined ? undefined : Math.max(1, timeoutMs - (clock.monotonic() - startedMs));
  const find = async (): Promise<AwsCredentialIdentity | undefined> => {
    const kept = await store.get(key);
    return kept !== undefined && accept(kept) ? kept : undefined;
  };
  const timed = (): IdentityRequest =>
    timeoutMs === undefined ? request : { ...request, timeoutMs: left() as number };

  const first = await unlessLate(find(), share(timeoutMs, STORE_SHARE), clock);
  if (first === "late") return fetch(timed());
  if (first !== undefined) return first;
  const meanwhile: { identity?: AwsCredentialIdentity } = {};
  const arrived = async (): Promise<boolean> => {
    const kept = await find();
    if (kept !== undefined) meanwhile.identity = kept;
    return kept !== undefined;
  };
  const remaining = left();
  const locked = store.lock(
    key,
    request.signal,
    remaining === undefined ? { arrived } : { arrived, timeoutMs: remaining },
  );
  const release = await unlessLate(locked, share(remaining, LOCK_SHARE), clock);
  // A lock that comes after all is nobody's.
  if (release === "late") void locked.then((end) => end()).catch(() => undefined);
  let keeping = Promise.resolve();
  try {
    if (meanwhile.identity === undefined && release !== "late")
      await unlessLate(arrived(), share(left(), STORE_SHARE), clock);
    if (meanwhile.identity !== undefined) return meanwhile.identity;
    const identity = await fetch(timed());
    // Credentials of instance metadata are that machine's, which has them at hand.
    if (identity.expiration !== undefined && !isOfInstance(identity))
      keeping = store.set(key, identity, identity.expiration.getTime());
    return identity;
  } finally {
    const ended = keeping.then(() => (release === "late" ? undefined : release()));
    await unlessLate(ended, share(left(), STORE_SHARE), clock);
  }
}

const share = (ms: number | undefined, part: number): number | undefined => (ms === undefined ? undefined : ms * part);

/**
 * What is late goes on by itself.
 * The limit runs in halves: after a stall of this process the answer may be there and only not read yet.
 */
async function unlessLate<T>(work: Promise<T>, limitMs: number | undefined, clock: Clock): Promise<T | "late"> {
  if (limitMs === undefined) return work;
  let cancel = (): void => {};
  const late = new Promise<"late">((resolve) => {
    cancel = clock.schedule(limitMs / 2, () => {
      cancel = clock.schedule(limitMs / 2, () => resolve("late"));
    });
  });
  return Promise.race([work, late]).finally(() => cancel());
}
