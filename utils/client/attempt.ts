/** Owns one attempt of a call: identity, signature, sending, and what the answer means. */
import { Readable } from "node:stream";
import { AdapterError, toAdapterError } from "../errors/adapter-error";
import type { AuthLog, CallLog, DescribeRoleChain, SigningRecord } from "../logging/auth-log";
import type { OperationModel } from "../models/operation-model";
import type { RequestSettings } from "../settings/settings";
import type { HttpSigner } from "../signing/http-signer";
import type { CallIdentity } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpHandler, HttpRequest, HttpResponse } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import type { ClockSkew } from "./clock-skew";
import type {
  BufferedResponse,
  Customisation,
  CustomisationContext,
  NativeInput,
} from "./customisations/customisation";
import type { Endpoint } from "./endpoint";
import type { FileAccess } from "./file-access";
import type { OutputReader } from "./read-output";
import { resolveIdentity } from "./resolve-identity";
import type { AttemptResult, FailedAttempt } from "./retry";
import { sensitiveMembers } from "./sensitive-members";
import { type ErrorContext, serviceError, unreadable } from "./service-error";
import { readToEnd, type StreamLimits, saveToFile } from "./streamed-body";

/** A call that is ready to be signed and sent. */
export interface PreparedCall {
  readonly operation: OperationModel;
  readonly input: NativeInput;
  readonly endpoint: Endpoint;
  readonly request: HttpRequest;
  readonly customisations: readonly Customisation[];
  readonly context: CustomisationContext;
  readonly identity: CallIdentity;
  readonly words: ReturnType<DescribeRoleChain>;
  /** What the service may take on purpose, in milliseconds. */
  readonly extraMs: number;
  readonly log: CallLog;
  readonly saveTo?: string;
  readonly signal?: AbortSignal;
}

export interface AnsweredCall {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly output: Record<string, unknown>;
}

interface AttemptDependencies {
  readonly clock: Clock;
  readonly httpHandler: HttpHandler;
  readonly signer: HttpSigner;
  readonly masker: { maskText(text: string): string };
  readonly authLog: Pick<AuthLog, "compare">;
  readonly request: RequestSettings;
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
  readonly #sensitive = new WeakMap<OperationModel, ReadonlySet<string>>();

  constructor(
    readonly dependencies: AttemptDependencies,
    readonly outputs: OutputReader,
    readonly files: FileAccess,
    readonly skew: ClockSkew,
  ) {}

  /**
   * @param attempt - counts from 1
   * @returns the answer, or a failure that the retrier judges
   * @throws AdapterError of the identity, which nobody repeats
   */
  async run(call: PreparedCall, attempt: number): Promise<AttemptResult<AnsweredCall>> {
    const { clock, httpHandler } = this.dependencies;
    const limitMs = this.dependencies.request.attemptTimeoutMs + call.extraMs;
    const startedMs = clock.monotonic();
    const identity = await this.#identity(call, limitMs);
    const clockOffsetMs = this.skew.offsetMs;
    const signed = await this.#sign(call, identity, attempt);
    const renewIdentity = renewal(call.identity, identity);
    let headers: Record<string, string> | undefined;
    try {
      const response = await httpHandler.handle(call.request, {
        timeoutMs: Math.max(1, limitMs - (clock.monotonic() - startedMs)),
        responseBody: call.operation.streamingOutput === undefined ? "buffer" : "stream",
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
      headers = response.headers;
      return { answer: await this.#read(call, response, { attempt, startedMs, limitMs, signed }) };
    } catch (thrown) {
      const failed: FailedAttempt = {
        error: toAdapterError(thrown),
        clockOffsetMs,
        ...(headers === undefined ? {} : { headers }),
        ...(renewIdentity === undefined ? {} : { renewIdentity }),
      };
      return { failed };
    }
  }

  async #identity(call: PreparedCall, timeoutMs: number): Promise<AwsCredentialIdentity | undefined> {
    if (call.endpoint.signing.scheme === "none") return undefined;
    const waitedFor = `The source of credentials (${identityWords(call.words)})`;
    const signal = call.signal === undefined ? {} : { signal: call.signal };
    return resolveIdentity(call.identity.provider, { clock: this.dependencies.clock, timeoutMs, waitedFor, ...signal });
  }

  async #sign(
    { operation, endpoint, request, log }: PreparedCall,
    identity: AwsCredentialIdentity | undefined,
    attempt: number,
  ): Promise<SigningRecord | undefined> {
    const payload = request.body instanceof Readable ? "unsigned" : "sha256";
    const options = { ...endpoint.signing, dateMs: this.skew.now(), payload } as const;
    const signed = identity === undefined ? undefined : this.dependencies.signer.sign(request, identity, options);
    const record = signed instanceof Promise ? await signed : signed;
    if (log.active) log.request(attempt, request, record, this.#sensitiveMembers(operation));
    return record;
  }

  async #read(
    call: PreparedCall,
    response: HttpResponse,
    { attempt, startedMs, limitMs, signed }: UnderWay,
  ): Promise<AnsweredCall> {
    const { operation, log } = call;
    const { clock } = this.dependencies;
    const { statusCode, headers } = response;
    const limits: StreamLimits = { clock, idleMs: limitMs, waitedFor: `${operation.service.name} ${operation.name}` };
    const member = operation.streamingOutput;
    if (member !== undefined && call.saveTo !== undefined && statusCode < 300) {
      const saved = await this.#save(call, response, call.saveTo, limits);
      log.response(attempt, { statusCode, headers, durationMs: clock.monotonic() - startedMs });
      return { statusCode, headers, output: await this.outputs.readStreaming(operation, response, member, saved) };
    }
    const body = response.body instanceof Readable ? await readToEnd(response.body, limits) : response.body;
    const durationMs = clock.monotonic() - startedMs;
    log.response(
      attempt,
      { statusCode, headers, body, durationMs },
      log.active ? this.#sensitiveMembers(operation) : undefined,
    );

    const buffered: BufferedResponse = { statusCode, headers: { ...headers }, body };
    for (const { response: check } of call.customisations) if (check) await check(buffered, call.context);
    if (buffered.statusCode >= 300) throw await this.#refusal(call, buffered, attempt, signed);
    const output = await this.#output(call, buffered, member);
    for (const { output: check } of call.customisations) check?.(output, call.input, call.context);
    return { statusCode, headers, output };
  }

  async #save(
    call: PreparedCall,
    response: HttpResponse,
    path: string,
    limits: StreamLimits,
  ): Promise<{ readonly file: string; readonly bytes: number }> {
    const body = response.body instanceof Readable ? response.body : Readable.from([response.body]);
    const watches = call.customisations.flatMap(({ watch }) => watch?.(response, call.context) ?? []);
    const saved = await saveToFile(body, path, this.files, limits, (part) => {
      for (const watch of watches) watch.update(part);
    });
    for (const watch of watches) await watch.end();
    return saved;
  }

  async #output(
    call: PreparedCall,
    response: BufferedResponse,
    member: string | undefined,
  ): Promise<Record<string, unknown>> {
    const { operation } = call;
    try {
      if (member !== undefined) return await this.outputs.readStreaming(operation, response, member, response.body);
      return await this.outputs.read(operation, response);
    } catch (thrown) {
      if (thrown instanceof AdapterError) throw thrown;
      throw unreadable(`an answer of ${operation.name}`, response, this.#errorContext(call), thrown);
    }
  }

  async #refusal(
    call: PreparedCall,
    response: BufferedResponse,
    attempt: number,
    signed: SigningRecord | undefined,
  ): Promise<AdapterError> {
    const comparison = this.dependencies.authLog.compare(signed, response.body);
    if (comparison !== undefined) call.log.signature(attempt, comparison);
    try {
      await this.outputs.protocols.deserialize(call.operation, response);
    } catch (thrown) {
      const clockOffsetMs = this.skew.measure(response.headers);
      const context = this.#errorContext(call, comparison?.verdict);
      return serviceError(thrown, response, { ...context, ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }) });
    }
    return unreadable("an AWS error", response, this.#errorContext(call));
  }

  #errorContext({ operation, endpoint, words }: PreparedCall, signatureVerdict?: string): ErrorContext {
    const { service, region } = endpoint.signing;
    const { masker } = this.dependencies;
    return {
      operation,
      identity: identityWords(words),
      signingName: service,
      region,
      mask: (text) => masker.maskText(text),
      ...(signatureVerdict === undefined ? {} : { signatureVerdict }),
    };
  }

  #sensitiveMembers(operation: OperationModel): ReadonlySet<string> {
    let members = this.#sensitive.get(operation);
    if (members === undefined) {
      members = sensitiveMembers(operation);
      this.#sensitive.set(operation, members);
    }
    return members;
  }
}

const identityWords = ({ source, steps }: PreparedCall["words"]): string => [source, ...steps].join(", then ");

/** Keys that were written into a configuration stay the same however often they are asked for. */
function renewal(
  { chain, provider }: CallIdentity,
  identity: AwsCredentialIdentity | undefined,
): (() => void) | undefined {
  if (identity?.sessionToken === undefined) return undefined;
  const isWrittenDown = chain.source.type === "static" || chain.source.type === "environment";
  return isWrittenDown && chain.steps.length === 0 ? undefined : () => provider.invalidate(identity);
}
