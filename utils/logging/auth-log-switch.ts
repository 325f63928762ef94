/** Owns whether auth_logging is on, since when, and the reminders that it still is: one switch an adapter, whatever properties come and go. */
import type { Clock } from "../types/clock";
import type { Logger } from "../types/logger";

/** How often an operator is reminded, in milliseconds. */
export const REMINDER_MS: number = 30 * 60_000;

const inWords = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

export class AuthLogSwitch {
  #clock: Clock | undefined;
  #logger: Logger | undefined;
  #sinceMs: number | undefined;
  #cancelReminder: (() => void) | undefined;

  get enabled(): boolean {
    return this.#sinceMs !== undefined;
  }

  /**
   * Turns it on or off and says so in the log; on stays on, with the time it began.
   * @param logger - where this and all reminders go from now on
   */
  set(state: "on" | "off", logger: Logger, clock: Clock): void {
    this.#logger = logger;
    this.#clock = clock;
    if (state === "on" && this.#sinceMs === undefined) {
      this.#sinceMs = clock.now();
      logger.warn(
        "auth_logging is on: every request and answer is written to the log at debug, secrets masked; turn it off when the fault is found",
      );
      this.#remindLater();
    } else if (state === "off" && this.#sinceMs !== undefined) {
      logger.warn(`auth_logging is off, after ${this.#duration()}`);
      this.stop();
      this.#sinceMs = undefined;
    }
  }

  /** No further reminder: the adapter goes away. */
  stop(): void {
    this.#cancelReminder?.();
    this.#cancelReminder = undefined;
  }

  #duration(): string {
    return inWords((this.#clock?.now() ?? 0) - (this.#sinceMs ?? 0));
  }

  #remindLater(): void {
    this.#cancelReminder = this.#clock?.schedule(REMINDER_MS, () => {
      this.#logger?.warn(`auth_logging has been on for ${this.#duration()}: turn it off when the fault is found`);
      this.#remindLater();
    });
  }
}
