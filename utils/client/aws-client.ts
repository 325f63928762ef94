/** Owns a call to AWS from its input to its output: read, resolve, serialize, then sign and send until it is answered. */
import type { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { AuthLog, DescribeRoleChain } from "../logging/auth-log";
import type { Masker } from "../logging/masker";
import type { Recorder } from "../metrics/metrics";
import type { Idempotency } from "../models/entity-format";
import type { ModelCatalog } from "../models/model-catalog";
import type { OperationModel } from "../models/operation-model";
import type { EndpointSettings, RequestSettings } from "../settings/settings";
import type { HttpSigner } from "../signing/http-signer";
import type { CallIdentity, CallMetrics, CallResult, IapMetadata, RawRequest } from "../types/call";
import type { Clock } from "../types/clock";
import type { HttpHandler } from "../types/http";
import type { Rates } from "../types/rates";
import type { RoleChain } from "../types/role-chain";
import { AttemptRunner } from "./attempt";
import { BucketRegions, followsBuckets } from "./bucket-regions";
import { callForm } from "./call-form";
import { ClockSkew } from "./clock-skew";
import type { NativeInput } from "./customisations/customisation";
import { EndpointResolver } from "./endpoint";
import { FileAccess, type LinkedFiles, NO_FILES } from "./file-access";
import { idempotencyToken } from "./idempotency-token";
import { openBody } from "./open-body";
import { OperationAnswers } from "./operation-answer";
import { pacedAttempt } from "./paced-attempt";
import { paginate } from "./paginate";
import { CallPreparer } from "./prepare-call";
import type { AnsweredCall, PreparedCall } from "./prepared-call";
import { presignedCall } from "./presigned-url";
import { Protocols } from "./protocols";
import { idempotencyOf } from "./raw-request";
import { InputReader } from "./read-input";
import { OutputReader } from "./read-output";
import { Retrier } from "./retry";
import { requestIdOf } from "./service-error";
import { waitUntil } from "./wait-until";

export interface AwsClientDependencies {
  readonly models: ModelCatalog;
  readonly httpHandler: HttpHandler;
  readonly signer: HttpSigner;
  readonly clock: Clock;
  /** Answers 0 to 1, in steps of 2^-48: idempotency tokens are made of it. */
  readonly random: () => number;
  readonly authLog: AuthLog;
  /** Masks secrets in what an error or a result says. */
  readonly masker: Masker;
  /** Puts a role chain into words, for metrics and errors. */
  readonly describe: DescribeRoleChain;
  readonly endpoint: EndpointSettings;
  readonly request: RequestSettings;
  readonly userAgent: string;
  /** Told how far a call in pages or a wait has come; masks for itself. */
  readonly progress?: (text: string) => void;
  /** `file_access.root`, and the files in it; without it `file` and `saveTo` are refused. */
  readonly fileAccess?: { readonly root: string | undefined; readonly files: LinkedFiles };
  readonly metrics?: Recorder;
  /** Without it, every attempt goes as soon as it can. */
  readonly rates?: Rates | undefined;
}

export interface SendOptions {
  /** In place of the client's own, where the call goes another way. */
  readonly httpHandler?: HttpHandler | undefined;
  readonly identity: CallIdentity;
  readonly metadata?: IapMetadata | undefined;
  /** Shared by all log entries of the call. */
  readonly callId: string;
  readonly queueMs?: number | undefined;
  /** Filled in as the call goes on, so that a failed call has its metrics too. */
  readonly metrics?: CallMetrics | undefined;
  /** Replaces that of the settings. */
  readonly maxRetries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type ChainWords = ReturnType<DescribeRoleChain>;

/** What a call says of itself before it is known whether it can be made. */
interface StartedCall {
  readonly words: ChainWords;
  readonly metrics: CallMetrics;
  readonly startedMs: number;
}

/** A call on its way: what it calls, what it carries, who it is for. */
interface RunningCall {
  readonly operation: OperationModel;
  readonly options: SendOptions;
  readonly words: ChainWords;
  readonly metrics: CallMetrics;
}

/** Calls any operation of any service in `entities/`. One belongs to one adapter instance and shares nothing with another. */
export class AwsClient {
  readonly #dependencies: AwsClientDependencies;
  readonly #preparer: CallPreparer;
  readonly #endpoints: EndpointResolver;
  readonly #retrier: Retrier;
  readonly #attempts: AttemptRunner;
  readonly #files: FileAccess;
  readonly #bucketRegions = new BucketRegions();
  readonly #words = new WeakMap<RoleChain, ChainWords>();

  constructor(dependencies: AwsClientDependencies) {
    const { clock, random, endpoint, fileAccess, masker } = dependencies;
    this.#dependencies = dependencies;
    const files = new FileAccess(fileAccess?.root, fileAccess?.files ?? NO_FILES);
    this.#files = files;
    const protocols = new Protocols();
    const skew = new ClockSkew(clock);
    const mask = (text: string): string => masker.maskText(text);
    const inputs = new InputReader(files, mask, () => idempotencyToken(random));
    const answers = new OperationAnswers(masker, new OutputReader(protocols), files);
    this.#endpoints = new EndpointResolver(endpoint);
    this.#preparer = new CallPreparer(dependencies, { inputs, protocols, files, endpoints: this.#endpoints, answers });
    this.#retrier = new Retrier(clock, random, skew);
    this.#attempts = new AttemptRunner(dependencies, skew);
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
    const started = this.#start(options);
    const { words, metrics } = started;
    try {
      const model = this.#dependencies.models.service(service).operation(operation);
      return toResult(await this.#answer({ operation: model, options, words, metrics }, input ?? {}), metrics);
    } finally {
      this.#stop(started);
    }
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
    const started = this.#start(options);
    const { words, metrics } = started;
    try {
      const call = await this.#preparer.prepareRaw(raw, options, words);
      return toResult(await this.#retried(call, idempotencyOf(raw), options, metrics), metrics);
    } finally {
      this.#stop(started);
    }
  }

  #start(options: SendOptions): StartedCall {
    const words = this.#wordsFor(options.identity.chain);
    return { words, metrics: beginMetrics(options, words), startedMs: this.#dependencies.clock.monotonic() };
  }

  #stop({ metrics, startedMs }: StartedCall): void {
    metrics.roundTripMs = Math.round((this.#dependencies.clock.monotonic() - startedMs) * 1000) / 1000;
  }

  #answer(call: RunningCall, input: unknown): Promise<AnsweredCall> {
    const { operation, options } = call;
    const form = callForm(operation, options.metadata);
    if (form.type === "single") return this.#once(call, input);
    const { clock, random } = this.#dependencies;
    const progress = (text: string): void =>
      this.#dependencies.progress?.(`${operation.service.name} ${operation.name} (${options.callId}): ${text}`);
    switch (form.type) {
      case "pages": {
        const fetch = (page: unknown): Promise<AnsweredCall> => this.#once(call, page);
        return paginate({ ...form, operation, input: input as NativeInput, fetch, progress });
      }
      case "wait": {
        const ask = (): Promise<AnsweredCall> => this.#once(call, input);
        const signal = options.signal === undefined ? {} : { signal: options.signal };
        return waitUntil({ ...form, operation, clock, random, ask, progress, ...signal });
      }
      case "presigned":
        return this.#presigned(call, input, form.expiresInSeconds);
    }
  }

  /** One request, repeated where that helps. */
  #once(call: RunningCall, input: unknown): Promise<AnsweredCall> {
    return followsBuckets(call.operation) ? this.#followed(call, input) : this.#sent(call, input);
  }

  /** Sent to another region where S3 says that the bucket is there. */
  async #followed(call: RunningCall, input: unknown): Promise<AnsweredCall> {
    const { operation } = call;
    const known = this.#bucketRegions.of(operation, input);
    const first = known === undefined ? call : inRegion(call, known);
    try {
      return await this.#sent(first, input);
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      const tried = this.#endpoints.region(operation, first.options.metadata?.callProperties);
      const region = this.#bucketRegions.learn(operation, input, error, tried);
      if (region === undefined) throw error;
      return this.#sent(inRegion(call, region), input);
    }
  }

  /** Not itself async: each promise that stands for another one is two turns of the queue more. */
  #sent({ operation, options, words, metrics }: RunningCall, input: unknown): Promise<AnsweredCall> {
    const send = (call: PreparedCall): Promise<AnsweredCall> =>
      this.#retried(call, operation.idempotency, options, metrics);
    const prepared = this.#preparer.prepare(operation, input, options, words, "send");
    return prepared instanceof Promise ? prepared.then(send) : send(prepared);
  }

  #retried(
    call: PreparedCall,
    idempotency: Idempotency,
    { signal, maxRetries: own }: SendOptions,
    metrics: CallMetrics,
  ): Promise<AnsweredCall> {
    const { maxRetries, retriedStatuses } = this.#dependencies.request;
    return this.#retrier.run<AnsweredCall>({
      idempotency,
      repeatable: call.repeatable,
      maxRetries: own ?? maxRetries,
      retriedStatuses,
      signal,
      attempt: (attempt) => {
        const { rates, clock, metrics: recorder } = this.#dependencies;
        const run = (): ReturnType<AttemptRunner["run"]> => {
          metrics.attempts += 1;
          return this.#attempts.run(call, attempt);
        };
        return rates === undefined ? run() : pacedAttempt({ rates, clock, metrics: recorder }, call, run);
      },
    });
  }

  /** Signs what would be sent, and hands the URL over in place of sending it. */
  async #presigned(call: RunningCall, input: unknown, expiresInSeconds: number): Promise<AnsweredCall> {
    const { operation, options, words } = call;
    const { clock, request } = this.#dependencies;
    const prepared = await this.#preparer.prepare(operation, input, options, words, "presign");
    const asked = { timeoutMs: request.attemptTimeoutMs, ...(options.signal && { signal: options.signal }) };
    const identity = await options.identity.provider.resolve(asked);
    return presignedCall(prepared, identity, clock.now(), expiresInSeconds);
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

function inRegion(call: RunningCall, region: string): RunningCall {
  const { options } = call;
  const callProperties = { ...options.metadata?.callProperties, region };
  return { ...call, options: { ...options, metadata: { ...options.metadata, callProperties } } };
}

function beginMetrics(options: SendOptions, words: ChainWords): CallMetrics {
  const metrics = options.metrics ?? { roundTripMs: 0, attempts: 0, queueMs: 0, credentialSource: "", roleChain: [] };
  metrics.attempts = 0;
  metrics.queueMs = options.queueMs ?? metrics.queueMs;
  metrics.credentialSource = words.source;
  metrics.roleChain = words.steps;
  return metrics;
}

/** Written out, and not spread: this runs for every call. */
function toResult({ statusCode, headers, output, raw, sent }: AnsweredCall, metrics: CallMetrics): CallResult {
  const result: { -readonly [Member in keyof CallResult]: CallResult[Member] } = {
    statusCode,
    headers,
    output,
    metrics,
  };
  const requestId = requestIdOf(headers);
  if (requestId !== undefined) result.requestId = requestId;
  if (raw !== undefined) result.raw = raw;
  if (sent !== undefined) result.sent = sent;
  return result;
}
