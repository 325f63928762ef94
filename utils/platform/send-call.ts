/** Owns what the platform's side needs of a runtime, and which of its doors a call goes through. */
import type { Readable } from "node:stream";
import type { FederationRequest } from "../edge/edge-types";
import type { RoleRequest } from "../settings/plan-role-chain";
import type { Settings } from "../settings/settings";
import type { CallMetrics, CallResult, IapMetadata, RawRequest } from "../types/call";
import type { Clock } from "../types/clock";
import { type ComposedCall, countedStep } from "./composed-call";
import type { FederationCall } from "./federation-request";
import type { RawCall } from "./generic-request";
import type { OperationCall, RoleArguments } from "./read-arguments";

interface PlatformCallOptions extends RoleRequest {
  readonly way?: "sts" | undefined;
  readonly metadata?: IapMetadata | undefined;
  readonly metrics?: CallMetrics | undefined;
  readonly maxRetries?: number | undefined;
}

/** What an instance can be asked for. */
export type InstanceCall = OperationCall | RawCall | ComposedCall | FederationCall;

/** The part of a runtime that the platform's side needs. */
export interface PlatformRuntime {
  readonly settings: Settings;
  readonly masker: { maskText(text: string): string; maskValue(value: unknown): unknown };
  call(
    service: string,
    operation: string,
    input: Record<string, unknown>,
    options: PlatformCallOptions,
  ): Promise<CallResult>;
  callRaw(request: RawRequest, options: PlatformCallOptions): Promise<CallResult>;
  openBody(value: unknown, parameter: string): Uint8Array | Readable;
  federate(request: FederationRequest, options: PlatformCallOptions): Promise<CallResult>;
  close(): void;
}

const roleRequest = ({ kind, stsParams, roleName, metadata }: RoleArguments): RoleRequest => ({
  kind,
  stsParams,
  roleName,
  callProperties: metadata?.callProperties,
});

/** @param metrics - are filled in as the call goes on */
export function sendCall(
  runtime: PlatformRuntime,
  call: InstanceCall,
  metrics: CallMetrics,
  clock: Clock,
): Promise<CallResult> {
  if ("compose" in call) return sendComposed(runtime, call, metrics, clock);
  const { kind, stsParams, roleName, metadata } = call;
  const way = "way" in call ? call.way : undefined;
  // Written out, and not spread: this runs for every call.
  const options = { kind, stsParams, roleName, callProperties: metadata?.callProperties, metadata, metrics, way };
  if ("federation" in call) return runtime.federate(call.federation, options);
  if ("request" in call) return runtime.callRaw(call.request, options);
  return runtime.call(call.service, call.operation, call.params, options);
}

async function sendComposed(
  runtime: PlatformRuntime,
  call: ComposedCall,
  metrics: CallMetrics,
  clock: Clock,
): Promise<CallResult> {
  const startedMs = clock.monotonic();
  const result = await call.compose({
    settings: runtime.settings,
    openBody: (value, parameter) => runtime.openBody(value, parameter),
    call: ({ service, operation, params, metadata, maxRetries }) => {
      const request = { ...roleRequest(call), ...(metadata === undefined ? {} : { metadata }) };
      const options = { ...request, ...(maxRetries === undefined ? {} : { maxRetries }) };
      return countedStep(metrics, (own) => runtime.call(service, operation, params, { ...options, metrics: own }));
    },
  });
  metrics.roundTripMs = Math.round((clock.monotonic() - startedMs) * 1000) / 1000;
  return { ...result, metrics };
}
