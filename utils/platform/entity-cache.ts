/** Owns what one adapter remembers of things in AWS: their entries, by entity type. */
import type { Entry } from "./select-entries";

/** What one adapter keeps. */
export class EntityCache {
  readonly #entries = new Map<string, readonly Entry[]>();

  get(entityType: string): readonly Entry[] | undefined {
    return this.#entries.get(entityType);
  }

  set(entityType: string, entries: readonly Entry[]): void {
    this.#entries.set(entityType, entries);
  }

  /** Other properties may mean another account. */
  clear(): void {
    this.#entries.clear();
  }
}
