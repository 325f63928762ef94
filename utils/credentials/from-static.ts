/** Owns the identity of keys that the service instance holds: the Adapter Role. */
import type { AwsCredentialIdentityProvider } from "../types/identity";
import type { StaticSource } from "../types/role-chain";

/** @returns a provider of the keys as they are; without an end that we know of */
export function fromStatic(source: StaticSource): AwsCredentialIdentityProvider {
  return async () => ({
    accessKeyId: source.accessKeyId,
    secretAccessKey: source.secretAccessKey.reveal(),
    ...(source.sessionToken === undefined ? {} : { sessionToken: source.sessionToken.reveal() }),
  });
}
