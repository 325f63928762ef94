/** Owns calls that are made of several operations and answered as one. */
import type { Readable } from "node:stream";
import type { Settings } from "../settings/settings";
import type { CallMetrics, CallResult, IapMetadata } from "../types/call";
import { noMetrics } from "./envelope";
import type { RoleArguments } from "./read-arguments";

/** One operation of a composed call. */
export interface OperationStep {
  readonly service: string;
  readonly operation: string;
  readonly params: Record<string, unknown>;
  readonly metadata?: IapMetadata | undefined;
  /** Replaces `request.number_retries`. */
  readonly maxRetries?: number;
}

/** What a composed call works with: the runtime of the properties that it began with, as the identity that was asked for. */
export interface CallSteps {
  readonly settings: Settings;
  /** @throws AdapterError */
  call(step: OperationStep): Promise<CallResult>;
  /** Opens bytes in any form that a workflow may give them. @throws AdapterError `INVALID_INPUT`, `FILE_REFUSED` */
  openBody(value: unknown, parameter: string): Uint8Array | Readable;
}

/** One call of the platform that takes several of AWS. */
export interface ComposedCall extends RoleArguments {
  /** @throws AdapterError of the operation that failed */
  compose(steps: CallSteps): Promise<CallResult>;
}

/**
 * Runs one operation of several.
 * @param whole - metrics of the whole call: attempts add up
 * @param send - sends it, and fills in the metrics that it is given
 */
export async function countedStep(
  whole: CallMetrics,
  send: (metrics: CallMetrics) => Promise<CallResult>,
): Promise<CallResult> {
  const own = noMetrics();
  try {
    return await send(own);
  } finally {
    whole.attempts += own.attempts;
    whole.credentialSource = own.credentialSource;
    whole.roleChain = own.roleChain;
  }
}
