/** Owns everything of a call up to its signature: input, endpoint, request, and what the service wants changed. */
import { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { AuthLog, DescribeRoleChain } from "../logging/auth-log";
import type { ModelCatalog } from "../models/model-catalog";
import type { OperationModel } from "../models/operation-model";
import type { EndpointSettings, RequestSettings } from "../settings/settings";
import type { CallIdentity, IapMetadata, RawRequest } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpHandler, HttpRequest } from "../types/http";
import type { Customisation, CustomisationContext, NativeInput } from "./customisations/customisation";
import { Customisations } from "./customisations/customisations";
import type { Endpoint, EndpointResolver } from "./endpoint";
import type { EndpointParameterValues } from "./endpoint-parameters";
import { type EventLimits, eventLimits } from "./event-limits";
import type { FileAccess } from "./file-access";
import { identityWords } from "./identity-words";
import { mergeMetadata } from "./merge-metadata";
import type { OperationAnswers } from "./operation-answer";
import type { AnswerReader, PreparedCall } from "./prepared-call";
import { presignedUrl } from "./presigned-url";
import type { Protocols } from "./protocols";
import { rawReader } from "./raw-answer";
import { rawEndpoint, rawHttpRequest } from "./raw-request";
import type { InputReader } from "./read-input";
import { RepeatableStream } from "./repeatable-stream";
import { bufferUnknownLength, setLength } from "./request-length";
import type { ErrorContext } from "./service-error";

interface PreparerDependencies {
  readonly models: ModelCatalog;
  readonly clock: Clock;
  readonly httpHandler: HttpHandler;
  readonly authLog: AuthLog;
  readonly masker: { maskText(text: string): string };
  readonly endpoint: EndpointSettings;
  readonly request: RequestSettings;
  readonly userAgent: string;
}

/** What the steps are done by. */
interface Steps {
  readonly inputs: InputReader;
  readonly protocols: Protocols;
  readonly files: FileAccess;
  readonly endpoints: EndpointResolver;
  readonly answers: OperationAnswers;
}

interface CallOptions {
  /** In place of the client's own, where the call goes another way. */
  readonly httpHandler?: HttpHandler | undefined;
  readonly identity: CallIdentity;
  readonly metadata?: IapMetadata | undefined;
  readonly callId: string;
  readonly signal?: AbortSignal | undefined;
}

type ChainWords = ReturnType<DescribeRoleChain>;

/** A request that wants only its signature, and all that its call said about it. */
interface Prepared {
  readonly request: HttpRequest;
  readonly endpoint: Endpoint;
  readonly operation: ErrorContext["operation"];
  readonly reader: AnswerReader;
  readonly repeatable: boolean;
  readonly extraMs: number;
  readonly options: CallOptions;
  readonly words: ChainWords;
}

/** A call whose input has been read. */
interface BegunCall {
  readonly operation: OperationModel;
  readonly customisations: readonly Customisation[];
  readonly context: CallContext;
  readonly options: CallOptions;
  readonly words: ChainWords;
  readonly events: EventLimits | undefined;
}

/** Prepares the calls of one client. */
export class CallPreparer {
  readonly #customisations = new Customisations();
  readonly #dependencies: PreparerDependencies;
  readonly #steps: Steps;

  constructor(dependencies: PreparerDependencies, steps: Steps) {
    this.#dependencies = dependencies;
    this.#steps = steps;
  }

  /**
   * Happens once, however often the request is sent.
   * @param purpose - a request that is presigned is not sent from here
   * @returns at once, where nothing has to be waited for: most calls
   * @throws AdapterError, see `AwsClient.send`
   */
  prepare(
    operation: OperationModel,
    rawInput: unknown,
    options: CallOptions,
    words: ChainWords,
    purpose: CustomisationContext["purpose"],
  ): PreparedCall | Promise<PreparedCall> {
    const { metadata } = options;
    const customisations = this.#customisations.of(operation);
    const context = new CallContext(operation, purpose, options, this.#steps.endpoints, this.#dependencies);

    if (metadata?.saveTo !== undefined) this.#checkSaveTo(operation, metadata.saveTo);
    const events = eventLimits(operation, metadata);
    const input: NativeInput = this.#steps.inputs.read(operation, rawInput);
    const begun = { operation, customisations, context, options, words, events };
    if (customisations.length > 0) return this.#customised(begun, input);
    const endpoint = this.#resolve(operation, input, options, customisations);
    const request = this.#steps.protocols.serialize(operation, input, endpoint);
    if (request instanceof Promise) return request.then((made) => this.#completed(begun, input, endpoint, made));
    return this.#completed(begun, input, endpoint, request);
  }

  async #customised(begun: BegunCall, given: NativeInput): Promise<PreparedCall> {
    const { operation, customisations, context, options } = begun;
    let input = given;
    for (const { input: complete } of customisations) if (complete) input = await complete(input, context);
    const endpoint = this.#resolve(operation, input, options, customisations);
    const serialized = customisations.reduce((given, { afterEndpoint }) => afterEndpoint?.(given) ?? given, input);
    const request = await this.#steps.protocols.serialize(operation, serialized, endpoint);
    return this.#completed(begun, input, endpoint, request);
  }

  #completed(
    begun: BegunCall,
    input: NativeInput,
    endpoint: Endpoint,
    request: HttpRequest,
  ): PreparedCall | Promise<PreparedCall> {
    request.headers["user-agent"] = this.#dependencies.userAgent;
    mergeMetadata(request, this.#dependencies.request, begun.options.metadata);
    if (request.body instanceof Readable || begun.customisations.length > 0)
      return this.#adjusted(begun, input, endpoint, request);
    return this.#called(begun, input, endpoint, request, true);
  }

  async #adjusted(
    begun: BegunCall,
    input: NativeInput,
    endpoint: Endpoint,
    request: HttpRequest,
  ): Promise<PreparedCall> {
    if (request.body instanceof Readable) await bufferUnknownLength(request);
    const repeatable = isRepeatable(request);
    for (const { request: adjust } of begun.customisations) if (adjust) await adjust(request, input, begun.context);
    return this.#called(begun, input, endpoint, request, repeatable);
  }

  #called(
    { operation, customisations, context, options, words, events }: BegunCall,
    input: NativeInput,
    endpoint: Endpoint,
    request: HttpRequest,
    repeatable: boolean,
  ): PreparedCall {
    setLength(request);
    const saveTo = options.metadata?.saveTo;
    const reader = this.#steps.answers.reader({
      operation,
      input,
      endpoint,
      customisations,
      context,
      words,
      saveTo,
      events,
    });
    let extraMs = 0;
    for (const { waitsMs } of customisations) extraMs += waitsMs?.(input) ?? 0;
    return this.#prepared({ request, endpoint, operation, reader, repeatable, extraMs, options, words });
  }

  /** @throws AdapterError, see `AwsClient.sendRaw` */
  async prepareRaw(raw: RawRequest, options: CallOptions, words: ChainWords): Promise<PreparedCall> {
    const { request: settings, endpoint: where, models, userAgent, masker } = this.#dependencies;
    const { metadata } = options;
    const endpoint = rawEndpoint(raw, where, metadata?.callProperties, models, this.#steps.endpoints);
    const request = rawHttpRequest(raw, endpoint);
    request.headers["user-agent"] = userAgent;
    mergeMetadata(request, settings, metadata);
    if (request.body instanceof Readable) await bufferUnknownLength(request);
    setLength(request);
    const { service, region } = endpoint.signing;
    const mask = (text: string) => masker.maskText(text);
    // Unlike the names of operations, a path is whatever the caller wrote.
    const operation = { name: mask(`${raw.method} ${request.path}`), service: { name: service, sdkId: service } };
    const action = "the action that the message names";
    const reader = rawReader({
      operation,
      identity: identityWords(words),
      signingName: service,
      region,
      action,
      mask,
    });
    const repeatable = isRepeatable(request);
    return this.#prepared({ request, endpoint, operation, reader, repeatable, extraMs: 0, options, words });
  }

  /** Written out member by member: this runs for every call, and spreading an object into another is slow. */
  #prepared({ request, endpoint, operation, reader, repeatable, extraMs, options, words }: Prepared): PreparedCall {
    const { identity, metadata, callId, signal, httpHandler } = options;
    const log = this.#dependencies.authLog.forCall({
      callId,
      service: operation.service.name,
      operation: operation.name,
      chain: identity.chain,
      forced: metadata?.auth_logging === true,
    });
    return {
      request,
      signing: endpoint.signing,
      httpHandler: httpHandler ?? this.#dependencies.httpHandler,
      repeatable,
      identity,
      words,
      extraMs,
      log,
      reader,
      signal,
    };
  }

  /** Refused before anything is sent: a body that has nowhere to go is paid for all the same. */
  #checkSaveTo(operation: OperationModel, path: string): void {
    const parameter = "iapMetadata.saveTo";
    if (operation.streamingOutput === undefined && operation.eventStreamOutput === undefined) {
      const detail = { parameter, found: "a file", expected: `nothing: ${operation.name} has no streamed body` };
      throw new AdapterError("INVALID_INPUT", { ...detail, documentation: "leave saveTo out for this operation." });
    }
    this.#steps.files.resolveForWriting(path, parameter);
  }

  #resolve(
    operation: OperationModel,
    input: NativeInput,
    { metadata }: CallOptions,
    customisations: readonly Customisation[],
  ): Endpoint {
    const adjusts = customisations.some(({ endpointParameters }) => endpointParameters !== undefined);
    const adjust = (parameters: EndpointParameterValues): void => {
      for (const { endpointParameters } of customisations) endpointParameters?.(parameters);
    };
    const given = metadata?.callProperties;
    let endpoint = this.#steps.endpoints.resolve(operation, input, given, adjusts ? adjust : undefined);
    for (const { endpoint: adjust } of customisations) if (adjust) endpoint = adjust(endpoint, input);
    return endpoint;
  }
}

/** What the customisations of one call may ask for; most ask for nothing, so that nothing is worked out beforehand. */
class CallContext implements CustomisationContext {
  constructor(
    readonly operation: OperationModel,
    readonly purpose: CustomisationContext["purpose"],
    readonly options: CallOptions,
    readonly endpoints: EndpointResolver,
    readonly dependencies: PreparerDependencies,
  ) {}

  get region(): string {
    return this.endpoints.region(this.operation, this.options.metadata?.callProperties) ?? "";
  }

  async presignedUrl(region: string, query: Readonly<Record<string, string>>, input: NativeInput): Promise<string> {
    const { identity, metadata, signal } = this.options;
    const { clock, request } = this.dependencies;
    const endpoint = this.endpoints.resolve(this.operation, input, { ...metadata?.callProperties, region });
    const asked = { timeoutMs: request.attemptTimeoutMs, ...(signal === undefined ? {} : { signal }) };
    return presignedUrl(endpoint, query, await identity.provider.resolve(asked), clock.now());
  }
}

const isRepeatable = ({ body }: HttpRequest): boolean =>
  !(body instanceof Readable) || body instanceof RepeatableStream;
