/** Owns one attempt of a call: identity, signature, sending, redirects, and the reading of the answer. */
import { Readable } from "node:stream";
import { type AdapterError, toAdapterError } from "../errors/adapter-error";
import type { AuthLog, SigningRecord } from "../logging/auth-log";
import type { Masker } from "../logging/masker";
import { errorType } from "../metrics/error-type";
import type { Recorder } from "../metrics/metrics";
import type { RequestSettings } from "../settings/settings";
import type { HttpSigner, SigningOptions } from "../signing/http-signer";
import type { CallIdentity } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpResponse } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import type { ClockSkew } from "./clock-skew";
import { identityWords } from "./identity-words";
import type { AnsweredCall, PreparedCall } from "./prepared-call";
import { AttemptAnswer } from "./received-answer";
import { followRedirect } from "./redirect";
import { RepeatableStream } from "./repeatable-stream";
import { resolveIdentity } from "./resolve-identity";
import type { AttemptResult, FailedAttempt } from "./retry";

interface AttemptDependencies {
  readonly clock: Clock;
  readonly signer: HttpSigner;
  readonly masker: Masker;
  readonly authLog: Pick<AuthLog, "compare">;
  readonly request: RequestSettings;
  readonly metrics?: Recorder;
}

/** Runs the attempts of one client's calls. Its deadline covers identity, connection and answer together. */
export class AttemptRunner {
  readonly #answers: AttemptDependencies & { readonly skew: ClockSkew };

  constructor(
    readonly dependencies: AttemptDependencies,
    readonly skew: ClockSkew,
  ) {
    this.#answers = { ...dependencies, skew };
  }

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
    const kept = this.#kept(call);
    const identity = kept ?? (await this.#identity(call, limitMs));
    const sentMs = kept === undefined ? clock.monotonic() : startedMs;
    const clockOffsetMs = this.skew.offsetMs;
    if (attempt > 1 && request.body instanceof RepeatableStream) request.body = request.body.again();
    const signing = this.#sign(call, identity, attempt);
    let signed = signing instanceof Promise ? await signing : signing;
    // Signing at once takes microseconds; the SDK's signers have to be loaded first.
    const signedMs = signing instanceof Promise ? clock.monotonic() : sentMs;
    const renewIdentity = renewal(call.identity, identity);
    let headers: Record<string, string> | undefined;
    try {
      let response = await this.#send(call, limitMs - (signedMs - startedMs));
      for (let left = settings.maxRedirects; left > 0 && followRedirect(request, response); left -= 1) {
        signed = await this.#sign(call, identity, attempt);
        response = await this.#send(call, limitMs - (clock.monotonic() - startedMs));
      }
      headers = response.headers;
      const received = new AttemptAnswer(response, { call, attempt, startedMs, limitMs, signed }, this.#answers);
      const reading = call.reader.read(received);
      const answer = received.complete(reading instanceof Promise ? await reading : reading);
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
    const { request, log, reader } = call;
    const signed =
      identity === undefined ? undefined : this.dependencies.signer.sign(request, identity, this.#options(call));
    if (!log.active) return signed;
    const write = <T extends SigningRecord | undefined>(record: T): T => {
      log.request(attempt, request, record, reader.sensitive());
      return record;
    };
    return signed instanceof Promise ? signed.then(write) : write(signed);
  }

  #options({ signing, request }: PreparedCall): SigningOptions {
    const { scheme, service, region, path } = signing;
    const payload = request.body instanceof Readable ? "unsigned" : "sha256";
    return { scheme, service, region, path, payload, dateMs: this.skew.now() };
  }

  #send(call: PreparedCall, leftMs: number): Promise<HttpResponse> {
    const { request, reader, signal } = call;
    return call.httpHandler.handle(request, {
      timeoutMs: Math.max(1, leftMs),
      responseBody: reader.responseBody,
      signal,
    });
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
