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
  /** File under `file_access.root` that receives a streaming body, or events: one a line, as JSON. */
  readonly saveTo?: string;
  /** How long, and to how many, a call listens whose answer is a stream of events. */
  readonly events?: { readonly maxEvents?: number; readonly maxSeconds?: number };
  /** Fetches every page, or pages until there are so many items, and answers them as one. */
  readonly paginate?: boolean | number;
  /** Name of a waiter of the operation: repeats the call until the state is there. */
  readonly waitFor?: string | { readonly name: string; readonly maxWaitSeconds?: number };
  /** Answers `{ url, expiresAt }` in place of calling. The URL is a secret. */
  readonly presign?: { readonly expiresInSeconds: number };
  /** Turns the three auth_logging entries on for this call. */
  readonly auth_logging?: boolean;
  /** Service that a generic request is signed for, where it is not the service instance's. */
  readonly service?: string;
  /** Place in the queue: one of the values in `throttle.priorities`. */
  readonly priority?: number;
}

/** A request in HTTP's own terms, for what no operation describes. */
export interface RawRequest {
  /** In upper case. */
  readonly method: string;
  /** As the caller wrote it; a query may follow it. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly contentType?: string;
  readonly body?: string | Uint8Array;
  /** Whether `base_path` of the service instance comes before the path. */
  readonly basePath: "prepend" | "omit";
  /** Entity folder, or signing name, of the service; without it, the service instance's. */
  readonly service?: string;
}

/** A request as it was sent, masked. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Why the body is not there in full. */
  readonly bodyNote?: string;
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
  /** With `request.return_raw`: the body as text. */
  readonly raw?: string;
  /** With `request.return_request`. */
  readonly sent?: SentRequest;
  readonly metrics: CallMetrics;
}
