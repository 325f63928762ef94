/** Owns the refusal to write an entity folder that would not say what its package says. */

/** Thrown when a client package is built in a way that the extractor does not know. */
export class ExtractionError extends Error {
  override readonly name = "ExtractionError";

  /**
   * @param subject - package or file that cannot be extracted
   * @param reason - what was found there
   */
  constructor(subject: string, reason: string) {
    super(`${subject}: ${reason}`);
  }
}
