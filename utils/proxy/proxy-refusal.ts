/** Owns what the proxy itself says no with: one kind for each reason, and what each is called in AWS's dialects. */
import { type AdapterError, toAdapterError } from "../errors/adapter-error";

export type RefusalKind =
  | "unsigned"
  | "malformed-signature"
  | "unknown-selector"
  | "expired-url"
  | "forbidden"
  | "invalid"
  | "too-large"
  | "incomplete-body"
  | "slow-client"
  | "not-implemented"
  | "identity-failed"
  | "session-ended"
  | "bad-gateway"
  | "busy"
  | "stopping"
  | "timeout"
  | "internal";

export interface RefusalNames {
  readonly status: number;
  readonly s3: string;
  readonly query: string;
  readonly json: string;
}

const same = (status: number, code: string): RefusalNames => ({ status, s3: code, query: code, json: code });

/** Codes that AWS uses for the same thing, so that SDKs treat them alike: they repeat 5xx, and nothing else of these. */
export const refusalNames: Readonly<Record<RefusalKind, RefusalNames>> = {
  unsigned: {
    status: 403,
    s3: "AccessDenied",
    query: "MissingAuthenticationToken",
    json: "MissingAuthenticationTokenException",
  },
  "malformed-signature": {
    status: 403,
    s3: "AuthorizationHeaderMalformed",
    query: "IncompleteSignature",
    json: "IncompleteSignatureException",
  },
  "unknown-selector": {
    status: 403,
    s3: "InvalidAccessKeyId",
    query: "InvalidClientTokenId",
    json: "UnrecognizedClientException",
  },
  "expired-url": { ...same(403, "AccessDenied"), json: "AccessDeniedException" },
  forbidden: { ...same(403, "AccessDenied"), json: "AccessDeniedException" },
  invalid: { status: 400, s3: "InvalidRequest", query: "ValidationError", json: "ValidationException" },
  "too-large": { ...same(413, "EntityTooLarge"), json: "RequestEntityTooLargeException" },
  "incomplete-body": same(400, "IncompleteBody"),
  "slow-client": { ...same(408, "RequestTimeout"), json: "RequestTimeoutException" },
  "not-implemented": same(501, "NotImplemented"),
  "identity-failed": { ...same(403, "AccessDenied"), json: "AccessDeniedException" },
  "session-ended": { ...same(503, "ServiceUnavailable"), json: "ServiceUnavailableException" },
  "bad-gateway": same(502, "BadGateway"),
  busy: { status: 503, s3: "SlowDown", query: "ServiceUnavailable", json: "ServiceUnavailableException" },
  stopping: { ...same(503, "ServiceUnavailable"), json: "ServiceUnavailableException" },
  timeout: same(504, "GatewayTimeout"),
  internal: { ...same(500, "InternalFailure"), s3: "InternalError" },
};

/** Never leaves the proxy but as an answer in the service's own format. Its message is masked and holds no input verbatim. */
export class ProxyRefusal extends Error {
  override readonly name = "ProxyRefusal";

  constructor(
    readonly kind: RefusalKind,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * @param thrown - by anything on the way of a request
 * @param mask - takes secrets out of a text
 */
export function toRefusal(thrown: unknown, mask: (text: string) => string): ProxyRefusal {
  if (thrown instanceof ProxyRefusal) return thrown;
  const error = toAdapterError(thrown);
  return new ProxyRefusal(kindOf(error), mask(error.displayString), { cause: thrown });
}

function kindOf({ code, aws }: AdapterError): RefusalKind {
  switch (code) {
    case "TIMEOUT":
      return "timeout";
    case "CONNECTION_FAILED":
    case "TLS_FAILED":
    case "RESPONSE_UNREADABLE":
      return "bad-gateway";
    case "ABORTED":
      return "stopping";
    case "REQUEST_UNSERIALIZABLE":
      return "invalid";
    case "ASSUME_ROLE_FAILED":
    case "CREDENTIAL_SOURCE_FAILED":
    case "EDGE_API_FAILED":
    case "NO_CREDENTIALS":
      return (aws?.statusCode ?? 0) >= 500 ? "bad-gateway" : "identity-failed";
    default:
      return "internal";
  }
}
