/** Owns what may stand behind the memory of the identity cache: a place that several processes and later runs share. */
import type { AwsCredentialIdentity } from "../../types/identity";

/** Share of its time after which a waiter fetches for itself, so that a holder that hangs does not make it fail. */
export const WAIT_SHARE: number = 1 / 2;

/** How long somebody else's fetch is waited for. */
export interface LockWait {
  /** All the time that the one who asks has, in milliseconds: for the wait and for a fetch of its own. */
  readonly timeoutMs?: number;
  /** Asked while the lock is another's; true ends the wait without a lock. */
  readonly arrived?: () => Promise<boolean>;
}

/**
 * A store saves calls, it decides nothing: where it cannot be read it holds nothing, and where it cannot be written
 * nothing is kept. It tells an operator so, and no call fails of it.
 */
export interface CredentialStore {
  /**
   * @param key - see `chainKeys`
   * @returns the identity kept under that key, expired or not
   */
  get(key: string): Promise<AwsCredentialIdentity | undefined>;
  /** @param expiresMs - epoch milliseconds after which the identity may be forgotten */
  set(key: string, identity: AwsCredentialIdentity, expiresMs: number): Promise<void>;
  /** Forgets what is kept under that key, if it is still `identity`. */
  remove(key: string, identity: AwsCredentialIdentity): Promise<void>;
  /**
   * Waits until nobody else fetches that identity, until whoever did is seen to be gone, or for `WAIT_SHARE` of the time.
   * @returns what ends the lock; to be called once, whatever happens
   * @throws the signal's reason when it aborts
   */
  lock(key: string, signal?: AbortSignal, wait?: LockWait): Promise<() => Promise<void>>;
  /** Takes back a `close`. */
  open?(): void;
  /** Ends connections, where there are any. */
  close?(): void;
}

/** Whether two identities are the same session. */
export const isSameIdentity = (one: AwsCredentialIdentity, other: AwsCredentialIdentity): boolean =>
  one === other || (one.accessKeyId === other.accessKeyId && one.sessionToken === other.sessionToken);
