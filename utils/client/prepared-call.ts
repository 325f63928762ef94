/** Owns what passes between the stages of a call: the call that is ready to be sent, and the answer that comes back. */
import type { CallLog, DescribeRoleChain } from "../logging/auth-log";
import type { CallIdentity, SentRequest } from "../types/call";
import type { HttpHandler, HttpHandlerOptions, HttpRequest, HttpResponse } from "../types/http";
import type { SigningTarget } from "./endpoint";
import type { ErrorContext } from "./service-error";
import type { StreamLimits } from "./streamed-body";

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
  readonly signal: AbortSignal | undefined;
}

/** What is made of an answer: by the shapes of an operation, or as it comes. */
export interface AnswerReader {
  readonly responseBody: HttpHandlerOptions["responseBody"];
  /** Who answers, for an error. */
  readonly waitedFor: string;
  /** Names whose values are masked in the log. */
  sensitive(): ReadonlySet<string> | undefined;
  /** @returns a refusal without what the call sent in confidence */
  withoutSent?(body: Buffer): Buffer;
  /**
   * @returns at once where nothing has to be waited for
   * @throws AdapterError when AWS refused, or the answer cannot be read
   */
  read(answer: ReceivedAnswer): AnsweredCall | Promise<AnsweredCall>;
}

/** An answer whose body is not read yet. */
export interface ReceivedAnswer {
  readonly response: HttpResponse;
  readonly limits: StreamLimits;
  /** Reads the body to its end, and writes the answer into the log; at once where the body is in memory. */
  body(): Buffer | Promise<Buffer>;
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
