/** Owns the warning that a certificate is about to expire: in time, and once a day. */
import { BoundedMap } from "../../types/bounded-map";
import type { SigningMaterial } from "./signing-material";

const DAY_MS = 86_400_000;
const WARNED_WITHIN_DAYS = 30;
const KEPT = 100;

/** One belongs to one adapter instance. */
export class ExpiryNotice {
  readonly #warnedMs = new BoundedMap<number>(KEPT);
  readonly #warn: (message: string) => void;

  /** @param warn - takes the words, once a day for each certificate */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** @param nowMs - epoch milliseconds */
  check({ leaf, origin }: SigningMaterial, nowMs: number): void {
    const left = Date.parse(leaf.validTo) - nowMs;
    if (left > WARNED_WITHIN_DAYS * DAY_MS) return;
    const warnedMs = this.#warnedMs.get(leaf.fingerprint256);
    if (warnedMs !== undefined && nowMs - warnedMs < DAY_MS) return;
    this.#warnedMs.set(leaf.fingerprint256, nowMs);
    const days = Math.floor(left / DAY_MS);
    const when = days < 1 ? "in less than a day" : days === 1 ? "in 1 day" : `in ${days} days`;
    this.#warn(
      `IAM Roles Anywhere: ${origin} (${leaf.subject.replaceAll("\n", ", ")}) expires ${when}, on ${leaf.validTo}; have it renewed`,
    );
  }
}
