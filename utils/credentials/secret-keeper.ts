/** Owns what credentials tell the masker, and ask of it. */

/** The part of the masker that this folder needs. */
export interface SecretKeeper {
  /** From now on the value is masked wherever it would be printed. */
  addSecret(value: string): void;
  maskText(text: string): string;
}
