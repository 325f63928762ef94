/** Owns what to do about each refusal of STS, one table, and about a way to STS that is closed. */
import { clockAdvice, isClockOff } from "../client/clock-advice";
import { isWrongScope } from "../client/wrong-scope";
import type { AdapterError } from "../errors/adapter-error";
import type { StsEndpoint, TokenIssuer } from "../types/role-chain";

/** What the texts may speak of. */
export interface StsAdviceContext {
  readonly operation: "AssumeRole" | "AssumeRoleWithWebIdentity" | "GetCallerIdentity";
  readonly roleArn: string;
  readonly endpoint: StsEndpoint;
  readonly message: string;
  /** What a comparison with AWS's own intermediates says about a refused signature. */
  readonly signatureVerdict?: string;
  /** How far AWS's clock is ahead of ours. */
  readonly clockOffsetMs?: number;
  /** Whose token was exchanged, where it is ours. */
  readonly issuer?: TokenIssuer;
  /** Who signed; nobody for an exchange of a token. */
  readonly identity?: { readonly accessKeyId: string; readonly sessionToken?: string };
}

type Advice = (context: StsAdviceContext) => string;

const denied: Advice = ({ operation, roleArn, issuer, message }) =>
  /identity-based policy/.test(message)
    ? `The identity before this step needs a policy that allows sts:AssumeRole on ${roleArn}, and none that denies it: the trust policy of the role lets it in already.`
    : operation !== "AssumeRoleWithWebIdentity"
      ? `Two sides must agree: the identity before this step needs a policy that allows sts:AssumeRole on ${roleArn}, and the trust policy of that role must name it as principal. Where the trust policy demands sts:ExternalId, set aws_sts.externalId or stsParams.ExternalId to the agreed value; where it demands MFA, give SerialNumber and TokenCode; tags and a source identity need sts:TagSession and sts:SetSourceIdentity.`
      : `The trust policy of ${roleArn} must allow sts:AssumeRoleWithWebIdentity to the identity provider ${issuer === undefined ? "of the token, with the token's audience and subject" : `${issuer.url}, with audience ${issuer.audience} and subject ${issuer.subject}`}.`;
const signature: Advice = ({ signatureVerdict, clockOffsetMs, message, endpoint }) =>
  isClockOff(clockOffsetMs)
    ? clockAdvice(clockOffsetMs)
    : isWrongScope(message)
      ? `The request was signed for ${endpoint.region}: set aws_sts.region to the region of aws_sts.endpoint (${new URL(endpoint.url).host}).`
      : signatureVerdict !== undefined
        ? `${signatureVerdict}.`
        : "The secret key does not belong to the access key: check both for copying faults and spaces. If they are right, look for a proxy that changes requests, and for the platform's clock.";
const unknownKey: Advice = ({ endpoint, identity }) =>
  identity?.accessKeyId.startsWith("ASIA") && identity.sessionToken === undefined
    ? "The access key is a temporary one (ASIA…) and came without its session token: set authentication.aws_session_token, or AWS_SESSION_TOKEN in the environment."
    : `AWS does not know the access key: it was deleted or deactivated, belongs to another partition, or needs the session token that is missing. STS was asked in ${endpoint.region}.`;
const expired: Advice = ({ operation, issuer, clockOffsetMs }) =>
  operation !== "AssumeRoleWithWebIdentity"
    ? "The credentials before this step are over. Replace temporary keys of the service instance or the environment; roles are renewed by the adapter."
    : issuer !== undefined
      ? `The token was made just now, so the clock of this server is off. ${clockAdvice(clockOffsetMs)}`
      : "The web identity token is over: whoever writes the token file must renew it.";
const disabled: Advice = ({ endpoint }) =>
  `STS is not active in ${endpoint.region} for that account: activate the region in IAM account settings, or set aws_sts.region to an active one.`;
const policy: Advice = () => "Correct stsParams.Policy: it must be a policy document that IAM accepts.";
const packed: Advice = () =>
  "Session policies and tags together are too large: shorten stsParams.Policy, or give fewer PolicyArns and Tags.";
const throttled: Advice = () =>
  "STS limits the rate of the account: it passes by itself; use fewer different roles and session names, so that sessions are reused.";
const token: Advice = ({ roleArn, issuer }) =>
  issuer !== undefined
    ? `Publish what adapter-aws oidc documents writes, anew after every oidc keys rotate: AWS must be able to fetch ${issuer.url}/.well-known/openid-configuration over the internet. The account of ${roleArn} needs an identity provider of exactly that URL with audience ${issuer.audience}.`
    : `Get a new token, and check that its issuer is an identity provider of the account of ${roleArn} and its audience is one the provider lists.`;
const unreachableIdp: Advice = () =>
  "AWS could not reach the identity provider's keys: its issuer URL must be reachable from the internet. It was tried several times.";
const invalidParameter: Advice = ({ message }) =>
  /MaxSessionDuration/.test(message)
    ? "Ask for a shorter DurationSeconds, or raise the maximum session duration of the role in IAM."
    : /role chaining/.test(message)
      ? "AWS limits a role that a role assumes to one hour: set DurationSeconds to 3600 or less."
      : "Correct the parameter that the message names, in stsParams or in the service instance.";
const clock: Advice = ({ clockOffsetMs }) => clockAdvice(clockOffsetMs);

const BY_CODE: Readonly<Record<string, Advice>> = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  SignatureDoesNotMatch: signature,
  InvalidSignatureException: signature,
  IncompleteSignature: signature,
  InvalidClientTokenId: unknownKey,
  UnrecognizedClientException: unknownKey,
  MissingAuthenticationToken: unknownKey,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  RegionDisabledException: disabled,
  MalformedPolicyDocument: policy,
  MalformedPolicyDocumentException: policy,
  PackedPolicyTooLarge: packed,
  PackedPolicyTooLargeException: packed,
  Throttling: throttled,
  ThrottlingException: throttled,
  RequestLimitExceeded: throttled,
  InvalidIdentityToken: token,
  InvalidIdentityTokenException: token,
  IDPRejectedClaim: token,
  IDPRejectedClaimException: token,
  IDPCommunicationError: unreachableIdp,
  IDPCommunicationErrorException: unreachableIdp,
  ValidationError: invalidParameter,
  InvalidParameterValue: invalidParameter,
  RequestExpired: clock,
};

/** @returns what to change and where */
export function stsAdvice(code: string, context: StsAdviceContext): string {
  const advice = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (advice !== undefined) return advice(context);
  if (code.startsWith("HTTP ")) {
    return `Something other than STS answered at ${context.endpoint.url}: check aws_sts.endpoint and aws_sts.proxy.`;
  }
  return `The STS API reference describes ${code} under ${context.operation}.`;
}

/** @returns advice for a failure before any answer of STS */
export function transportAdvice(error: AdapterError, endpoint: StsEndpoint): string {
  const { proxy } = endpoint;
  const over =
    proxy === undefined
      ? "directly; if the platform has no way to the internet, set aws_sts.proxy, or aws_sts.endpoint to a VPC endpoint"
      : proxy.mode === "forward"
        ? `through the proxy ${proxy.host}:${proxy.port}; check that it lets CONNECT to this host pass`
        : `through the load balancer ${proxy.host}; check that it forwards to STS`;
  if (error.code === "TLS_FAILED") {
    return proxy?.mode === "loadBalancer"
      ? `Set aws_sts.endpoint to the host that the load balancer forwards to, for example sts.amazonaws.com: the certificate is checked against ${new URL(endpoint.url).hostname}. For a private authority set ssl.ca_file.`
      : `The certificate is checked against ${new URL(endpoint.url).hostname}: set aws_sts.endpoint to the name in the certificate, or ssl.ca_file to the authority that issued it.`;
  }
  // A proxy that answered has said itself what it wants.
  const isRefusedByProxy = error.detail["proxyStatus"] !== undefined;
  if (!isRefusedByProxy && (error.code === "TIMEOUT" || error.code === "CONNECTION_FAILED")) {
    return `STS at ${endpoint.url} was called ${over}.`;
  }
  return error.recommendation;
}
