/** Owns what credentials tell the masker, and ask of it. */
import type { AwsCredentialIdentity } from "../types/identity";

/** The part of the masker that this folder needs. */
export interface SecretKeeper {
  /**
   * From now on the value is masked wherever it would be printed.
   * @param expiration - when nobody can use it any more; some time after that it need not be known
   */
  addSecret(value: string, expiration?: Date): void;
  maskText(text: string): string;
}

/** Masks what of an identity is secret, for as long as it can be of use. */
export function addSecretsOf(
  { secretAccessKey, sessionToken, expiration }: AwsCredentialIdentity,
  secrets: Pick<SecretKeeper, "addSecret">,
): void {
  secrets.addSecret(secretAccessKey, expiration);
  if (sessionToken !== undefined) secrets.addSecret(sessionToken, expiration);
}
