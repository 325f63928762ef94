/** Owns a call to AWS from its input to its output: read, resolve, serialize, then sign and send until it is answered. */
import type { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { AuthLog, DescribeRoleChain } from "../logging/auth-log";
import type { Masker } from "../logging/masker";
import type { Idempotency } from "../models/entity-format";
import type { ModelCatalog } from "../models/model-catalog";
import type { OperationModel } from "../models/operation-model";
import type { EndpointSettings, RequestSettings } from "../settings/settings";
import type { HttpSigner } from "../signing/http-signer";
import type { CallIdentity, CallMetrics, CallResult, IapMetadata, RawRequest } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpHandler, HttpRequest } from "../types/http";
import type { RoleChain } from "../types/role-chain";
import { type AnsweredCall, AttemptRunner, type PreparedCall } from "./attempt";
import { ClockSkew } from "./clock-skew";
import type { Customisation, CustomisationContext, NativeInput } from "./customisations/customisation";
import { Customisations } from "./customisations/customisations";
import { type Endpoint, EndpointResolver } from "./endpoint";
import { FileAccess, type LinkedFiles } from "./file-access";
import { identityWords } from "./identity-words";
import { mergeMetadata } from "./merge-metadata";
import { openBody } from "./open-body";
import { OperationAnswers } from "./operation-answer";
import { presignedUrl } from "./presigned-url";
import { Protocols } from "./protocols";
import { rawReader } from "./raw-answer";
import { idempotencyOf, rawEndpoint, rawHttpRequest } from "./raw-request";
import { InputReader } from "./read-input";
import { OutputReader } from "./read-output";
import { setLength } from "./request-length";
import { Retrier } from "./retry";
import { type ErrorContext, requestIdOf } from "./service-error";

export interface AwsClientDependencies {
  readonly models: ModelCatalog;
  readonly httpHandler: HttpHandler;
  readonly signer: HttpSigner;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly authLog: AuthLog;
  /** Masks secrets in what an error or a result says. */
  readonly masker: Masker;
  /** Puts a role chain into words, for metrics and errors. */
  readonly describe: DescribeRoleChain;
  readonly endpoint: EndpointSettings;
  readonly request: RequestSettings;
  readonly userAgent: string;
  /** `file_access.root`, and the files in it; without it `file` and `saveTo` are refused. */
  readonly fileAccess?: { readonly root: string | undefined; readonly files: LinkedFiles };
}

export interface SendOptions {
  readonly identity: CallIdentity;
  readonly metadata?: IapMetadata;
  /** Shared by all log entries of the call. */
  readonly callId: string;
  readonly queueMs?: number;
  /** Filled in as the call goes on, so that a failed call has its metrics too. */
  readonly metrics?: CallMetrics;
  /** Replaces that of the settings. */
  readonly maxRetries?: number;
  readonly signal?: AbortSignal;
}

type ChainWords = ReturnType<DescribeRoleChain>;

const NO_FILES: LinkedFiles = {
  realPath: (path) => path,
  read: () => Buffer.alloc(0),
  stream: () => {
    throw new Error("no files");
  },
  write: () => {
    throw new Error("no files");
  },
};

/** Calls any operation of any service in `entities/`. One belongs to one adapter instance and shares nothing with another. */
export class AwsClient {
  readonly #dependencies: AwsClientDependencies;
  readonly #customisations = new Customisations();
  readonly #protocols = new Protocols();
  readonly #input: InputReader;
  readonly #endpoints: EndpointResolver;
  readonly #retrier: Retrier;
  readonly #attempts: AttemptRunner;
  readonly #answers: OperationAnswers;
  readonly #files: FileAccess;
  readonly #words = new WeakMap<RoleChain, ChainWords>();

  constructor(dependencies: AwsClientDependencies) {
    const { clock, random, endpoint, fileAccess, masker } = dependencies;
    this.#dependencies = dependencies;
    this.#files = new FileAccess(fileAccess?.root, fileAccess?.files ?? NO_FILES);
    const skew = new ClockSkew(clock);
    this.#input = new InputReader(this.#files, (text) => masker.maskText(text));
    this.#endpoints = new EndpointResolver(endpoint);
    this.#retrier = new Retrier(clock, random, skew);
    this.#attempts = new AttemptRunner(dependencies, skew);
    this.#answers = new OperationAnswers(masker, new OutputReader(this.#protocols), this.#files);
  }

  /**
   * @param service - folder name in `entities/`: `ec2`, `route-53`
   * @param operation - as AWS spells it: `DescribeInstances`
   * @param input - JSON or native values, see {@link InputReader}
   * @returns JSON-safe output
   * @throws AdapterError; before anything is sent `UNKNOWN_SERVICE`, `UNKNOWN_OPERATION`, `INVALID_INPUT`, `FILE_REFUSED`,
   * `ENDPOINT_UNRESOLVED`, `REQUEST_UNSERIALIZABLE`; then whatever the identity, the connection or AWS answers
   */
  async send(service: string, operation: string, input: unknown, options: SendOptions): Promise<CallResult> {
    return this.#run(options, async (words) => {
      const model = this.#dependencies.models.service(service).operation(operation);
      return { call: await this.#prepare(model, input, options, words), idempotency: model.idempotency };
    });
  }

  /**
   * Opens bytes in any form that a member of an input may have; a file is read piece by piece.
   * @param parameter - where the value stands, for the error
   * @throws AdapterError `INVALID_INPUT`, `FILE_REFUSED`
   */
  openBody(value: unknown, parameter: string): Uint8Array | Readable {
    return openBody(value, parameter, this.#files);
  }

  /**
   * Sends a request in HTTP's own terms, signed like every other.
   * @returns JSON and XML as objects, other text as text, bytes as `{ base64 }`
   * @throws AdapterError as {@link AwsClient.send}, without what only an operation can refuse
   */
  async sendRaw(raw: RawRequest, options: SendOptions): Promise<CallResult> {
    return this.#run(options, async (words) => ({
      call: await this.#prepareRaw(raw, options, words),
      idempotency: idempotencyOf(raw),
    }));
  }

  async #run(
    options: SendOptions,
    prepare: (words: ChainWords) => Promise<{ readonly call: PreparedCall; readonly idempotency: Idempotency }>,
  ): Promise<CallResult> {
    const { clock, request } = this.#dependencies;
    const startedMs = clock.monotonic();
    const words = this.#wordsFor(options.identity.chain);
    const metrics = beginMetrics(options, words);
    try {
      const { call, idempotency } = await prepare(words);
      const answered = await this.#retrier.run<AnsweredCall>({
        idempotency,
        repeatable: isRepeatable(call.request),
        maxRetries: options.maxRetries ?? request.maxRetries,
        retriedStatuses: request.retriedStatuses,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        attempt: (attempt) => {
          metrics.attempts = attempt;
          return this.#attempts.run(call, attempt);
        },
      });
      return toResult(answered, metrics);
    } finally {
      metrics.roundTripMs = Math.round((clock.monotonic() - startedMs) * 1000) / 1000;
    }
  }

  /** Everything up to the signature: it happens once, however often the request is sent. */
  async #prepare(
    operation: OperationModel,
    rawInput: unknown,
    options: SendOptions,
    words: ChainWords,
  ): Promise<PreparedCall> {
    const { request: settings, userAgent } = this.#dependencies;
    const { metadata } = options;
    const customisations = this.#customisations.of(operation);
    const context = this.#context(operation, options);

    if (metadata?.saveTo !== undefined) this.#checkSaveTo(operation, metadata.saveTo);
    let input: NativeInput = this.#input.read(operation, rawInput);
    for (const { input: complete } of customisations) if (complete) input = await complete(input, context);
    const endpoint = this.#resolve(operation, input, options, customisations);
    const serialized = customisations.reduce((given, { afterEndpoint }) => afterEndpoint?.(given) ?? given, input);
    const request = await this.#protocols.serialize(operation, serialized, endpoint);
    request.headers["user-agent"] = userAgent;
    mergeMetadata(request, settings, metadata);
    for (const { request: adjust } of customisations) if (adjust) await adjust(request, input, context);
    await setLength(request);

    const saveTo = metadata?.saveTo === undefined ? {} : { saveTo: metadata.saveTo };
    const called = { operation, input, endpoint, customisations, context, words, ...saveTo };
    return {
      ...this.#sendable(request, endpoint, operation, options, words),
      extraMs: customisations.reduce((sum, { waitsMs }) => sum + (waitsMs?.(input) ?? 0), 0),
      reader: this.#answers.reader(called),
    };
  }

  async #prepareRaw(raw: RawRequest, options: SendOptions, words: ChainWords): Promise<PreparedCall> {
    const { request: settings, endpoint: where, models, userAgent, masker } = this.#dependencies;
    const { metadata } = options;
    const endpoint = rawEndpoint(raw, where, metadata?.callProperties, models, this.#endpoints);
    const request = rawHttpRequest(raw, endpoint);
    request.headers["user-agent"] = userAgent;
    mergeMetadata(request, settings, metadata);
    await setLength(request);
    const { service, region } = endpoint.signing;
    const operation = { name: `${raw.method} ${request.path}`, service: { name: service, sdkId: service } };
    const mask = (text: string) => masker.maskText(text);
    const action = "the action that the message names";
    return {
      ...this.#sendable(request, endpoint, operation, options, words),
      extraMs: 0,
      reader: rawReader({ operation, identity: identityWords(words), signingName: service, region, action, mask }),
    };
  }

  #sendable(
    request: HttpRequest,
    { signing }: Endpoint,
    { service, name }: ErrorContext["operation"],
    { metadata, identity, callId, signal }: SendOptions,
    words: ChainWords,
  ): Omit<PreparedCall, "extraMs" | "reader"> {
    const forced = metadata?.auth_logging === true;
    const { chain } = identity;
    const log = this.#dependencies.authLog.forCall({ callId, service: service.name, operation: name, chain, forced });
    return { request, signing, identity, words, log, ...(signal === undefined ? {} : { signal }) };
  }

  /** Refused before anything is sent: a body that has nowhere to go is paid for all the same. */
  #checkSaveTo(operation: OperationModel, path: string): void {
    const parameter = "iapMetadata.saveTo";
    if (operation.streamingOutput === undefined) {
      const detail = { parameter, found: "a file", expected: `nothing: ${operation.name} has no streamed body` };
      throw new AdapterError("INVALID_INPUT", { ...detail, documentation: "leave saveTo out for this operation." });
    }
    this.#files.resolveForWriting(path, parameter);
  }

  #resolve(
    operation: OperationModel,
    input: NativeInput,
    { metadata }: SendOptions,
    customisations: readonly Customisation[],
  ): Endpoint {
    let endpoint = this.#endpoints.resolve(operation, input, metadata?.callProperties, (parameters) => {
      for (const { endpointParameters } of customisations) endpointParameters?.(parameters);
    });
    for (const { endpoint: adjust } of customisations) if (adjust) endpoint = adjust(endpoint, input);
    return endpoint;
  }

  #context(operation: OperationModel, { identity, metadata, signal }: SendOptions): CustomisationContext {
    const callProperties = metadata?.callProperties;
    const { clock, request } = this.#dependencies;
    return {
      operation,
      region: this.#endpoints.region(operation, callProperties) ?? "",
      presignedUrl: async (region, query, input) => {
        const endpoint = this.#endpoints.resolve(operation, input, { ...callProperties, region });
        const asked = { timeoutMs: request.attemptTimeoutMs, ...(signal === undefined ? {} : { signal }) };
        return presignedUrl(endpoint, query, await identity.provider.resolve(asked), clock.now());
      },
    };
  }

  #wordsFor(chain: RoleChain): ChainWords {
    let words = this.#words.get(chain);
    if (words === undefined) {
      words = this.#dependencies.describe(chain);
      this.#words.set(chain, words);
    }
    return words;
  }
}

function beginMetrics(options: SendOptions, words: ChainWords): CallMetrics {
  const metrics = options.metrics ?? { roundTripMs: 0, attempts: 0, queueMs: 0, credentialSource: "", roleChain: [] };
  metrics.queueMs = options.queueMs ?? metrics.queueMs;
  metrics.credentialSource = words.source;
  metrics.roleChain = words.steps;
  return metrics;
}

function toResult(answered: AnsweredCall, metrics: CallMetrics): CallResult {
  const requestId = requestIdOf(answered.headers);
  return { ...answered, metrics, ...(requestId === undefined ? {} : { requestId }) };
}

const isRepeatable = ({ body }: HttpRequest): boolean =>
  body === undefined || body === null || typeof body === "string" || body instanceof Uint8Array;
