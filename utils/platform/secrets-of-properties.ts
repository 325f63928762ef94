/** Owns the finding of secrets in properties that nobody could make settings of, so that even their refusal is masked. */
import { secretMemberNames } from "../logging/sensitive-names";

const names: ReadonlySet<string> = new Set(secretMemberNames);
const DEPTH_LIMIT = 8;

/** @returns the texts that stand under a secret name; never throws, whatever `properties` is */
export function secretsOf(properties: unknown, depth = 0): string[] {
  if (typeof properties !== "object" || properties === null || depth > DEPTH_LIMIT) return [];
  const found: string[] = [];
  try {
    for (const [name, value] of Object.entries(properties)) {
      if (typeof value === "string" && names.has(name.toLowerCase())) found.push(value, value.trim());
      else found.push(...secretsOf(value, depth + 1));
    }
  } catch {
    // A getter that throws hides nothing that was read.
  }
  return found;
}
