/** Owns the calling of STS: the SDK's client writes and reads, our signer signs, our handler sends, our limits hold. */
import { ClockSkew } from "../client/clock-skew";
import { classifyFailure, TOLERATED_SKEW_MS } from "../client/retry-classification";
import { retryAfterMs, retryDelayMs } from "../client/retry-delay";
import { AdapterError, toAdapterError } from "../errors/adapter-error";
import { SocketGate } from "../http/socket-gate";
import type { AuthLog, CallLog, SigningRecord } from "../logging/auth-log";
import { errorType } from "../metrics/error-type";
import type { Recorder } from "../metrics/metrics";
import { HttpSigner } from "../signing/http-signer";
import type { Clock } from "../types/clock";
import type { HttpHandler, HttpResponse } from "../types/http";
import type { AwsCredentialIdentity, IdentityRequest } from "../types/identity";
import type { StsEndpoint } from "../types/role-chain";
import { httpRequestOf, type SmithyRequest } from "./sdk-client";
import type { SecretKeeper } from "./secret-keeper";
import type { StsCall } from "./sts-call";
import { StsClients, sts } from "./sts-clients";
import { type StsAnswer, stsFailure } from "./sts-failure";
import { within } from "./within";

/** As the SDK's standard mode: the first try and two more. */
const MAX_ATTEMPTS = 3;
/**
 * At once to one endpoint: as many as there are connections. What the SDK and Node make of a request is a hundred
 * kilobytes, and of ten thousand that wait for a connection a gigabyte.
 */
const MAX_UNDER_WAY = 64;

export interface StsCallerDependencies {
  readonly httpHandlerFor: (endpoint: StsEndpoint) => HttpHandler;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: SecretKeeper;
  /** Where the steps are seen as calls are; nowhere, without it. */
  readonly authLog?: AuthLog;
  readonly userAgent: string;
  /** Limit of one call with its repetitions in milliseconds, where the request for the identity names none. */
  readonly timeoutMs: number;
  readonly metrics?: Recorder;
}

export class StsCaller {
  readonly #dependencies: StsCallerDependencies;
  readonly #signer = new HttpSigner();
  readonly #skew: ClockSkew;
  readonly #clients = new StsClients<Sending>((request, sending) => this.#send(request, sending));
  readonly #gate = new SocketGate(MAX_UNDER_WAY);
  #calls = 0;

  constructor(dependencies: StsCallerDependencies) {
    this.#dependencies = dependencies;
    this.#skew = new ClockSkew(dependencies.clock);
  }

  /** How far AWS's clock is ahead of ours, in milliseconds, as far as known. */
  get clockOffsetMs(): number {
    return this.#skew.offsetMs;
  }

  /** @returns what is left of a request's limit, whenever it is asked. A signal would only say later that it is over. */
  countdown({ timeoutMs = this.#dependencies.timeoutMs }: IdentityRequest = {}): () => IdentityRequest {
    const { clock } = this.#dependencies;
    const deadline = clock.monotonic() + timeoutMs;
    return () => ({ timeoutMs: Math.max(1, deadline - clock.monotonic()) });
  }

  /**
   * @throws AdapterError with the call's `failure` code and AWS's own words, or `TIMEOUT`, `CONNECTION_FAILED`,
   * `TLS_FAILED`, `ABORTED`; each names the step
   */
  async call<T>(call: StsCall<T>): Promise<T> {
    const { clock, metrics, secrets } = this.#dependencies;
    const startedMs = clock.monotonic();
    const measure = (error?: AdapterError): void => {
      const type = error && errorType(error, (text) => secrets.maskText(text));
      metrics?.record("stsCalls", (clock.monotonic() - startedMs) / 1000, `sts/${call.operation}`, type);
    };
    try {
      const answer = await this.#repeated(call);
      measure();
      return answer;
    } catch (thrown) {
      measure(toAdapterError(thrown));
      throw thrown;
    }
  }

  async #repeated<T>(call: StsCall<T>): Promise<T> {
    const { clock, random, timeoutMs } = this.#dependencies;
    const deadline = clock.monotonic() + (call.request?.timeoutMs ?? timeoutMs);
    const log = this.#log(call);
    for (let attempt = 1; ; attempt += 1) {
      const answer: StsAnswer = {};
      const leave = await this.#turn(call, deadline);
      const clockOffsetMs = this.#skew.offsetMs;
      try {
        return await call.send(this.#clients.sender(call.endpoint, { call, answer, deadline, log, attempt }), sts());
      } catch (thrown) {
        const offsetMs = answer.headers === undefined ? undefined : this.#skew.measure(answer.headers);
        if (offsetMs !== undefined) answer.clockOffsetMs = offsetMs;
        const error = stsFailure(thrown, answer, call, this.#dependencies.secrets);
        const skewMs = offsetMs === undefined ? undefined : offsetMs - clockOffsetMs;
        // A token of our own carries our time as a signature does; the next one is made by the corrected clock.
        const isRefusedForClock = call.issuer !== undefined && Math.abs(skewMs ?? 0) > TOLERATED_SKEW_MS;
        const kind = isRefusedForClock ? "skew" : classifyFailure(error, { skewMs, retriedStatuses: [] }).kind;
        const isSilent = error.code === "TIMEOUT";
        if (attempt >= MAX_ATTEMPTS || isSilent || kind === "final" || kind === "expired") throw error;
        if (kind === "skew") {
          this.#skew.correct(offsetMs ?? 0);
          continue;
        }
        const delay = retryDelayMs(kind, attempt - 1, random, retryAfterMs(answer.headers ?? {}, clock.now()));
        // A wait that ends past the limit helps nobody: what is known is told at once.
        if (delay >= deadline - clock.monotonic()) throw error;
        leave();
        await clock.sleep(delay, call.request?.signal);
      } finally {
        leave();
      }
    }
  }

  /** @returns gives the place up that the attempt has from now on, among those that are under way */
  async #turn({ endpoint, words, request }: StsCall<unknown>, deadline: number): Promise<() => void> {
    const { clock } = this.#dependencies;
    let leave = (): void => undefined;
    let isIn = false;
    const turn = new Promise<void>((resolve) => {
      leave = this.#gate.enter(endpoint.url, () => {
        isIn = true;
        resolve();
      });
    });
    if (isIn) return leave;
    try {
      const limit = { ...request, timeoutMs: Math.max(1, deadline - clock.monotonic()) };
      await within(turn, limit, clock, `STS (${words}; a place among the ${MAX_UNDER_WAY} calls under way)`);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Gives the SDK's clients up; what is under way goes on. */
  close(): void {
    this.#clients.close();
  }

  /** Steps are seen in the log as calls are, under an id of their own: many calls may wait for one. */
  #log({ operation, words }: StsCall<unknown>): CallLog | undefined {
    this.#calls += 1;
    const callId = `sts-${this.#calls}`;
    return this.#dependencies.authLog?.forCall({ callId, service: "sts", operation, chain: words, forced: false });
  }

  async #send(sdkRequest: SmithyRequest, sending: Sending): Promise<HttpResponse> {
    const { call, answer, deadline, log, attempt } = sending;
    const { clock, httpHandlerFor, userAgent, authLog } = this.#dependencies;
    const request = httpRequestOf(sdkRequest, userAgent);
    let signed: SigningRecord | undefined;
    if (call.identity !== undefined) {
      signed = await this.#signer.sign(request, call.identity, {
        scheme: "sigv4",
        service: "sts",
        region: call.endpoint.region,
        dateMs: this.#skew.now(),
        path: "double-encoded",
        payload: "sha256",
      });
    }
    log?.request(attempt, request, signed);
    const startedMs = clock.monotonic();
    const timeoutMs = Math.max(1, deadline - startedMs);
    const signal = call.request?.signal;
    const response = await httpHandlerFor(call.endpoint).handle(request, {
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      responseBody: "buffer",
    });
    answer.statusCode = response.statusCode;
    answer.headers = response.headers;
    answer.body = response.body.toString();
    const { statusCode, headers } = response;
    log?.response(attempt, { statusCode, headers, body: answer.body, durationMs: clock.monotonic() - startedMs });
    const comparison = statusCode < 300 ? undefined : authLog?.compare(signed, answer.body);
    if (comparison !== undefined) {
      log?.signature(attempt, comparison);
      answer.signatureVerdict = comparison.verdict;
    }
    return response;
  }
}

/** One attempt of one call: all that is not the same for every call to its endpoint. */
interface Sending {
  readonly call: StsCall<unknown>;
  readonly answer: StsAnswer;
  readonly deadline: number;
  readonly log: CallLog | undefined;
  readonly attempt: number;
}

/**
 * @param credentials - as STS answers them
 * @param offsetMs - how far AWS's clock is ahead of ours, so that the end is told in our time
 * @throws AdapterError when STS answered success without credentials
 */
export function identityOf(
  credentials:
    | {
        AccessKeyId?: string | undefined;
        SecretAccessKey?: string | undefined;
        SessionToken?: string | undefined;
        Expiration?: Date | undefined;
      }
    | undefined,
  offsetMs: number,
  call: Pick<StsCall<unknown>, "operation">,
): AwsCredentialIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || Expiration === undefined) {
    throw new AdapterError("RESPONSE_UNREADABLE", {
      service: "sts",
      operation: call.operation,
      status: 200,
      expected: "a set of credentials",
      found: "an answer without them",
    });
  }
  return {
    accessKeyId: ownText(AccessKeyId),
    secretAccessKey: ownText(SecretAccessKey),
    sessionToken: ownText(SessionToken),
    expiration: new Date(Expiration.getTime() - offsetMs),
  };
}

/** A part of a longer text keeps all of it in memory: here that would be the whole answer, for as long as the session. */
const ownText = (part: string): string => Buffer.from(part).toString();
