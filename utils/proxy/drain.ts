/** Owns the reading of what a client still sends after it was answered: it would not see an answer that a reset overtakes. */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../types/clock";

/** Longer than any client needs to notice an answer. */
export const DRAIN_LIMIT_MS = 30_000;

/** Throws the rest of a body away. Resolves when it has ended, the client is gone, or after half a minute. */
export function drained(request: IncomingMessage, clock: Clock): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      request.off("end", end).off("close", end).off("error", end);
      if (!request.complete) request.destroy();
      resolve();
    };
    const cancel = clock.schedule(DRAIN_LIMIT_MS, end);
    request.on("end", end).on("close", end).on("error", end);
    request.resume();
  });
}
