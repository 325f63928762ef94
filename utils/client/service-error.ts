/** Owns what becomes of an answer that AWS (or something in front of it) refused with: one error that carries AWS's own words. */
import { STATUS_CODES } from "node:http";
import { AdapterError } from "../errors/adapter-error";
import { errorAdvice } from "./error-advice";
import { iamAction } from "./iam-action";

/** Everything that an error says besides what AWS answered. */
export interface ErrorContext {
  /** An operation of a model, or what stands for one where a request was made by hand. */
  readonly operation: { readonly name: string; readonly service: { readonly name: string; readonly sdkId: string } };
  /** Who signed, in words. */
  readonly identity: string;
  readonly signingName: string;
  readonly region: string;
  /** As IAM spells it, where it is not `<signing name>:<operation>`. */
  readonly action?: string;
  /** Masks known secrets and secret-looking text. */
  mask(text: string): string;
  /** What a comparison with AWS's own intermediates says about a refused signature. */
  readonly signatureVerdict?: string;
  /** How far AWS's clock is ahead of ours, by the answer's Date header. */
  readonly clockOffsetMs?: number;
}

export interface RefusedAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What the protocol classes throw; a body that they could not read has no `$metadata`. */
interface ProtocolError extends Error {
  readonly $metadata?: { readonly requestId?: string };
}

const RAW_LIMIT = 2000;
const EXCERPT = 120;
/** Names that the protocol classes give an answer without a code. */
const NAMELESS = new Set(["Unknown", "UnknownError", "Error", "NotFound", ""]);
/** A refused signature is explained with what was signed, the session token in it. */
const ECHOED_SECRET = /(x-amz-security-token(?:%3A|:|=)\s*)[^\s&<"']+/gi;
const ECHOED_SIGNATURE = /(<SignatureProvided>|Signature=)[^\s&<"']+/gi;

/** @returns the request id that AWS gave the answer, in a header or in an XML body */
export function requestIdOf(headers: Readonly<Record<string, string>>, body?: string): string | undefined {
  const id = headers["x-amzn-requestid"] ?? headers["x-amzn-request-id"] ?? headers["x-amz-request-id"];
  return id ?? (body === undefined ? undefined : /<RequestI[dD]>\s*([^<\s]{1,100})\s*<\/RequestI[dD]>/.exec(body)?.[1]);
}

/**
 * @param thrown - by the protocol's reading of the answer
 * @returns `SERVICE_ERROR` with AWS's code and message; `RESPONSE_UNREADABLE` when no AWS service wrote the body
 */
export function serviceError(thrown: unknown, answer: RefusedAnswer, context: ErrorContext): AdapterError {
  const error = thrown as ProtocolError;
  const body = answer.body.toString("utf8");
  const named = !NAMELESS.has(error.name) || /<Code>|"__type"|"code"/i.test(body);
  if (
    error.$metadata === undefined ||
    (!named && body.trim() !== "" && answer.headers["x-amzn-errortype"] === undefined)
  ) {
    return unreadable("an AWS error", answer, context, thrown);
  }
  const { statusCode, headers } = answer;
  const code = !named && body.trim() === "" ? codeOfStatus(statusCode) : error.name;
  const message = maskEcho(context.mask(messageOf(error, statusCode, headers)));
  const { operation, region, signingName } = context;
  const requestId = requestIdOf(headers, body);
  const bucketRegion = headers["x-amz-bucket-region"] ?? regionOfMalformed(code, body);
  const service = operation.service.name;
  const advice = errorAdvice(code, {
    ...{ service: operation.service.sdkId, operation: operation.name, identity: context.identity, region, message },
    action: context.action ?? iamAction(signingName, operation.name),
    ...(bucketRegion === undefined ? {} : { bucketRegion }),
    ...(context.signatureVerdict === undefined ? {} : { signatureVerdict: context.signatureVerdict }),
    ...(context.clockOffsetMs === undefined ? {} : { clockOffsetMs: context.clockOffsetMs }),
  });
  const options = {
    aws: {
      service,
      operation: operation.name,
      code,
      message,
      statusCode,
      ...(requestId === undefined ? {} : { requestId: context.mask(requestId) }),
      ...(bucketRegion === undefined ? {} : { bucketRegion }),
    },
    statusCode,
    ...(body === "" ? {} : { rawResponse: rawText(body, context) }),
    cause: undefined,
  };
  return new AdapterError(
    "SERVICE_ERROR",
    {
      ...{ service, operation: operation.name, awsCode: code, reason: message, advice },
      ...(bucketRegion === undefined ? {} : { bucketRegion }),
    },
    options,
  );
}

/**
 * @param expected - what the body should have been
 * @returns `RESPONSE_UNREADABLE` with the status and a short excerpt of the body
 */
export function unreadable(
  expected: string,
  answer: RefusedAnswer,
  context: ErrorContext,
  cause?: unknown,
): AdapterError {
  const { service, name } = context.operation;
  const body = answer.body.toString("utf8");
  const excerpt = rawText(body, context).replace(/\s+/g, " ").slice(0, EXCERPT);
  const reason = cause instanceof SyntaxError ? ` (${maskEcho(context.mask(cause.message))})` : "";
  const found = excerpt === "" ? "an empty body" : `${JSON.stringify(excerpt)}${reason}`;
  const detail = { service: service.name, operation: name, status: answer.statusCode, expected, found };
  const rawResponse = rawText(body, context);
  return new AdapterError("RESPONSE_UNREADABLE", detail, { statusCode: answer.statusCode, rawResponse });
}

/** Some answers name the region in their body only. */
const regionOfMalformed = (code: string, body: string): string | undefined =>
  code === "AuthorizationHeaderMalformed" ? /<Region>([a-z0-9-]{1,63})<\/Region>/.exec(body)?.[1] : undefined;

/** An answer to HEAD has no body, so its status is all there is: `NotFound`, `Forbidden`, `ServiceUnavailable`. */
const codeOfStatus = (status: number): string => (STATUS_CODES[status] ?? `Http${status}`).replace(/[^A-Za-z0-9]/g, "");

function messageOf(error: Error, status: number, headers: Readonly<Record<string, string>>): string {
  if (error.message !== "" && !/^(?:Unknown|UnknownError|undefined)$/.test(error.message)) return error.message;
  const region = headers["x-amz-bucket-region"];
  return (
    `HTTP ${status} ${STATUS_CODES[status] ?? ""}`.trim() + (region === undefined ? "" : `, the bucket is in ${region}`)
  );
}

// Masked before it is cut: a secret cut in half would no longer be known.
const rawText = (body: string, context: ErrorContext): string =>
  maskEcho(context.mask(body.slice(0, RAW_LIMIT * 4))).slice(0, RAW_LIMIT);

const maskEcho = (text: string): string =>
  text.replace(ECHOED_SECRET, "$1** masked **").replace(ECHOED_SIGNATURE, "$1** masked **");
