/** Owns what an operator should do about AWS's own error codes, one table. */

import { clockAdvice, isClockOff } from "./clock-advice";
import { isWrongScope } from "./wrong-scope";

/** What the texts may speak of. */
export interface AdviceContext {
  readonly service: string;
  /** Signing name and operation as IAM spells an action: `ec2:DescribeInstances`. */
  readonly action: string;
  readonly operation: string;
  /** Who signed, in words: `role arn:… assumed from static keys`. */
  readonly identity: string;
  readonly region: string;
  /** AWS's own words. */
  readonly message: string;
  /** What S3 says about where a bucket is. */
  readonly bucketRegion?: string;
  /** What AWS's own canonical request and string to sign tell, beside ours. */
  readonly signatureVerdict?: string;
  /** How far AWS's clock is ahead of ours, by the answer's Date header. */
  readonly clockOffsetMs?: number;
}

type Advice = (context: AdviceContext) => string;

const allow: Advice = ({ action, identity }) =>
  `Allow ${action} on the resource in a policy of the identity that made the call (${identity}); look also for a permissions boundary, a session policy, a resource policy or a service control policy that denies it.`;
const signature: Advice = ({ identity, signatureVerdict, clockOffsetMs, message, region }) =>
  isClockOff(clockOffsetMs)
    ? clockAdvice(clockOffsetMs)
    : isWrongScope(message)
      ? `The call was signed for ${region}: set region, or callProperties.region, to the region of the host that it goes to.`
      : signatureVerdict !== undefined
        ? `${signatureVerdict} (${identity}).`
        : `Check that the secret key belongs to the access key and was copied whole (${identity}), that the clock of the platform is right, and that no proxy changes the request. Turn auth_logging on to see what was signed.`;
const unknownKey: Advice = ({ identity, region }) =>
  `AWS does not accept the access key (${identity}): check authentication.aws_access_key, that the key is active, and that ${region} is the region of the host, enabled for the account, and of the key's partition.`;
const expired: Advice = ({ identity }) =>
  `The session of ${identity} is over. Temporary keys in the service instance must be replaced before they expire; roles are renewed by the adapter.`;
const throttled: Advice = () =>
  "AWS limits the rate of this account and region: send fewer calls at once (throttle.concurrent_max), raise request.number_retries, or ask AWS for a higher quota.";
const skewed: Advice = ({ clockOffsetMs }) => clockAdvice(clockOffsetMs);
const notFound: Advice = ({ region }) =>
  `Check the name or id, and that it exists in the account of the role and in region ${region}.`;
const elsewhere: Advice = ({ bucketRegion, region }) =>
  bucketRegion === undefined
    ? `The bucket is not in region ${region}: set callProperties.region to the bucket's own region.`
    : `The bucket is in region ${bucketRegion}: set callProperties.region to ${bucketRegion}.`;
const optIn: Advice = ({ region }) =>
  `Enable region ${region} for the account, and activate the service there, or call another region.`;
const input: Advice = ({ operation }) => `Correct the parameters of ${operation}; AWS's message says which one.`;
const dryRun: Advice = () => "The call would have succeeded: send it without DryRun.";
const passing: Advice = () => "AWS failed for the moment: send the call again later, or raise request.number_retries.";

const BY_CODE: Readonly<Record<string, Advice>> = {
  AccessDenied: allow,
  AccessDeniedException: allow,
  UnauthorizedOperation: allow,
  UnauthorizedAccess: allow,
  AuthorizationError: allow,
  Forbidden: allow,
  NotAuthorized: allow,
  SignatureDoesNotMatch: signature,
  InvalidSignatureException: signature,
  IncompleteSignature: signature,
  AuthorizationHeaderMalformed: elsewhere,
  AuthFailure: unknownKey,
  InvalidAccessKeyId: unknownKey,
  InvalidClientTokenId: unknownKey,
  UnrecognizedClientException: unknownKey,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  InvalidToken: expired,
  RequestExpired: skewed,
  RequestTimeTooSkewed: skewed,
  RequestInTheFuture: skewed,
  Throttling: throttled,
  ThrottlingException: throttled,
  ThrottledException: throttled,
  RequestLimitExceeded: throttled,
  RequestThrottled: throttled,
  SlowDown: throttled,
  TooManyRequestsException: throttled,
  ProvisionedThroughputExceededException: throttled,
  OptInRequired: optIn,
  SubscriptionRequiredException: optIn,
  RegionDisabledException: optIn,
  PermanentRedirect: elsewhere,
  TemporaryRedirect: elsewhere,
  IllegalLocationConstraintException: elsewhere,
  NoSuchBucket: notFound,
  NoSuchKey: notFound,
  NoSuchEntity: notFound,
  NoSuchHostedZone: notFound,
  NotFound: notFound,
  ResourceNotFoundException: notFound,
  QueueDoesNotExist: notFound,
  "AWS.SimpleQueueService.NonExistentQueue": notFound,
  ValidationError: input,
  ValidationException: input,
  InvalidParameterValue: input,
  InvalidParameterException: input,
  InvalidParameterCombination: input,
  MissingParameter: input,
  MalformedXML: input,
  SerializationException: input,
  DryRunOperation: dryRun,
  InternalError: passing,
  InternalFailure: passing,
  InternalServerError: passing,
  ServiceUnavailable: passing,
};

/** @returns what to change and where; for a code that is not in the table, where AWS describes it */
export function errorAdvice(code: string, context: AdviceContext): string {
  const advice = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (advice !== undefined) return advice(context);
  if (/\.NotFound$|NotFound(?:Exception)?$/.test(code)) return notFound(context);
  if (/^(?:Invalid|Missing|Malformed)/.test(code)) return input(context);
  return `The AWS API reference of ${context.service} describes ${code} under ${context.operation}.`;
}
