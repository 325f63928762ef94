/** Owns what may stand in a key or token: no spaces around it, nothing that a header cannot carry. */
import { AdapterError } from "../errors/adapter-error";
import { foundText } from "./found-text";

/**
 * Keys are copied by hand, and a space that came along is refused by AWS with a puzzling signature error.
 * They are not trimmed: what is in the configuration is what is used.
 * @throws AdapterError `INVALID_PROPERTIES`
 */
export function checkKeyText(property: string, value: string, visibility: "plain" | "secret"): void {
  const fault =
    value !== value.trim()
      ? "with leading or trailing spaces"
      : /[^\x21-\x7e]/.test(value)
        ? "with a space, line break or special character inside"
        : undefined;
  if (fault === undefined) return;
  throw new AdapterError("INVALID_PROPERTIES", {
    property,
    found: `${foundText(value.trim(), visibility)} ${fault}`,
    expected: "the value as AWS issued it, without them",
  });
}

/**
 * What stands where the access key id belongs is shown in logs, so a secret key there is refused, not warned of.
 * @throws AdapterError `INVALID_PROPERTIES`
 */
export function checkNotSwapped(property: string, accessKeyId: string, secretKey: string): void {
  if (!/^A[KS]IA[A-Z0-9]{12,}$/.test(secretKey) || /^A[KS]IA[A-Z0-9]{12,}$/.test(accessKeyId)) return;
  throw new AdapterError("INVALID_PROPERTIES", {
    property,
    found: `${foundText(accessKeyId, "secret")}, while the secret key looks like an access key: the two are swapped`,
    expected: "the access key id, AKIA… or ASIA…",
  });
}

/**
 * @returns words on what looks wrong about a set of keys and yet may be right
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html on the prefixes of key ids
 */
export function keyWarnings(where: string, accessKeyId: string, hasToken: boolean): string[] {
  const warnings: string[] = [];
  if (accessKeyId.startsWith("ASIA") && !hasToken) {
    warnings.push(
      `${where}: the access key is a temporary one (ASIA…), but there is no session token; AWS will refuse it`,
    );
  }
  if (accessKeyId.startsWith("AKIA") && hasToken) {
    warnings.push(
      `${where}: the access key is a permanent one (AKIA…), yet there is a session token; AWS will refuse the token`,
    );
  }
  return warnings;
}
