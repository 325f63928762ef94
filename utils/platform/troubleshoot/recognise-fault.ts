/** Owns the one line that names a fault: what AWS, the network or the configuration said, translated into its cause. */
import { clockDifference, isClockOff } from "../../client/clock-advice";
import { isWrongScope } from "../../client/wrong-scope";
import type { AdapterError } from "../../errors/adapter-error";
import type { AssumeRoleStep } from "../../types/role-chain";

/** A failure, and what is known around it. */
export interface Fault {
  readonly error: AdapterError;
  /** The step that failed, when one did. */
  readonly step?: AssumeRoleStep;
  /** Who acted: the identity before the step, or the one that signed the call. */
  readonly actor: string;
  /** Of the source, where it has keys that are written down. */
  readonly accessKeyId?: string;
  readonly hasSessionToken: boolean;
  /** How far AWS's clock is ahead of ours. */
  readonly clockOffsetMs?: number;
}

type Recogniser = (fault: Fault) => string | undefined;

/** The advice has ARNs in full; the one line is to be read at a glance. */
const short = (arn: string): string => arn.replace(/^arn:[^:]*:(?:iam|sts)::\d+:/, "");

const key = ({ accessKeyId }: Fault): string =>
  accessKeyId === undefined ? "the access key" : `the access key ${accessKeyId}`;

const refusedStep: Recogniser = ({ error, step, actor }) => {
  if (step === undefined) return undefined;
  const message = error.aws?.message ?? "";
  if (/no identity-based policy|explicit deny in an identity-based/.test(message)) {
    return `${short(actor)} lacks the permission sts:AssumeRole on ${short(step.roleArn)}`;
  }
  const sent =
    step.externalId === undefined ? "no external id was sent" : "an external id was sent, perhaps not the agreed one";
  return `the trust policy of ${short(step.roleArn)} does not let ${short(actor)} in (${sent}), or that identity lacks sts:AssumeRole`;
};

const denied: Recogniser = (fault) =>
  refusedStep(fault) ??
  `${short(fault.actor)} lacks a permission: ${fault.error.aws?.message ?? "AWS denies the call"}`;

const wrongScope: Recogniser = ({ error }) => {
  const message = error.aws?.message ?? "";
  return isWrongScope(message)
    ? `the request is signed for another region or service than it went to: ${message.trim()}`
    : undefined;
};

const wrongSecret: Recogniser = (fault) => {
  if (isClockOff(fault.clockOffsetMs)) return `the clock of this server is ${clockDifference(fault.clockOffsetMs)}`;
  return `the secret key is not the one of ${key(fault)}, or a proxy changes requests: AWS does not accept the signature`;
};

const unknownKey: Recogniser = (fault) =>
  fault.accessKeyId?.startsWith("ASIA") && !fault.hasSessionToken
    ? `${key(fault)} is a temporary one and its session token is missing`
    : fault.accessKeyId?.startsWith("AKIA") && fault.hasSessionToken
      ? `${key(fault)} is a permanent one, and the session token beside it belongs to another key`
      : fault.actor.startsWith("arn:")
        ? `STS knows ${short(fault.actor)}, the service does not accept it: it may have been signed for another region than the host's, or for one that the account has not enabled`
        : `AWS does not know ${key(fault)}: it was deleted or deactivated, or belongs to another partition`;

const expired: Recogniser = ({ actor }) => `the session of ${short(actor)} is over: its keys must be replaced`;
const clockOff: Recogniser = ({ clockOffsetMs }) =>
  `the clock of this server is ${isClockOff(clockOffsetMs) ? clockDifference(clockOffsetMs) : "off"}`;
const disabledRegion: Recogniser = () => "STS or the region is not activated for the account";
const tooLong: Recogniser = ({ error }) =>
  /MaxSessionDuration|role chaining/.test(error.aws?.message ?? "")
    ? "the session is asked to last longer than the role allows"
    : undefined;
const token: Recogniser = ({ error }) => `the web identity token is not accepted: ${error.aws?.message ?? ""}`;

const BY_AWS_CODE: Readonly<Record<string, Recogniser>> = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  UnauthorizedOperation: denied,
  SignatureDoesNotMatch: wrongSecret,
  InvalidSignatureException: wrongSecret,
  AuthFailure: unknownKey,
  InvalidAccessKeyId: unknownKey,
  InvalidClientTokenId: unknownKey,
  UnrecognizedClientException: unknownKey,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  RequestExpired: clockOff,
  RequestTimeTooSkewed: clockOff,
  RegionDisabledException: disabledRegion,
  OptInRequired: disabledRegion,
  ValidationError: tooLong,
  InvalidIdentityToken: token,
  InvalidIdentityTokenException: token,
  IDPRejectedClaim: token,
  IDPRejectedClaimException: token,
};

const detailOf = ({ error }: Fault, name: string): string => String(error.detail[name] ?? "");

/** Network faults, by what the transport knows. */
const network: Recogniser = (fault) => {
  const { error } = fault;
  if (error.code === "TLS_FAILED" && /altname|does not match|not in the cert/i.test(detailOf(fault, "reason"))) {
    return `the certificate at ${detailOf(fault, "host")} is not made out to ${detailOf(fault, "serverName")}`;
  }
  if (error.code !== "CONNECTION_FAILED") return undefined;
  if (error.detail["proxyStatus"] === 407) return `the proxy wants other credentials: ${detailOf(fault, "reason")}`;
  if (error.detail["stage"] === "proxy")
    return `the proxy does not let the request through: ${detailOf(fault, "reason")}`;
  if (error.detail["stage"] === "dns") return `the name of ${detailOf(fault, "host")} cannot be resolved`;
  return undefined;
};

/** A page of a load balancer or a captive portal, with a status but no error of AWS. */
const notAws: Recogniser = ({ error }) =>
  error.aws?.code.startsWith("HTTP ") ? `something other than AWS answers, with ${error.aws.code}` : undefined;

/** Metadata that is silent is nearly always this. */
const metadata: Recogniser = ({ error }) =>
  error.code === "CREDENTIAL_SOURCE_FAILED" && error.detail["reachable"] === "no"
    ? "the instance metadata service is silent: not on EC2, or in a container while the hop limit is 1"
    : undefined;

/** @returns one line without its full stop; the error's own words where nothing more is known */
export function recogniseFault(fault: Fault): string {
  const awsCode = fault.error.aws?.code ?? "";
  const byCode = Object.hasOwn(BY_AWS_CODE, awsCode) ? BY_AWS_CODE[awsCode]?.(fault) : undefined;
  const line =
    wrongScope(fault) ?? byCode ?? notAws(fault) ?? network(fault) ?? metadata(fault) ?? fault.error.displayString;
  return line.replace(/\.$/, "");
}
