/** Owns what an operator is told when STS says no, or says nothing: AWS's own words, the step, and what to change. */
import { AdapterError, type AdapterErrorOptions, type AwsFault } from "../errors/adapter-error";
import type { SecretKeeper } from "./secret-keeper";
import { stsAdvice, transportAdvice } from "./sts-advice";
import type { StsCall } from "./sts-call";

/** What was seen of the last answer, whatever the client made of it. */
export interface StsAnswer {
  statusCode?: number;
  headers?: Record<string, string>;
  body?: string;
  /** What a comparison with AWS's own intermediates says about a refused signature. */
  signatureVerdict?: string;
  /** How far AWS's clock is ahead of ours. */
  clockOffsetMs?: number;
}

const RAW_LIMIT = 2000;

/**
 * @param thrown - by the client or by the handler
 * @param answer - the last answer, empty when there was none
 */
export function stsFailure(
  thrown: unknown,
  answer: StsAnswer,
  call: StsCall<unknown>,
  secrets: SecretKeeper,
): AdapterError {
  const transport = thrown instanceof AdapterError ? thrown : undefined;
  if (transport !== undefined && answer.statusCode === undefined) return atStep(transport, call);
  const fault = faultOf(thrown, answer, call.operation, secrets);
  const options: AdapterErrorOptions = {
    cause: thrown,
    step: call.words,
    aws: fault,
    ...(answer.statusCode === undefined ? {} : { statusCode: answer.statusCode }),
    ...(answer.body === undefined ? {} : { rawResponse: secrets.maskText(answer.body.slice(0, RAW_LIMIT)) }),
  };
  const advice = stsAdvice(fault.code, { ...call, ...answer, message: fault.message });
  const reason = call.failure === "ASSUME_ROLE_FAILED" ? fault.message : `${fault.code}: ${fault.message}`;
  return new AdapterError(call.failure, { step: call.words, awsCode: fault.code, reason, advice }, options);
}

function faultOf(thrown: unknown, answer: StsAnswer, operation: string, secrets: SecretKeeper): AwsFault {
  const { statusCode, body = "" } = answer;
  const error = thrown as { name?: string; Code?: string; message?: string; $metadata?: { requestId?: string } };
  const isAws = /<Code>/.test(body);
  const requestId =
    error.$metadata?.requestId ?? answer.headers?.["x-amzn-requestid"] ?? /<RequestId>([^<]*)</.exec(body)?.[1];
  return {
    service: "sts",
    operation,
    code: isAws ? (error.Code ?? error.name ?? "Unknown") : statusCode === undefined ? "Unknown" : `HTTP ${statusCode}`,
    message: isAws
      ? secrets.maskText(error.message ?? "")
      : statusCode === undefined
        ? secrets.maskText(String(error.message ?? thrown))
        : "the answer is not one of STS",
    ...(requestId === undefined || requestId === "" ? {} : { requestId }),
    ...(statusCode === undefined ? {} : { statusCode }),
  };
}

/** A fault of the way to STS: the same error, with the step and with advice that knows of `aws_sts`. */
function atStep(error: AdapterError, call: StsCall<unknown>): AdapterError {
  const waitedFor = error.detail["waitedFor"];
  const detail =
    waitedFor === undefined ? error.detail : { ...error.detail, waitedFor: `STS (${call.words}; ${waitedFor})` };
  return new AdapterError(error.code, detail, {
    cause: error,
    step: call.words,
    recommendation: transportAdvice(error, call.endpoint),
  });
}
