/** Owns the table of refusals: which code, status and words each family of services uses for the same reason. */
import { type Refusal, type RefusalKind, ServiceFault } from "./service-fault";

/** How a service writes its errors. */
export type ErrorFamily = "query" | "ec2" | "s3" | "json";

type Row = readonly [code: string, status: number, message: string];

const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const invalidToken = "The security token included in the request is invalid.";
const expiredToken = "The security token included in the request is expired";
const missing = "Request is missing Authentication Token";
const notValidated = "AWS was not able to validate the provided access credentials";

const table: Readonly<Record<ErrorFamily, Readonly<Record<RefusalKind, Row>>>> = {
  query: {
    "missing-signature": ["MissingAuthenticationToken", 403, missing],
    "incomplete-signature": ["IncompleteSignature", 400, "The request signature does not conform to AWS standards."],
    "unknown-key": ["InvalidClientTokenId", 403, invalidToken],
    "invalid-token": ["InvalidClientTokenId", 403, invalidToken],
    "expired-token": ["ExpiredToken", 403, expiredToken],
    "clock-skew": ["SignatureDoesNotMatch", 403, mismatch],
    "wrong-scope": ["SignatureDoesNotMatch", 403, mismatch],
    "header-not-signed": ["SignatureDoesNotMatch", 403, mismatch],
    "signature-mismatch": ["SignatureDoesNotMatch", 403, mismatch],
    denied: ["AccessDenied", 403, "Access denied"],
    throttled: ["Throttling", 400, "Rate exceeded"],
    unavailable: ["ServiceUnavailable", 503, "Service is unavailable. Please try again."],
    internal: ["InternalFailure", 500, "An internal error occurred."],
    "unknown-action": ["InvalidAction", 400, "Could not find operation."],
  },
  ec2: {
    "missing-signature": ["MissingAuthenticationToken", 403, missing],
    "incomplete-signature": ["IncompleteSignature", 400, "The request signature does not conform to AWS standards."],
    "unknown-key": ["AuthFailure", 401, notValidated],
    "invalid-token": ["AuthFailure", 401, notValidated],
    "expired-token": ["RequestExpired", 400, "Request has expired."],
    "clock-skew": ["RequestExpired", 400, "Request has expired."],
    "wrong-scope": ["AuthFailure", 401, notValidated],
    "header-not-signed": ["AuthFailure", 401, notValidated],
    "signature-mismatch": ["AuthFailure", 401, notValidated],
    denied: ["UnauthorizedOperation", 403, "You are not authorized to perform this operation."],
    throttled: ["RequestLimitExceeded", 503, "Request limit exceeded."],
    unavailable: ["Unavailable", 503, "The service is unavailable. Please try again shortly."],
    internal: ["InternalError", 500, "An internal error has occurred"],
    "unknown-action": ["InvalidAction", 400, "The action is not valid for this web service"],
  },
  s3: {
    "missing-signature": ["AccessDenied", 403, "Access Denied"],
    "incomplete-signature": ["AuthorizationHeaderMalformed", 400, "The authorization header is malformed."],
    "unknown-key": ["InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."],
    "invalid-token": ["InvalidToken", 400, "The provided token is malformed or otherwise invalid."],
    "expired-token": ["ExpiredToken", 400, "The provided token has expired."],
    "clock-skew": [
      "RequestTimeTooSkewed",
      403,
      "The difference between the request time and the current time is too large.",
    ],
    "wrong-scope": ["AuthorizationHeaderMalformed", 400, "The authorization header is malformed."],
    "header-not-signed": ["AccessDenied", 403, "There were headers present in the request which were not signed"],
    "signature-mismatch": [
      "SignatureDoesNotMatch",
      403,
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ],
    denied: ["AccessDenied", 403, "Access Denied"],
    throttled: ["SlowDown", 503, "Please reduce your request rate."],
    unavailable: ["ServiceUnavailable", 503, "Service is unable to handle request."],
    internal: ["InternalError", 500, "We encountered an internal error. Please try again."],
    "unknown-action": [
      "NotImplemented",
      501,
      "A header or query you provided implies functionality that is not implemented",
    ],
  },
  json: {
    "missing-signature": ["MissingAuthenticationTokenException", 400, missing],
    "incomplete-signature": [
      "IncompleteSignatureException",
      400,
      "The request signature does not conform to AWS standards.",
    ],
    "unknown-key": ["UnrecognizedClientException", 400, invalidToken],
    "invalid-token": ["UnrecognizedClientException", 400, invalidToken],
    "expired-token": ["ExpiredTokenException", 400, expiredToken],
    "clock-skew": ["InvalidSignatureException", 400, mismatch],
    "wrong-scope": ["InvalidSignatureException", 400, mismatch],
    "header-not-signed": ["InvalidSignatureException", 400, mismatch],
    "signature-mismatch": ["InvalidSignatureException", 400, mismatch],
    denied: ["AccessDeniedException", 400, "Access denied"],
    throttled: ["ThrottlingException", 400, "Rate exceeded"],
    unavailable: ["ServiceUnavailableException", 503, "Service is unavailable. Please try again."],
    internal: ["InternalServerError", 500, "The request processing has failed because of an unknown error."],
    "unknown-action": ["UnknownOperationException", 400, ""],
  },
};

/** EC2 hides why it does not believe a caller; the other families say what they found. */
const silentFamilies: Readonly<Partial<Record<ErrorFamily, ReadonlySet<RefusalKind>>>> = {
  ec2: new Set(["clock-skew", "wrong-scope", "header-not-signed", "expired-token"]),
  s3: new Set(["clock-skew"]),
};

/**
 * Puts a refusal into the words of a family of services.
 * @returns the fault that such a service answers
 */
export function refusalFault(family: ErrorFamily, refusal: Refusal): ServiceFault {
  const [code, status, message] = table[family][refusal.kind];
  const text = silentFamilies[family]?.has(refusal.kind) ? undefined : refusal.text;
  const prefix = family === "ec2" && refusal.kind === "denied" && text !== undefined ? `${message} ` : "";
  return new ServiceFault(code, prefix + (text ?? message), status, family === "s3" ? refusal.details : {});
}
