/** Owns what one call of STS is made of. */
import type { STSClient as Client } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity, IdentityRequest } from "../types/identity";
import type { StsEndpoint, TokenIssuer } from "../types/role-chain";

/** What sends a command, as one attempt of one call. */
export type StsSender = Pick<Client, "send">;

/** One operation of STS, repeated while that may help. */
export interface StsCall<T> {
  readonly endpoint: StsEndpoint;
  /** Who signs; nobody for an exchange of a token. */
  readonly identity?: AwsCredentialIdentity;
  readonly operation: "AssumeRole" | "AssumeRoleWithWebIdentity" | "GetCallerIdentity";
  readonly send: (client: StsSender, module: typeof import("@aws-sdk/client-sts")) => Promise<T>;
  /** Which code a refusal gets: a step of the chain, or its source. */
  readonly failure: "ASSUME_ROLE_FAILED" | "CREDENTIAL_SOURCE_FAILED";
  readonly words: string;
  /** What to add to AWS's code in the advice: the names of the roles, mostly. */
  readonly roleArn: string;
  /** Whose token is exchanged, where it is ours. */
  readonly issuer?: TokenIssuer;
  readonly request: IdentityRequest | undefined;
}
