/** Owns the wait for an identity: it ends with the attempt it belongs to, whatever the provider does. */
import { AdapterError, toAdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { AwsCredentialIdentity, IdentityProvider } from "../types/identity";

export interface IdentityWait {
  readonly clock: Clock;
  /** What is left of the attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Whose credentials, in words. */
  readonly waitedFor: string;
  readonly signal?: AbortSignal;
}

/** @throws AdapterError of the provider, or `TIMEOUT`; none of them is repeated by the client */
export async function resolveIdentity(provider: IdentityProvider, wait: IdentityWait): Promise<AwsCredentialIdentity> {
  const { clock, timeoutMs, waitedFor, signal } = wait;
  const controller = new AbortController();
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(timeoutMs, () => {
      const error = new AdapterError("TIMEOUT", { waitedFor, limitMs: Math.round(timeoutMs), phase: "before-request" });
      controller.abort(error);
      reject(error);
    });
  });
  const both = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
  try {
    return await Promise.race([provider.resolve({ signal: both, timeoutMs }), late]);
  } catch (cause) {
    throw toAdapterError(cause);
  } finally {
    cancel();
  }
}
