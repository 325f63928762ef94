/** Owns the finding of every secret in plain data, so that the masker knows them before anything is printed. */
import { Secret } from "../types/secret";

/** @returns the values of all secrets in settings or in a plan, however deep */
export function secretsIn(value: unknown): string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}
