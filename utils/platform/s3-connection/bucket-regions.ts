/** Owns what is known of where buckets are: asked once for each, and forgotten when there are too many. */

const KEPT = 1000;

/** The buckets of one service instance. A bucket stays where it was made, so nothing expires. */
export class BucketRegions {
  readonly #regions = new Map<string, Promise<string | undefined>>();

  /**
   * @param find - asks for the region; `undefined` where nobody says, which is not remembered
   * @returns one answer for all that ask at once
   */
  of(bucket: string, find: () => Promise<string | undefined>): Promise<string | undefined> {
    const known = this.#regions.get(bucket);
    if (known !== undefined) return known;
    const asked = find();
    if (this.#regions.size >= KEPT) this.#regions.delete(this.#regions.keys().next().value as string);
    this.#regions.set(bucket, asked);
    const forget = (): void => {
      if (this.#regions.get(bucket) === asked) this.#regions.delete(bucket);
    };
    asked.then((region) => region ?? forget(), forget);
    return asked;
  }

  /** A bucket of that name was found somewhere else: it was deleted and made again. */
  forget(bucket: string): void {
    this.#regions.delete(bucket);
  }
}
