/** Owns the one table of which failures pass by themselves, and whether AWS may have done the work all the same. */
import type { AdapterError } from "../errors/adapter-error";

/** What kind of failure it was. `skew` and `expired` are mended first and then repeated; `final` is never repeated. */
export type FailureKind = "throttling" | "transient" | "skew" | "expired" | "final";

export interface Failure {
  readonly kind: FailureKind;
  /** Whether the request may have been processed: then only an idempotent operation is repeated. */
  readonly processed: "no" | "perhaps";
}

/** Refused for the rate alone, before any work. The list is that of `@smithy/core/retry`, and the service's own names. */
const THROTTLING = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequests",
  "TooManyRequestsException",
  "TransactionInProgressException",
]);

/** Passing faults of AWS that may have come after the work. */
const TRANSIENT = new Set([
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "InternalServiceError",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  "TimeoutError",
]);

/** Passing faults that AWS names before any work: STS could not reach the identity provider. */
const TRANSIENT_UNPROCESSED = new Set(["IDPCommunicationError"]);

/** Codes that speak of the clock and nothing else. */
const SKEW = new Set(["RequestTimeTooSkewed", "RequestInTheFuture", "RequestExpired"]);

/** Codes that a wrong clock also gives; the answer's Date header decides. */
const PERHAPS_SKEW = new Set([
  "AccessDeniedException",
  "AuthFailure",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
]);
const SKEW_MESSAGE = /Signature (?:expired|not yet current)/i;

/** AWS no longer knows the temporary credentials. */
const EXPIRED = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "InvalidToken",
  "RequestExpired",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
]);

const TRANSIENT_STATUS = new Set([500, 502, 503, 504]);

/** Half of what AWS tolerates would do; SigV4 refuses beyond five minutes. */
export const TOLERATED_SKEW_MS: number = 5 * 60_000;

export interface FailureContext {
  /** How far the server's clock is from ours (as corrected), or undefined when its answer had no date. */
  readonly skewMs: number | undefined;
  /** Statuses that the service instance wants repeated too. */
  readonly retriedStatuses: readonly { readonly from: number; readonly to: number }[];
}

/**
 * @param error - of one attempt
 * @returns what to make of it; a failure that nobody listed is final
 */
export function classifyFailure(error: AdapterError, context: FailureContext): Failure {
  if (error.aws !== undefined) {
    const byCode = classifyCode(error.aws.code, error.aws.message, context.skewMs);
    if (byCode !== undefined) return byCode;
  }
  if (error.code === "CHECKSUM_MISMATCH") return { kind: "transient", processed: "perhaps" };
  const status = error.aws?.statusCode ?? error.statusCode;
  if (status !== undefined) return classifyStatus(status, context);
  switch (error.code) {
    case "CONNECTION_FAILED":
    case "TIMEOUT":
      return { kind: "transient", processed: error.detail["phase"] === "before-request" ? "no" : "perhaps" };
    default:
      return { kind: "final", processed: "perhaps" };
  }
}

function classifyCode(code: string, message: string, skewMs: number | undefined): Failure | undefined {
  if (THROTTLING.has(code)) return { kind: "throttling", processed: "no" };
  const skewed = skewMs !== undefined && Math.abs(skewMs) > TOLERATED_SKEW_MS;
  const measurable = skewMs !== undefined && Math.abs(skewMs) >= 1000;
  if (SKEW.has(code) && measurable && (skewed || !EXPIRED.has(code))) return { kind: "skew", processed: "no" };
  if (SKEW_MESSAGE.test(message) && measurable) return { kind: "skew", processed: "no" };
  if (PERHAPS_SKEW.has(code) && skewed) return { kind: "skew", processed: "no" };
  if (EXPIRED.has(code)) return { kind: "expired", processed: "no" };
  if (TRANSIENT_UNPROCESSED.has(code)) return { kind: "transient", processed: "no" };
  if (TRANSIENT.has(code)) return { kind: "transient", processed: "perhaps" };
  return undefined;
}

function classifyStatus(status: number, { retriedStatuses }: FailureContext): Failure {
  if (status === 429) return { kind: "throttling", processed: "no" };
  const listed = retriedStatuses.some(({ from, to }) => status >= from && status <= to);
  return { kind: listed || TRANSIENT_STATUS.has(status) ? "transient" : "final", processed: "perhaps" };
}
