/** Owns what the platform is told about the adapter's health: the events, their order, and when the check runs. */
import type { Clock } from "../types/clock";
import type { Logger } from "../types/logger";

export type HealthEvent = "ONLINE" | "OFFLINE" | "DEGRADED" | "FIXED";
export type HealthcheckType = "none" | "startup" | "intermittent";

export interface HealthSubject {
  readonly clock: Clock;
  readonly logger: Logger;
  emit(event: HealthEvent): void;
  /** Resolves when the adapter can do its work; rejects with the reason when it cannot. */
  check(): Promise<void>;
}

/**
 * Events: OFFLINE at the first connect, then ONLINE without a check, or FIXED and ONLINE once the check passes; OFFLINE and DEGRADED
 * when a healthy adapter fails it.
 */
export class Health {
  alive = false;
  healthy = false;
  readonly #subject: HealthSubject;
  #hasFailed = false;
  #running: Promise<boolean> | undefined;
  /** Counts the properties that were in use: what a check found out about other ones says nothing about these. */
  #generation = 0;
  #cancelNext: (() => void) | undefined;

  constructor(subject: HealthSubject) {
    this.#subject = subject;
  }

  /**
   * Connects. Connecting again is asking again: an adapter that works goes on working, and is said to be ONLINE once more,
   * since whoever connects waits for that.
   * @param type - when the check runs
   * @param frequencyMs - of the intermittent check
   * @returns when the first check is done
   */
  async connect(type: HealthcheckType, frequencyMs: number): Promise<void> {
    this.stop();
    const wasHealthy = this.healthy;
    this.alive = true;
    if (!wasHealthy) this.#subject.emit("OFFLINE");
    await this.#start(type, frequencyMs);
    if (wasHealthy && this.healthy) this.#subject.emit("ONLINE");
  }

  /** Goes on under other properties: a healthy adapter stays ONLINE as long as the check passes. */
  async restart(type: HealthcheckType, frequencyMs: number): Promise<void> {
    this.stop();
    this.#generation += 1;
    this.#running = undefined;
    if (this.alive) await this.#start(type, frequencyMs);
  }

  async #start(type: HealthcheckType, frequencyMs: number): Promise<void> {
    if (type === "none") {
      if (!this.healthy) {
        this.healthy = true;
        this.#subject.emit("ONLINE");
      }
      return;
    }
    if (type === "intermittent") this.#scheduleNext(frequencyMs);
    await this.run();
  }

  #scheduleNext(frequencyMs: number): void {
    this.#cancelNext = this.#subject.clock.schedule(frequencyMs, () => {
      this.#scheduleNext(frequencyMs);
      void this.run();
    });
  }

  /** @returns whether the adapter is healthy; never rejects. Checks that overlap are one. */
  run(): Promise<boolean> {
    this.#running ??= this.#run(this.#generation);
    return this.#running;
  }

  async #run(generation: number): Promise<boolean> {
    const { logger } = this.#subject;
    let fault: unknown;
    try {
      await this.#subject.check();
    } catch (reason) {
      fault = reason ?? new Error("no reason was given");
    }
    if (generation !== this.#generation) return this.#running ?? this.healthy;
    this.#running = undefined;
    if (fault === undefined) {
      if (!this.healthy) {
        this.healthy = true;
        this.#subject.emit("FIXED");
        this.#subject.emit("ONLINE");
        // The first time it is no news beyond the event, and not worth loading a logger for.
        logger[this.#hasFailed ? "info" : "debug"]("health check passed, ONLINE");
      }
      return true;
    }
    logger.error(`health check failed: ${fault instanceof Error ? fault.message : String(fault)}`);
    this.#hasFailed = true;
    this.fail();
    return false;
  }

  /** A healthy adapter is healthy no more. */
  fail(): void {
    if (!this.healthy) return;
    this.healthy = false;
    this.#subject.emit("OFFLINE");
    this.#subject.emit("DEGRADED");
  }

  /** No further check runs. */
  stop(): void {
    this.#cancelNext?.();
    this.#cancelNext = undefined;
  }
}
