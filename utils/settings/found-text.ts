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
  const text = typeof value === "string" ? JSON.stringify(withoutUserInfo(value)) : String(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}

/** `user:password@`, with a scheme or without. A password may hold anything, so all before the last `@` is of it. */
const USER_INFO = /([a-z][\w+.-]*:)?(\/\/)?[^\s@]*:[^\s]*@/gi;

/** @returns the text without what stands before an `@` where a URL has its user and password */
export function withoutUserInfo(text: string): string {
  if (!text.includes("@") || text.startsWith("arn:")) return text;
  return text.replace(
    USER_INFO,
    (_, scheme = "", slashes = "") => `${slashes === "" ? "" : scheme + slashes}** masked **@`,
  );
}
