/** Owns time as the system tells it. */
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../types/clock";

/** Not `performance.now`: the first mention of `performance` loads all that measures performance, a millisecond or two. */
function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw signal?.reason;
    }
  },
  schedule: (ms, task) => {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
