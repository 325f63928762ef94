/** Owns what one call carries besides its input, and what it brings back. */
import type { IdentityProvider } from "./identity";
import type { RoleChain } from "./role-chain";

/** STS parameters of a task, as the platform passes them. */
export interface StsParams {
  readonly RoleArn?: string;
  readonly RoleSessionName?: string;
  readonly ExternalId?: string;
  readonly DurationSeconds?: number;
  readonly Policy?: string;
  readonly PolicyArns?: readonly (string | { readonly arn: string })[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly TransitiveTagKeys?: readonly string[];
  readonly SourceIdentity?: string;
  readonly SerialNumber?: string;
  readonly TokenCode?: string;
}

/** Overrides of one call: where it goes and as which named provider. */
export interface CallProperties {
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: "http" | "https";
  readonly region?: string;
  readonly credential_provider?: string;
}

/** `iapMetadata`: what a workflow may add to any call. */
export interface IapMetadata {
  readonly addlHeaders?: Readonly<Record<string, string>>;
  readonly uriQuery?: Readonly<Record<string, string | readonly string[]>>;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly callProperties?: CallProperties;
  /** File under `file_access.root` that receives a streaming body. */
  readonly saveTo?: string;
  /** Turns the three auth_logging entries on for this call. */
  readonly auth_logging?: boolean;
}

/** As whom a call acts: the plan for logs and metrics, the provider for the signer. */
export interface CallIdentity {
  readonly chain: RoleChain;
  readonly provider: IdentityProvider;
}

export interface CallMetrics {
  roundTripMs: number;
  attempts: number;
  queueMs: number;
  credentialSource: string;
  roleChain: readonly string[];
}

/** The answer of an operation, JSON-safe. */
export interface CallResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly output: unknown;
  readonly requestId?: string;
  readonly metrics: CallMetrics;
}
