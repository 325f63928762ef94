/** Owns one attempt of a call: identity, signature, sending, redirects, and the reading of the answer. */
import { Readable } from "node:stream";
import { type AdapterError, toAdapterError } from "../errors/adapter-error";
import type { AuthLog, CallLog, DescribeRoleChain, SigningRecord } from "../logging/auth-log";
import type { Masker } from "../logging/masker";
import { bodyForLog, urlForLog } from "../logging/message-for-log";
import { errorType } from "../metrics/error-type";
import type { Recorder } from "../metrics/metrics";
import type { RequestSettings } from "../settings/settings";
import type { HttpSigner } from "../signing/http-signer";
import type { CallIdentity, SentRequest } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpHandler, HttpHandlerOptions, HttpRequest, HttpResponse } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import type { ClockSkew } from "./clock-skew";
import type { SigningTarget } from "./endpoint";
import { identityWords } from "./identity-words";
import { followRedirect } from "./redirect";
import { RepeatableStream } from "./repeatable-stream";
import { resolveIdentity } from "./resolve-identity";
import type { AttemptResult, FailedAttempt } from "./retry";
import type { ErrorContext, RefusedAnswer } from "./service-error";
import { bodyText, readToEnd, type StreamLimits } from "./streamed-body";

/** A call that is ready to be signed and sent. */
export interface PreparedCall {
  readonly request: HttpRequest;
  readonly signing: SigningTarget;
  readonly httpHandler: HttpHandler;
  /** False for a body that can be read only once. */
  readonly repeatable: boolean;
  readonly identity: CallIdentity;
  readonly words: ReturnType<DescribeRoleChain>;
  /** What the service may take on purpose, in milliseconds. */
  readonly extraMs: number;
  readonly log: CallLog;
  readonly reader: AnswerReader;
  readonly signal?: AbortSignal;
}

/** What is made of an answer: by the shapes of an operation, or as it comes. */
export interface AnswerReader {
  readonly responseBody: HttpHandlerOptions["responseBody"];
  /** Who answers, for an error. */
  readonly waitedFor: string;
  /** Names whose values are masked in the log. */
  sensitive(): ReadonlySet<string> | undefined;
  /** @throws AdapterError when AWS refused, or the answer cannot be read */
  read(answer: ReceivedAnswer): Promise<AnsweredCall>;
}

/** An answer whose body is not read yet. */
export interface ReceivedAnswer {
  readonly response: HttpResponse;
  readonly limits: StreamLimits;
  /** Reads the body to its end, and writes the answer into the log. */
  body(): Promise<Buffer>;
  /** Writes an answer into the log whose body went into a file. */
  saved(): void;
  /** Sets a refusal beside what was signed and beside our clock; writes what it finds into the log. */
  refused(body: Buffer): Pick<ErrorContext, "signatureVerdict" | "clockOffsetMs">;
}

export interface AnsweredCall {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly output: unknown;
  /** Of the body, as it came. */
  readonly bytes?: number;
  /** With `request.return_raw`: the body as text. */
  readonly raw?: string;
  /** With `request.return_request`: what was sent, masked. */
  readonly sent?: SentRequest;
}

interface AttemptDependencies {
  readonly clock: Clock;
  readonly signer: HttpSigner;
  readonly masker: Masker;
  readonly authLog: Pick<AuthLog, "compare">;
  readonly request: RequestSettings;
  readonly metrics?: Recorder;
}

/** An attempt that has been sent. */
interface UnderWay {
  readonly attempt: number;
  readonly startedMs: number;
  readonly limitMs: number;
  readonly signed: SigningRecord | undefined;
}

/** Runs the attempts of one client's calls. Its deadline covers identity, connection and answer together. */
export class AttemptRunner {
  constructor(
    readonly dependencies: AttemptDependencies,
    readonly skew: ClockSkew,
  ) {}

  /**
   * @param attempt - counts from 1
   * @returns the answer, or a failure that the retrier judges
   * @throws AdapterError of the identity, which nobody repeats
   */
  async run(call: PreparedCall, attempt: number): Promise<AttemptResult<AnsweredCall>> {
    const { clock, request: settings } = this.dependencies;
    const { request } = call;
    const limitMs = settings.attemptTimeoutMs + call.extraMs;
    const startedMs = clock.monotonic();
    // Each wait for what is there already would be a turn of the queue: 1 to 2 µs of a call's 100.
    const identity = this.#kept(call) ?? (await this.#identity(call, limitMs));
    const sentMs = clock.monotonic();
    const clockOffsetMs = this.skew.offsetMs;
    if (attempt > 1 && request.body instanceof RepeatableStream) request.body = request.body.again();
    const signing = this.#sign(call, identity, attempt);
    let signed = signing instanceof Promise ? await signing : signing;
    const renewIdentity = renewal(call.identity, identity);
    let headers: Record<string, string> | undefined;
    try {
      let response = await this.#send(call, startedMs, limitMs);
      for (let left = settings.maxRedirects; left > 0 && followRedirect(request, response); left -= 1) {
        signed = await this.#sign(call, identity, attempt);
        response = await this.#send(call, startedMs, limitMs);
      }
      headers = response.headers;
      const answer = await this.#read(call, response, { attempt, startedMs, limitMs, signed });
      this.#measure(call, sentMs, answer.statusCode);
      return { answer };
    } catch (thrown) {
      // Nobody reads on: the file behind it is closed.
      if (request.body instanceof RepeatableStream) request.body.destroy();
      const error = toAdapterError(thrown);
      this.#measure(call, sentMs, error.statusCode ?? error.aws?.statusCode, error);
      const failed: FailedAttempt = {
        error,
        clockOffsetMs,
        ...(headers === undefined ? {} : { headers }),
        ...(renewIdentity === undefined ? {} : { renewIdentity }),
      };
      return { failed };
    }
  }

  #measure(call: PreparedCall, sentMs: number, statusCode: number | undefined, error?: AdapterError): void {
    const { metrics, clock, masker } = this.dependencies;
    if (metrics === undefined) return;
    const type = error && errorType(error, (text) => masker.maskText(text));
    metrics.record("attempts", (clock.monotonic() - sentMs) / 1000, call.signing.service, statusCode, type);
  }

  #kept({ signing, identity }: PreparedCall): AwsCredentialIdentity | undefined {
    return signing.scheme === "none" ? undefined : identity.provider.current?.();
  }

  async #identity(call: PreparedCall, timeoutMs: number): Promise<AwsCredentialIdentity | undefined> {
    if (call.signing.scheme === "none") return undefined;
    const waitedFor = `The source of credentials (${identityWords(call.words)})`;
    const signal = call.signal === undefined ? {} : { signal: call.signal };
    return resolveIdentity(call.identity.provider, { clock: this.dependencies.clock, timeoutMs, waitedFor, ...signal });
  }

  #sign(
    call: PreparedCall,
    identity: AwsCredentialIdentity | undefined,
    attempt: number,
  ): ReturnType<HttpSigner["sign"]> {
    const { signing, request, log, reader } = call;
    const payload = request.body instanceof Readable ? "unsigned" : "sha256";
    const options = { ...signing, dateMs: this.skew.now(), payload } as const;
    const signed = identity === undefined ? undefined : this.dependencies.signer.sign(request, identity, options);
    if (!log.active) return signed;
    const write = <T extends SigningRecord | undefined>(record: T): T => {
      log.request(attempt, request, record, reader.sensitive());
      return record;
    };
    return signed instanceof Promise ? signed.then(write) : write(signed);
  }

  #send(call: PreparedCall, startedMs: number, limitMs: number): Promise<HttpResponse> {
    const { clock } = this.dependencies;
    return call.httpHandler.handle(call.request, {
      timeoutMs: Math.max(1, limitMs - (clock.monotonic() - startedMs)),
      responseBody: call.reader.responseBody,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }

  async #read(
    call: PreparedCall,
    response: HttpResponse,
    { attempt, startedMs, limitMs, signed }: UnderWay,
  ): Promise<AnsweredCall> {
    const { log, reader } = call;
    const { clock, request } = this.dependencies;
    const { statusCode, headers } = response;
    const limits: StreamLimits = { clock, idleMs: limitMs, waitedFor: reader.waitedFor };
    let raw: string | undefined;
    let bytes = 0;
    const answered = await reader.read({
      response,
      limits,
      body: async () => {
        const body = response.body instanceof Readable ? await readToEnd(response.body, limits) : response.body;
        const logged = { statusCode, headers, body, durationMs: clock.monotonic() - startedMs };
        log.response(attempt, logged, log.active ? reader.sensitive() : undefined);
        bytes = body.length;
        if (request.returnRaw) raw = bodyText(body).text;
        return body;
      },
      saved: () => log.response(attempt, { statusCode, headers, durationMs: clock.monotonic() - startedMs }),
      refused: (body) => this.#compare(log, attempt, signed, { headers, body }),
    });
    if (raw === undefined && !request.returnRequest) return { ...answered, bytes };
    return {
      ...answered,
      bytes,
      ...(raw === undefined ? {} : { raw }),
      ...(request.returnRequest ? { sent: this.#sentRequest(call) } : {}),
    };
  }

  #compare(
    log: CallLog,
    attempt: number,
    signed: SigningRecord | undefined,
    { headers, body }: Pick<RefusedAnswer, "headers" | "body">,
  ): ReturnType<ReceivedAnswer["refused"]> {
    const comparison = this.dependencies.authLog.compare(signed, body);
    if (comparison !== undefined) log.signature(attempt, comparison);
    const clockOffsetMs = this.skew.measure(headers);
    return {
      ...(comparison === undefined ? {} : { signatureVerdict: comparison.verdict }),
      ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
    };
  }

  #sentRequest({ request, reader }: PreparedCall): SentRequest {
    const { masker } = this.dependencies;
    const { method, headers } = request;
    const { body, bodyNote } = bodyForLog(request.body, headers, masker, reader.sensitive());
    const shown = { method, url: masker.maskText(urlForLog(request)), headers: masker.maskHeaders(headers) };
    return { ...shown, ...(body === undefined ? {} : { body }), ...(bodyNote === undefined ? {} : { bodyNote }) };
  }
}

/** Keys that were written into a configuration stay the same however often they are asked for. */
function renewal(
  { chain, provider }: CallIdentity,
  identity: AwsCredentialIdentity | undefined,
): (() => void) | undefined {
  if (identity?.sessionToken === undefined) return undefined;
  const isWrittenDown = chain.source.type === "static" || chain.source.type === "environment";
  return isWrittenDown && chain.steps.length === 0 ? undefined : () => provider.invalidate(identity);
}
