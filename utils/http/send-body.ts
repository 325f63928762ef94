/** Owns the sending of a body: at once, as a stream with back-pressure, or after the server's `100 Continue`. */
import type { ClientRequest } from "node:http";
import type { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { HttpRequest } from "../types/http";
import type { WireHeaders } from "./wire-headers";

/** A server that does not know `Expect` answers nothing before the body: give up waiting after this time. */
const CONTINUE_WAIT_MS = 1000;

export interface BodyEvents {
  /** A part of a stream was handed to the socket. */
  progress(): void;
  /** The stream broke, or did not keep to its `content-length`. */
  failed(error: AdapterError): void;
}

const broken = (request: HttpRequest, reason: string, cause?: unknown): AdapterError => {
  const detail = { service: request.hostname, operation: request.method, reason, phase: "after-request" };
  return new AdapterError("REQUEST_UNSERIALIZABLE", detail, { cause });
};

function sendStream(request: HttpRequest, body: Readable, outgoing: ClientRequest, events: BodyEvents): void {
  const declared = request.headers["content-length"];
  const limit = declared === undefined ? Number.POSITIVE_INFINITY : Number(declared);
  let sent = 0;
  body.on("data", (chunk: string | Uint8Array) => {
    sent += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.byteLength;
    // More than announced would be read as the next request on this socket.
    if (sent > limit) {
      events.failed(broken(request, `its body is longer than its content-length of ${limit}`));
      return;
    }
    events.progress();
    // As bytes: Node would write headers that stand before a text in the text's encoding, and they are bytes already.
    if (!outgoing.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk)) body.pause();
  });
  outgoing.on("drain", () => {
    events.progress();
    body.resume();
  });
  body.once("end", () => {
    if (declared !== undefined && sent < limit) {
      events.failed(broken(request, `its body ended after ${sent} of ${limit} bytes`));
    } else {
      outgoing.end();
    }
  });
}

/**
 * Listens to a body before it is sent: one that breaks while its request waits for a place is known at once, and heard.
 * @param failed - called once, now for a stream that is broken already
 */
export function listenToBody(request: HttpRequest, body: Readable, failed: (error: AdapterError) => void): void {
  const fail = (error: Error): void => failed(broken(request, `its body cannot be read: ${error.message}`, error));
  body.on("error", fail);
  if (body.errored !== null) fail(body.errored);
}

function sendNow(request: HttpRequest, text: WireHeaders["text"], outgoing: ClientRequest, events: BodyEvents): void {
  const { body } = request;
  if (body === undefined || body === null) outgoing.end();
  else if (body instanceof Uint8Array) outgoing.end(body);
  else if (typeof body !== "string") sendStream(request, body, outgoing, events);
  else if (text === "apart") outgoing.end(Buffer.from(body));
  else outgoing.end(body, text);
}

/**
 * @returns ends the waiting for `100 Continue`, and says whether the body was still held back
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
 */
export function sendBody(
  request: HttpRequest,
  { text, expect }: WireHeaders,
  outgoing: ClientRequest,
  clock: Clock,
  events: BodyEvents,
): (() => "held" | "sent") | undefined {
  const isAsked = expect === "possible" && request.headers["expect"]?.toLowerCase() === "100-continue";
  if (!isAsked || request.body === undefined) {
    sendNow(request, text, outgoing, events);
    return undefined;
  }
  let state: "held" | "sent" = "held";
  let cancel: (() => void) | undefined;
  const release = (): void => {
    if (state === "sent") return;
    state = "sent";
    cancel?.();
    sendNow(request, text, outgoing, events);
  };
  outgoing.once("continue", release);
  cancel = clock.schedule(CONTINUE_WAIT_MS, release);
  outgoing.flushHeaders();
  return () => {
    outgoing.off("continue", release);
    cancel?.();
    return state;
  };
}
