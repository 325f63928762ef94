/** Owns the two objects that the platform is answered with: success and error. */
import type { AdapterError } from "../errors/adapter-error";
import type { CallMetrics, CallResult, SentRequest } from "../types/call";

/** `data` of a callback. */
export interface SuccessEnvelope {
  readonly icode: "AD.200";
  readonly status: "success";
  /** HTTP status. */
  readonly code: number;
  readonly response: unknown;
  readonly headers: Record<string, string>;
  /** With `request.return_raw`: the body of the answer as text. */
  readonly raw?: string;
  /** With `request.return_request`: what was sent, masked. */
  readonly request?: SentRequest;
  readonly metrics: CallMetrics;
}

/** What AWS said, or which step of the role chain failed. */
export interface AwsEnvelope {
  readonly service?: string;
  readonly operation?: string;
  readonly code?: string;
  readonly message?: string;
  readonly requestId?: string;
  readonly step?: string;
}

/** `error` of a callback. */
export interface ErrorEnvelope {
  readonly icode: string;
  readonly IAPerror: {
    /** `<id>-adapter-<method>` */
    readonly origin: string;
    readonly displayString: string;
    readonly recommendation: string;
    /** HTTP status, where there was an answer. */
    readonly code?: number;
    readonly raw_response?: string;
  };
  readonly aws?: AwsEnvelope;
  /** The status is one of `request.failover_codes`: another adapter may be tried. */
  readonly failover?: true;
  readonly metrics: CallMetrics;
}

/** What a promise rejects with: an error that has the members of its envelope. */
export class CallError extends Error implements ErrorEnvelope {
  override readonly name = "CallError";
  readonly icode: string;
  readonly IAPerror: ErrorEnvelope["IAPerror"];
  readonly aws?: AwsEnvelope;
  readonly failover?: true;
  readonly metrics: CallMetrics;

  constructor(envelope: ErrorEnvelope) {
    super(envelope.IAPerror.displayString);
    this.icode = envelope.icode;
    this.IAPerror = envelope.IAPerror;
    if (envelope.aws !== undefined) this.aws = envelope.aws;
    if (envelope.failover !== undefined) this.failover = envelope.failover;
    this.metrics = envelope.metrics;
  }

  /** The plain object that a callback is given. */
  toEnvelope(): ErrorEnvelope {
    const { icode, IAPerror, aws, failover, metrics } = this;
    return {
      icode,
      IAPerror,
      ...(aws === undefined ? {} : { aws }),
      ...(failover === undefined ? {} : { failover }),
      metrics,
    };
  }
}

/** The metrics of a call that has not begun. */
export const noMetrics = (): CallMetrics => ({
  roundTripMs: 0,
  attempts: 0,
  queueMs: 0,
  credentialSource: "",
  roleChain: [],
});

export function successEnvelope(result: CallResult): SuccessEnvelope {
  const { statusCode: code, output: response, headers, raw, sent, metrics } = result;
  // Spreading is slow, and this runs for every call.
  if (raw === undefined && sent === undefined)
    return { icode: "AD.200", status: "success", code, response, headers, metrics };
  return {
    ...{ icode: "AD.200", status: "success", code, response, headers },
    ...(raw === undefined ? {} : { raw }),
    ...(sent === undefined ? {} : { request: sent }),
    metrics,
  };
}

/** The answer of a method that called nobody. */
export const localEnvelope = (response: unknown): SuccessEnvelope => ({
  icode: "AD.200",
  status: "success",
  code: 200,
  response,
  headers: {},
  metrics: noMetrics(),
});

function awsEnvelope(error: AdapterError, mask: (text: string) => string): AwsEnvelope | undefined {
  const { aws, step } = error;
  if (aws === undefined && step === undefined) return undefined;
  return {
    ...(aws === undefined ? {} : { service: aws.service, operation: aws.operation, code: aws.code }),
    ...(aws === undefined ? {} : { message: mask(aws.message) }),
    ...(aws?.requestId === undefined ? {} : { requestId: aws.requestId }),
    ...(step === undefined ? {} : { step: mask(step) }),
  };
}

/**
 * @param origin - `<id>-adapter-<method>`
 * @param mask - the last look at every text before a person sees it
 * @param metrics - as far as the call got
 * @param failoverStatuses - HTTP statuses at which the platform may try another adapter
 */
export function errorEnvelope(
  error: AdapterError,
  origin: string,
  mask: (text: string) => string,
  metrics: CallMetrics,
  failoverStatuses: readonly { readonly from: number; readonly to: number }[] = [],
): ErrorEnvelope {
  const code = error.statusCode ?? error.aws?.statusCode;
  const aws = awsEnvelope(error, mask);
  return {
    icode: error.icode,
    IAPerror: {
      origin,
      displayString: mask(error.displayString),
      recommendation: mask(error.recommendation),
      ...(code === undefined ? {} : { code }),
      ...(error.rawResponse === undefined ? {} : { raw_response: mask(error.rawResponse) }),
    },
    ...(aws === undefined ? {} : { aws }),
    ...(code !== undefined && failoverStatuses.some(({ from, to }) => code >= from && code <= to)
      ? { failover: true }
      : {}),
    metrics,
  };
}
