/** Owns one request and its answer: one timer, one outcome, nothing left behind. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { Clock } from "../types/clock";
import type { HttpHandlerOptions, HttpRequest, HttpResponse } from "../types/http";
import { answerBody } from "./answer-body";
import { abortedError, connectionError, type FailedExchange, timeoutError, tooLargeError } from "./connection-error";
import { listenToBody, sendBody } from "./send-body";
import { requestStage, type Stage } from "./stage";
import { hostAndPort, type Transport } from "./transport";
import { wireHeaders } from "./wire-headers";

const EMPTY = Buffer.alloc(0);
/** No answer of AWS that is read as a whole comes near it; one that never ends must not take the memory of the platform. */
const LARGEST_BUFFERED_BYTES = 256 * 1024 * 1024;

/** Node keeps repeated cookies apart; all else it has joined already. */
function headersOf(answer: IncomingMessage): Record<string, string> {
  const { headers } = answer;
  if (headers["set-cookie"] === undefined) return headers as Record<string, string>;
  return { ...headers, "set-cookie": headers["set-cookie"].join(", ") } as Record<string, string>;
}

export class Exchange {
  readonly #request: HttpRequest;
  readonly #options: HttpHandlerOptions;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: Error) => void;
  #outgoing: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  #state: "open" | "streaming" | "done" = "open";
  #cancelTimer: (() => void) | undefined;
  #leaveGate: (() => void) | undefined;
  #endContinueWait: (() => "held" | "sent") | undefined;
  #onAbort: (() => void) | undefined;
  #streamed: Readable | undefined;
  /** Monotonic time of the last progress of a streamed body; the timer counts from there. */
  #lastProgressMs: number | undefined;

  constructor(
    request: HttpRequest,
    options: HttpHandlerOptions,
    transport: Transport,
    clock: Clock,
    resolve: (response: HttpResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.#request = request;
    this.#options = options;
    this.#transport = transport;
    this.#clock = clock;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { signal, timeoutMs } = this.#options;
    if (signal?.aborted) {
      this.#fail(abortedError(this.#failed(), signal.reason));
      return;
    }
    if (signal !== undefined) {
      this.#onAbort = () => this.#fail(abortedError(this.#failed(), signal.reason));
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    this.#cancelTimer = this.#clock.schedule(timeoutMs, this.#onTimer);
    const { body } = this.#request;
    if (body instanceof Readable) listenToBody(this.#request, body, (error) => this.#fail(error));
    // Behind all that this turn of the event loop brings: a request that is written between two answers wakes its peer
    // for itself alone.
    setImmediate(this.#leave);
  }

  /** In an immediate of its own, and so in the asynchronous context of its call. */
  #leave = (): void => {
    if (this.#state === "done") return;
    const { gate } = this.#transport;
    if (gate === undefined) {
      this.#open();
      return;
    }
    this.#leaveGate = gate.enter(hostAndPort(this.#request), () => this.#open());
    // What Node refuses to write has failed by now, and would hold its place for ever.
    if (this.#isDone()) this.#leaveGate();
  };

  #isDone(): boolean {
    return this.#state === "done";
  }

  #open(): void {
    try {
      const headers = wireHeaders(this.#request);
      const outgoing = this.#transport.open(this.#request, headers.lines, this.#options.timeoutMs);
      this.#outgoing = outgoing;
      outgoing.on("response", this.#onAnswer);
      outgoing.on("error", this.#onError);
      outgoing.on("close", this.#onClose);
      this.#endContinueWait = sendBody(this.#request, headers, outgoing, this.#clock, {
        progress: () => this.#progress(),
        failed: (error) => this.#fail(error),
      });
    } catch (error) {
      this.#fail(connectionError(error, this.#failed()));
    }
  }

  #onAnswer = (answer: IncomingMessage): void => {
    this.#answer = answer;
    const statusCode = answer.statusCode ?? 0;
    answer.on("error", this.#onError);
    const refusal = this.#transport.refusal?.(this.#request, statusCode, answer.statusMessage ?? "");
    if (refusal !== undefined) {
      this.#fail(refusal);
      return;
    }
    if (this.#options.responseBody === "stream" && statusCode < 300) {
      this.#state = "streaming";
      this.#progress();
      this.#streamed = answerBody(answer, {
        progress: () => this.#progress(),
        ended: () => this.#finish(),
        abandoned: () => {
          this.#finish();
          this.#outgoing?.destroy();
        },
      });
      this.#resolve({ statusCode, headers: headersOf(answer), body: this.#streamed });
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LARGEST_BUFFERED_BYTES) chunks.push(chunk);
      else this.#fail(tooLargeError(this.#failed(), LARGEST_BUFFERED_BYTES));
    });
    answer.on("end", () => {
      if (this.#state === "done") return;
      this.#finish();
      const body = chunks.length === 1 ? chunks[0]! : chunks.length === 0 ? EMPTY : Buffer.concat(chunks);
      this.#resolve({ statusCode, headers: headersOf(answer), body });
    });
  };

  #onError = (error: Error): void => this.#fail(connectionError(error, this.#failed()));

  /** Whatever way a request ends without an answer or an error, nobody is left waiting. */
  #onClose = (): void => {
    if (this.#state === "done" || this.#answer?.complete === true) return;
    this.#fail(connectionError(Object.assign(new Error("closed"), { code: "ECONNRESET" }), this.#failed()));
  };

  #onTimer = (): void => {
    const { timeoutMs } = this.#options;
    if (this.#lastProgressMs !== undefined) {
      const left = this.#lastProgressMs + timeoutMs - this.#clock.monotonic();
      // A reader that takes its time is no fault of the server.
      const reading = this.#streamed !== undefined && this.#answer?.isPaused() === true;
      if (left > 0 || reading) {
        this.#cancelTimer = this.#clock.schedule(left > 0 ? left : timeoutMs, this.#onTimer);
        return;
      }
    }
    this.#fail(timeoutError(this.#failed(), timeoutMs));
  };

  #progress(): void {
    this.#lastProgressMs = this.#clock.monotonic();
  }

  #stage(): Stage {
    if (this.#answer !== undefined) return "body";
    if (this.#outgoing === undefined) return "socket";
    const stage = requestStage(this.#outgoing);
    return stage === "socket" ? this.#transport.withoutSocket : stage;
  }

  #failed(): FailedExchange {
    return {
      peer: this.#transport.peer(this.#request),
      serverName: this.#request.hostname,
      stage: this.#stage(),
      socket: this.#outgoing?.reusedSocket === true ? "reused" : "fresh",
    };
  }

  #fail(error: Error): void {
    const state = this.#state;
    if (state === "done") return;
    this.#finish();
    this.#outgoing?.destroy();
    if (state === "streaming") this.#streamed?.destroy(error);
    else this.#reject(error);
  }

  #finish(): void {
    this.#state = "done";
    this.#cancelTimer?.();
    this.#leaveGate?.();
    if (this.#onAbort !== undefined) this.#options.signal?.removeEventListener("abort", this.#onAbort);
    // Answered before the whole body was sent: the server still expects the rest on this socket, so it cannot be kept.
    const held = this.#endContinueWait?.() === "held";
    const { body } = this.#request;
    const unread = body instanceof Readable && !body.readableEnded;
    if (unread) body.destroy();
    if (held || unread) this.#outgoing?.destroy();
  }
}
