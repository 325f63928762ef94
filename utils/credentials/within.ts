/** Owns the bounding of a wait: the work goes on for others, but this caller has its answer in time, and work can be told to stop. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { IdentityRequest } from "../types/identity";

/**
 * @param work - shared, not stopped by the end of this wait
 * @param request - signal and limit in milliseconds of this caller
 * @param waitedFor - words for the error
 * @throws AdapterError `TIMEOUT` or `ABORTED`, or what the work throws
 */
export function within<T>(work: Promise<T>, request: IdentityRequest, clock: Clock, waitedFor: string): Promise<T> {
  const { signal, timeoutMs } = request;
  if (signal === undefined && timeoutMs === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      reject(
        new AdapterError("ABORTED", { waitedFor, reason: "the caller stopped waiting" }, { cause: signal?.reason }),
      );
    };
    if (signal?.aborted === true) {
      // Nobody else may be listening to the work.
      work.catch(() => undefined);
      stop();
      return;
    }
    signal?.addEventListener("abort", stop, { once: true });
    const cancel =
      timeoutMs === undefined
        ? undefined
        : clock.schedule(timeoutMs, () => {
            reject(new AdapterError("TIMEOUT", { waitedFor, limitMs: Math.round(timeoutMs) }));
          });
    const settled = (): void => {
      cancel?.();
      signal?.removeEventListener("abort", stop);
    };
    work.then(
      (value) => {
        settled();
        resolve(value);
      },
      (error: unknown) => {
        settled();
        reject(error as Error);
      },
    );
  });
}

/**
 * A signal that is made for whoever asks. Most work bounds itself and never asks, and a signal is dear: V8 moves it to the
 * old generation, and what was fetched with it follows.
 */
export function lazyAbort(): { signal(): AbortSignal; abort(reason: unknown): void } {
  let controller: AbortController | undefined;
  let ended: { readonly reason: unknown } | undefined;
  return {
    signal: () => {
      if (controller === undefined) {
        controller = new AbortController();
        if (ended !== undefined) controller.abort(ended.reason);
      }
      return controller.signal;
    },
    abort: (reason) => {
      ended = { reason };
      controller?.abort(reason);
    },
  };
}
