/** Owns the identity that Aembit gives to an attested one: AWS credentials out of an AwsStsFederation provider. */
import type { EdgeClient } from "../edge/edge-client";
import { signedCallerIdentity } from "../edge/signed-caller-identity";
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { AwsCredentialIdentityProvider } from "../types/identity";
import type { AembitSource } from "../types/role-chain";
import { chainKeys } from "./chain-key";

export interface AembitDependencies {
  readonly edge: EdgeClient;
  readonly clock: Clock;
}

/**
 * @param attestor - provider of the source's own attestor
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` with the words of the Edge API, or what the attestor throws
 */
export function fromAembit(
  source: AembitSource,
  attestor: AwsCredentialIdentityProvider,
  { edge, clock }: AembitDependencies,
  words: string,
): AwsCredentialIdentityProvider {
  const attesting = {
    key: chainKeys({ source: source.attestor, steps: [] })[0] as string,
    attest: async (request: Parameters<AwsCredentialIdentityProvider>[0]) =>
      signedCallerIdentity(await attestor(request), source.edge.region, clock.now()),
  };
  const wanted = {
    credentialType: "AwsStsFederation" as const,
    server: source.server,
    ...(source.accessKeyId === undefined ? {} : { connectionMetadata: { accessKeyId: source.accessKeyId } }),
  };
  const failed = (cause: AdapterError): AdapterError =>
    new AdapterError(
      "CREDENTIAL_SOURCE_FAILED",
      { step: words, reason: cause.message.replace(/\.$/, ""), advice: cause.recommendation },
      {
        cause,
        step: words,
        ...(cause.statusCode === undefined ? {} : { statusCode: cause.statusCode }),
        ...(cause.rawResponse === undefined ? {} : { rawResponse: cause.rawResponse }),
      },
    );
  return async () => {
    try {
      const { data, expiresAt } = await edge.credentials(source.edge, attesting, wanted);
      const text = (name: string): string => (typeof data[name] === "string" ? data[name] : "");
      const identity = {
        accessKeyId: text("awsAccessKeyId"),
        secretAccessKey: text("awsSecretAccessKey"),
        sessionToken: text("awsSessionToken"),
      };
      const endMs = Date.parse(expiresAt ?? "");
      if (Object.values(identity).includes("") || Number.isNaN(endMs)) {
        throw new AdapterError("EDGE_API_FAILED", {
          operation: "credentials",
          url: source.edge.url,
          reason: "the answer has no complete set of AWS credentials with an end",
          advice: "Check that the credential provider of the access policy is of type AWS STS Federation.",
        });
      }
      return { ...identity, expiration: new Date(endMs) };
    } catch (error) {
      throw error instanceof AdapterError && error.code === "EDGE_API_FAILED" ? failed(error) : error;
    }
  };
}
