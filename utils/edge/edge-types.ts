/** Owns the vocabulary of the Edge API: what is asked for, what is answered, and who attests. */
import type { IdentityRequest } from "../types/identity";
import type { SignedCallerIdentity } from "./signed-caller-identity";

/** https://docs.aembit.io/api-guide/edge */
export const credentialTypes = [
  "ApiKey",
  "UsernamePassword",
  "GoogleWorkloadIdentityFederation",
  "OAuthToken",
  "AwsStsFederation",
  "X509Svid",
] as const;

export type EdgeCredentialType = (typeof credentialTypes)[number];

/** Somebody whose identity AWS confirms. */
export interface Attestor {
  /** Different for different identities: a token is kept for one of them only. */
  readonly key: string;
  attest(request?: IdentityRequest): Promise<SignedCallerIdentity>;
}

export interface EdgeToken {
  readonly accessToken: string;
  readonly tokenType: string;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** Chooses between credential providers of one access policy; every member is optional. */
export interface ConnectionMetadata {
  readonly accountName?: string;
  readonly accessKeyId?: string;
  readonly headerName?: string;
  readonly headerValue?: string;
  readonly httpBodyFieldPath?: string;
  readonly httpBodyFieldValue?: string;
}

export interface EdgeCredentialRequest {
  readonly credentialType: EdgeCredentialType;
  /** The server workload that the credentials are for. */
  readonly server: { readonly host: string; readonly port: number };
  readonly connectionMetadata?: ConnectionMetadata;
  /** PEM, for `X509Svid`. */
  readonly certSigningRequest?: string;
}

export interface EdgeCredentials {
  readonly credentialType: EdgeCredentialType;
  /** ISO 8601, null for credentials without an end. */
  readonly expiresAt: string | null;
  /** For `AwsStsFederation` awsAccessKeyId, awsSecretAccessKey and awsSessionToken; else apiKey, token, username, password … */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where an Edge API is, as far as a call says so; the rest comes from `authentication.aembit`. */
export interface EdgeOverrides {
  readonly url?: string;
  readonly clientId?: string;
  readonly resourceSetId?: string;
  readonly region?: string;
}

/** What a method may ask for besides operations of AWS: a proof of who it acts as, or what Aembit gives for one. */
export type FederationRequest =
  /** `region` is whose STS verifies the proof, `aws-global` for the global endpoint; without one, that of `aws_sts`. */
  | { readonly type: "callerIdentity"; readonly region?: string }
  | { readonly type: "edgeToken"; readonly edge: EdgeOverrides }
  | { readonly type: "edgeCredentials"; readonly edge: EdgeOverrides; readonly wanted: EdgeCredentialRequest };
