/** Owns the refusal to write an entity folder that would not say what its package says, and how a program tells of it. */

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

/** Runs a program whose user wants to read what is wrong with a package, and not where we found it. */
export function reportExtractionErrors(program: () => void): void {
  try {
    program();
  } catch (error) {
    if (!(error instanceof ExtractionError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
