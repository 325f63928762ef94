/** Owns the identity of keys that the environment holds: the Pod Role. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { AwsCredentialIdentityProvider } from "../types/identity";
import type { EnvironmentSource } from "../types/role-chain";

/**
 * The environment of a process does not change: keys that are over stay over.
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` when AWS_CREDENTIAL_EXPIRATION has passed
 */
export function fromEnvironment(source: EnvironmentSource, clock: Clock, words: string): AwsCredentialIdentityProvider {
  return async () => {
    const { expirationMs } = source;
    if (expirationMs !== undefined && expirationMs <= clock.now()) {
      throw new AdapterError("CREDENTIAL_SOURCE_FAILED", {
        step: words,
        reason: `they expired at ${new Date(expirationMs).toISOString()} (AWS_CREDENTIAL_EXPIRATION)`,
        advice: "Start the platform again with fresh keys in its environment, or use a source that renews itself.",
      });
    }
    return {
      accessKeyId: source.accessKeyId,
      secretAccessKey: source.secretAccessKey.reveal(),
      ...(source.sessionToken === undefined ? {} : { sessionToken: source.sessionToken.reveal() }),
      ...(expirationMs === undefined ? {} : { expiration: new Date(expirationMs) }),
    };
  };
}
