/** Owns a map that forgets what was not used for the longest time. */

/** A Map keeps the order of insertion, so that the first key is always the one used longest ago. */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>();

  /** @param max - entries kept, at least one */
  constructor(readonly max: number) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    // While there is room, nothing is evicted and the order does not matter.
    if (value !== undefined && this.#entries.size * 2 > this.max) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.max) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}
