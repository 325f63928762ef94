/** Owns the wait for an identity: it ends with the attempt it belongs to, whatever the provider does. */
import { AdapterError, toAdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { AwsCredentialIdentity, IdentityProvider, IdentityRequest } from "../types/identity";

export interface IdentityWait {
  readonly clock: Clock;
  /** What is left of the attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** Whose credentials, in words. */
  readonly waitedFor: string;
  readonly signal?: AbortSignal;
}

/** @throws AdapterError of the provider, or `TIMEOUT`; none of them is repeated by the client */
export function resolveIdentity(provider: IdentityProvider, wait: IdentityWait): Promise<AwsCredentialIdentity> {
  const { clock, timeoutMs, waitedFor } = wait;
  return new Promise((resolve, reject) => {
    const request = new LazySignalRequest(timeoutMs, wait.signal);
    const cancel = clock.schedule(timeoutMs, () => {
      const error = new AdapterError("TIMEOUT", { waitedFor, limitMs: Math.round(timeoutMs), phase: "before-request" });
      request.abort(error);
      reject(error);
    });
    provider.resolve(request).then(
      (identity) => {
        cancel();
        resolve(identity);
      },
      (cause) => {
        cancel();
        reject(toAdapterError(cause));
      },
    );
  });
}

/** Nearly every identity comes out of a cache, so the signal is made only for a provider that looks at it. */
class LazySignalRequest implements IdentityRequest {
  readonly timeoutMs: number;
  readonly #outer: AbortSignal | undefined;
  #controller: AbortController | undefined;

  constructor(timeoutMs: number, outer: AbortSignal | undefined) {
    this.timeoutMs = timeoutMs;
    this.#outer = outer;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    const { signal } = this.#controller;
    return this.#outer === undefined ? signal : AbortSignal.any([this.#outer, signal]);
  }

  abort(reason: AdapterError): void {
    this.#controller?.abort(reason);
  }
}
