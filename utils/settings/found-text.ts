/** Owns how a wrong value is shown in an error: short, quoted, and never when it is secret. */

const LONGEST = 80;

/**
 * @param value - what was found
 * @param visibility - `secret` tells only that there is something, and how long it is
 * @returns words for the `{found}` of an error text
 */
export function foundText(value: unknown, visibility: "plain" | "secret" = "plain"): string {
  if (value === undefined || value === null || value === "") return "nothing";
  if (visibility === "secret") {
    return typeof value === "string" ? `a secret of ${value.length} characters` : `a secret of type ${typeof value}`;
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
