/** Owns an answer from its last header to its last byte: reading the body, the log of it, and what is kept of it. */
import { Readable } from "node:stream";
import type { AuthLog, SigningRecord } from "../logging/auth-log";
import type { Masker } from "../logging/masker";
import { bodyForLog, SECRET_REQUEST_BODY, urlForLog } from "../logging/message-for-log";
import type { RequestSettings } from "../settings/settings";
import type { SentRequest } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpResponse } from "../types/http";
import type { ClockSkew } from "./clock-skew";
import type { AnsweredCall, PreparedCall, ReceivedAnswer } from "./prepared-call";
import type { ErrorContext } from "./service-error";
import { bodyText, readToEnd, type StreamLimits } from "./streamed-body";

interface AnswerDependencies {
  readonly clock: Clock;
  readonly masker: Masker;
  readonly authLog: Pick<AuthLog, "compare">;
  readonly request: RequestSettings;
  readonly skew: ClockSkew;
}

/** The request that is answered. */
export interface AnsweredRequest {
  readonly call: PreparedCall;
  /** Counts from 1. */
  readonly attempt: number;
  readonly startedMs: number;
  readonly limitMs: number;
  readonly signed: SigningRecord | undefined;
}

/** The answer to one attempt. A class, because one is made for every call: its methods cost nothing to make. */
export class AttemptAnswer implements ReceivedAnswer {
  #bytes = 0;
  #raw: string | undefined = undefined;

  constructor(
    readonly response: HttpResponse,
    readonly to: AnsweredRequest,
    readonly dependencies: AnswerDependencies,
  ) {}

  get limits(): StreamLimits {
    const { call, limitMs } = this.to;
    return { clock: this.dependencies.clock, idleMs: limitMs, waitedFor: call.reader.waitedFor };
  }

  body(): Buffer | Promise<Buffer> {
    const { body } = this.response;
    if (body instanceof Readable) return readToEnd(body, this.limits).then((read) => this.#keep(read));
    return this.#keep(body);
  }

  saved(): void {
    const { call, attempt } = this.to;
    const { statusCode, headers } = this.response;
    call.log.response(attempt, { statusCode, headers, durationMs: this.#durationMs() });
  }

  refused(body: Buffer): Pick<ErrorContext, "signatureVerdict" | "clockOffsetMs"> {
    const { authLog, skew } = this.dependencies;
    const { call, attempt, signed } = this.to;
    const comparison = authLog.compare(signed, body);
    if (comparison !== undefined) call.log.signature(attempt, comparison);
    const clockOffsetMs = skew.measure(this.response.headers);
    return {
      ...(comparison === undefined ? {} : { signatureVerdict: comparison.verdict }),
      ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
    };
  }

  /** Adds what was asked to be kept: the size of the body, its text, the request. */
  complete({ statusCode, headers, output }: AnsweredCall): AnsweredCall {
    const bytes = this.#bytes;
    const raw = this.#raw;
    if (raw === undefined && !this.dependencies.request.returnRequest) return { statusCode, headers, output, bytes };
    return {
      ...{ statusCode, headers, output, bytes },
      ...(raw === undefined ? {} : { raw }),
      ...(this.dependencies.request.returnRequest ? { sent: this.#sentRequest() } : {}),
    };
  }

  #keep(received: Buffer): Buffer {
    const { call, attempt } = this.to;
    const { log, reader } = call;
    const { statusCode, headers } = this.response;
    const body = statusCode < 300 ? received : (reader.withoutSent?.(received) ?? received);
    const sensitive = log.active ? reader.sensitive() : undefined;
    log.response(attempt, { statusCode, headers, body, durationMs: this.#durationMs() }, sensitive);
    this.#bytes = received.length;
    if (this.dependencies.request.returnRaw) this.#raw = bodyText(body).text;
    return body;
  }

  #durationMs(): number {
    return this.dependencies.clock.monotonic() - this.to.startedMs;
  }

  #sentRequest(): SentRequest {
    const { masker } = this.dependencies;
    const { request, reader } = this.to.call;
    const { method, headers } = request;
    const { body, bodyNote } = bodyForLog(request.body, headers, masker, reader.sensitive(), SECRET_REQUEST_BODY);
    const shown = { method, url: masker.maskText(urlForLog(request)), headers: masker.maskHeaders(headers) };
    return { ...shown, ...(body === undefined ? {} : { body }), ...(bodyNote === undefined ? {} : { bodyNote }) };
  }
}
