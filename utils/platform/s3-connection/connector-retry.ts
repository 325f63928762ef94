/** Owns the retry rules of `s3.retry: "connector"`: six tries at fixed times, where the standard would have given up. */
import { AdapterError } from "../../errors/adapter-error";
import type { Clock } from "../../types/clock";

/** Before each try. */
const WAITS_MS = [0, 10_000, 30_000, 60_000, 120_000, 300_000];

/** Requests that were not answered are repeated as those that were answered with 5xx. */
const ON_THE_WAY: ReadonlySet<string> = new Set(["TIMEOUT", "CONNECTION_FAILED"]);

/**
 * @param send - one try, of a request that may be sent twice
 * @throws AdapterError of the last try; of the first, where another one would end the same way
 */
export async function connectorRetry<T>(clock: Clock, send: () => Promise<T>): Promise<T> {
  for (const [index, waitMs] of WAITS_MS.entries()) {
    if (waitMs > 0) await clock.sleep(waitMs);
    try {
      return await send();
    } catch (thrown) {
      if (index === WAITS_MS.length - 1 || !mayPass(thrown)) throw thrown;
    }
  }
  throw new Error("unreachable: the last try returns or throws");
}

function mayPass(thrown: unknown): boolean {
  if (!(thrown instanceof AdapterError)) return false;
  // An identity that cannot be had has its own rules, and has been through them.
  if (thrown.step !== undefined) return false;
  return ON_THE_WAY.has(thrown.code) || (thrown.statusCode ?? 0) >= 500;
}
