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
import type { PreparedCall } from "./attempt";
import type { Customisation, CustomisationContext, NativeInput } from "./customisations/customisation";
import { Customisations } from "./customisations/customisations";
import type { Endpoint, EndpointParameterValues, EndpointResolver } from "./endpoint";
import type { FileAccess } from "./file-access";
import { identityWords } from "./identity-words";
import { mergeMetadata } from "./merge-metadata";
import type { OperationAnswers } from "./operation-answer";
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
  readonly httpHandler?: HttpHandler;
  readonly identity: CallIdentity;
  readonly metadata?: IapMetadata;
  readonly callId: string;
  readonly signal?: AbortSignal;
}

type ChainWords = ReturnType<DescribeRoleChain>;

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
   * @throws AdapterError, see `AwsClient.send`
   */
  async prepare(
    operation: OperationModel,
    rawInput: unknown,
    options: CallOptions,
    words: ChainWords,
    purpose: CustomisationContext["purpose"],
  ): Promise<PreparedCall> {
    const { request: settings, userAgent } = this.#dependencies;
    const { metadata } = options;
    const customisations = this.#customisations.of(operation);
    const context = this.#context(operation, options, purpose);

    if (metadata?.saveTo !== undefined) this.#checkSaveTo(operation, metadata.saveTo);
    let input: NativeInput = this.#steps.inputs.read(operation, rawInput);
    for (const { input: complete } of customisations) if (complete) input = await complete(input, context);
    const endpoint = this.#resolve(operation, input, options, customisations);
    const serialized = customisations.reduce((given, { afterEndpoint }) => afterEndpoint?.(given) ?? given, input);
    const request = await this.#steps.protocols.serialize(operation, serialized, endpoint);
    request.headers["user-agent"] = userAgent;
    mergeMetadata(request, settings, metadata);
    if (request.body instanceof Readable) await bufferUnknownLength(request);
    const repeatable = isRepeatable(request);
    for (const { request: adjust } of customisations) if (adjust) await adjust(request, input, context);
    setLength(request);

    const saveTo = metadata?.saveTo === undefined ? {} : { saveTo: metadata.saveTo };
    const called = { operation, input, endpoint, customisations, context, words, ...saveTo };
    return {
      ...this.#sendable(request, endpoint, operation, options, words),
      repeatable,
      extraMs: customisations.reduce((sum, { waitsMs }) => sum + (waitsMs?.(input) ?? 0), 0),
      reader: this.#steps.answers.reader(called),
    };
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
    const operation = { name: `${raw.method} ${request.path}`, service: { name: service, sdkId: service } };
    const mask = (text: string) => masker.maskText(text);
    const action = "the action that the message names";
    return {
      ...this.#sendable(request, endpoint, operation, options, words),
      repeatable: isRepeatable(request),
      extraMs: 0,
      reader: rawReader({ operation, identity: identityWords(words), signingName: service, region, action, mask }),
    };
  }

  #sendable(
    request: HttpRequest,
    { signing }: Endpoint,
    { service, name }: ErrorContext["operation"],
    { metadata, identity, callId, signal, httpHandler = this.#dependencies.httpHandler }: CallOptions,
    words: ChainWords,
  ): Omit<PreparedCall, "extraMs" | "reader" | "repeatable"> {
    const forced = metadata?.auth_logging === true;
    const { chain } = identity;
    const log = this.#dependencies.authLog.forCall({ callId, service: service.name, operation: name, chain, forced });
    return { request, signing, identity, words, log, httpHandler, ...(signal === undefined ? {} : { signal }) };
  }

  /** Refused before anything is sent: a body that has nowhere to go is paid for all the same. */
  #checkSaveTo(operation: OperationModel, path: string): void {
    const parameter = "iapMetadata.saveTo";
    if (operation.streamingOutput === undefined) {
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

  #context(
    operation: OperationModel,
    { identity, metadata, signal }: CallOptions,
    purpose: CustomisationContext["purpose"],
  ): CustomisationContext {
    const callProperties = metadata?.callProperties;
    const { clock, request } = this.#dependencies;
    return {
      operation,
      purpose,
      region: this.#steps.endpoints.region(operation, callProperties) ?? "",
      presignedUrl: async (region, query, input) => {
        const endpoint = this.#steps.endpoints.resolve(operation, input, { ...callProperties, region });
        const asked = { timeoutMs: request.attemptTimeoutMs, ...(signal === undefined ? {} : { signal }) };
        return presignedUrl(endpoint, query, await identity.provider.resolve(asked), clock.now());
      },
    };
  }
}

const isRepeatable = ({ body }: HttpRequest): boolean =>
  !(body instanceof Readable) || body instanceof RepeatableStream;
