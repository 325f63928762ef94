/** Owns what an answer means to the operation that was called: its output, or AWS's refusal. */
import { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { DescribeRoleChain } from "../logging/auth-log";
import type { OperationModel } from "../models/operation-model";
import type { HttpResponse } from "../types/http";
import type {
  BufferedResponse,
  Customisation,
  CustomisationContext,
  NativeInput,
} from "./customisations/customisation";
import type { Endpoint } from "./endpoint";
import { answerEvents } from "./event-answer";
import { EventRefusal } from "./event-frames";
import type { EventLimits } from "./event-limits";
import type { FileAccess } from "./file-access";
import { refusePageInPlaceOfBytes } from "./foreign-answer";
import { identityWords } from "./identity-words";
import type { AnsweredCall, AnswerReader, ReceivedAnswer } from "./prepared-call";
import type { OutputReader } from "./read-output";
import { sensitiveMembers } from "./sensitive-members";
import { withoutSentSecrets } from "./sent-secrets";
import { type ErrorContext, serviceError, unreadable } from "./service-error";
import { partsOf, type StreamLimits, saveToFile } from "./streamed-body";

/** The operation that was called, with all that decides how its answer is read. */
export interface CalledOperation {
  readonly operation: OperationModel;
  readonly input: NativeInput;
  readonly endpoint: Endpoint;
  readonly customisations: readonly Customisation[];
  readonly context: CustomisationContext;
  readonly words: ReturnType<DescribeRoleChain>;
  readonly saveTo: string | undefined;
  /** Of an operation that answers events. */
  readonly events: EventLimits | undefined;
}

/** What stands in between has answered with 000 and with 1xx. */
const isSuccess = (statusCode: number): boolean => statusCode >= 200 && statusCode < 300;

/** Reads the answers of one client's operations. */
export class OperationAnswers {
  readonly #sensitive = new WeakMap<OperationModel, ReadonlySet<string>>();

  constructor(
    readonly masker: { maskText(text: string): string },
    readonly outputs: OutputReader,
    readonly files: FileAccess,
  ) {}

  reader(call: CalledOperation): AnswerReader {
    return new OperationReader(call, this);
  }

  /** @returns at once where the answer is in memory and nobody who looks at it has to wait */
  read(call: CalledOperation, answer: ReceivedAnswer): AnsweredCall | Promise<AnsweredCall> {
    const { response } = answer;
    const { statusCode, headers } = response;
    const member = call.operation.streamingOutput;
    if (call.events !== undefined && isSuccess(statusCode)) {
      return answerEvents(call, answer, call.events, this, (thrown) => this.#failed(call, response, thrown));
    }
    if (member !== undefined && call.saveTo !== undefined && isSuccess(statusCode)) {
      return this.#saved(call, answer, member, call.saveTo);
    }
    const body = answer.body();
    if (body instanceof Promise || call.customisations.length > 0 || !isSuccess(statusCode)) {
      return this.#checked(call, answer, body);
    }
    const output = this.#output(call, { statusCode, headers, body }, member);
    return output instanceof Promise
      ? output.then((read) => ({ statusCode, headers, output: read }))
      : { statusCode, headers, output };
  }

  async #checked(call: CalledOperation, answer: ReceivedAnswer, body: Buffer | Promise<Buffer>): Promise<AnsweredCall> {
    const { statusCode, headers } = answer.response;
    const buffered: BufferedResponse = { statusCode, headers: { ...headers }, body: await body };
    for (const { response: check } of call.customisations) if (check) await check(buffered, call.context);
    if (!isSuccess(buffered.statusCode)) throw await this.#refusal(call, buffered, answer);
    const output = await this.#output(call, buffered, call.operation.streamingOutput);
    for (const { output: check } of call.customisations) check?.(output, call.input, call.context);
    return { statusCode, headers, output };
  }

  #refuseSavedPage(call: CalledOperation, { statusCode, headers, body }: HttpResponse): void {
    try {
      refusePageInPlaceOfBytes(headers, undefined);
    } catch (thrown) {
      if (body instanceof Readable) body.destroy();
      const { name } = call.operation;
      const answer = { statusCode, headers, body: Buffer.from(headers["content-type"] ?? "") };
      throw unreadable(`an answer of ${name}`, answer, this.#errorContext(call), thrown);
    }
  }

  async #saved(call: CalledOperation, answer: ReceivedAnswer, member: string, path: string): Promise<AnsweredCall> {
    const { response, limits } = answer;
    this.#refuseSavedPage(call, response);
    const { statusCode, headers } = response;
    const saved = await this.#save(call, response, path, limits);
    answer.saved();
    return { statusCode, headers, output: await this.outputs.readStreaming(call.operation, response, member, saved) };
  }

  async #save(
    call: CalledOperation,
    response: HttpResponse,
    path: string,
    limits: StreamLimits,
  ): Promise<{ readonly file: string; readonly bytes: number }> {
    const body = response.body instanceof Readable ? response.body : Readable.from([response.body]);
    const watches = call.customisations.flatMap(({ watch }) => watch?.(response, call.context) ?? []);
    return saveToFile(
      partsOf(body, limits),
      path,
      this.files,
      (part) => {
        for (const watch of watches) watch.update(part);
      },
      async () => {
        for (const watch of watches) await watch.end();
      },
    );
  }

  /** At once, where the reader needs no waiting. */
  #output(
    call: CalledOperation,
    response: BufferedResponse,
    member: string | undefined,
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    const { operation } = call;
    const refused = (thrown: unknown): never => {
      if (thrown instanceof AdapterError) throw thrown;
      throw unreadable(`an answer of ${operation.name}`, response, this.#errorContext(call), thrown);
    };
    try {
      const output =
        member === undefined
          ? this.outputs.read(operation, response)
          : this.outputs.readStreaming(operation, response, member, response.body);
      return output instanceof Promise ? output.catch(refused) : output;
    } catch (thrown) {
      return refused(thrown);
    }
  }

  /** What came instead of events. */
  #failed(call: CalledOperation, { statusCode, headers }: HttpResponse, thrown: unknown): AdapterError {
    const context = this.#errorContext(call);
    if (thrown instanceof EventRefusal) {
      const clean = (bytes: Buffer): Buffer => withoutSentSecrets(call.operation, call.input, bytes);
      const body = clean(thrown.body);
      const refusal = new EventRefusal(thrown.name, clean(Buffer.from(thrown.message)).toString("utf8"), body);
      return serviceError(refusal, { statusCode, headers, body }, context);
    }
    const body = Buffer.from(thrown instanceof SyntaxError ? thrown.message : "");
    return unreadable(`a stream of the events of ${call.operation.name}`, { statusCode, headers, body }, context);
  }

  async #refusal(call: CalledOperation, response: BufferedResponse, answer: ReceivedAnswer): Promise<AdapterError> {
    const compared = answer.refused(response.body);
    try {
      await this.outputs.protocols.deserialize(call.operation, response);
    } catch (thrown) {
      return serviceError(thrown, response, { ...this.#errorContext(call), ...compared });
    }
    return unreadable("an AWS error", response, this.#errorContext(call));
  }

  #errorContext({ operation, endpoint, words }: CalledOperation): ErrorContext {
    const { service, region } = endpoint.signing;
    const mask = (text: string) => this.masker.maskText(text);
    return { operation, identity: identityWords(words), signingName: service, region, mask };
  }

  /** Names whose values are masked in the log. */
  sensitiveMembers(operation: OperationModel): ReadonlySet<string> {
    let members = this.#sensitive.get(operation);
    if (members === undefined) {
      members = sensitiveMembers(operation);
      this.#sensitive.set(operation, members);
    }
    return members;
  }
}

/** Reads the answer to one call. A class, because one is made for every call. */
class OperationReader implements AnswerReader {
  constructor(
    readonly call: CalledOperation,
    readonly answers: OperationAnswers,
  ) {}

  get responseBody(): AnswerReader["responseBody"] {
    return this.call.operation.streamingOutput === undefined && this.call.events === undefined ? "buffer" : "stream";
  }

  get waitedFor(): string {
    const { service, name } = this.call.operation;
    return `${service.name} ${name}`;
  }

  sensitive(): ReadonlySet<string> {
    return this.answers.sensitiveMembers(this.call.operation);
  }

  withoutSent(body: Buffer): Buffer {
    return withoutSentSecrets(this.call.operation, this.call.input, body);
  }

  read(answer: ReceivedAnswer): AnsweredCall | Promise<AnsweredCall> {
    return this.answers.read(this.call, answer);
  }
}
