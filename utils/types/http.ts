/** Owns the shape of a request and of an answer between protocol, signer and transport. */
import type { Readable } from "node:stream";

/** A request in the exact parts that are signed and sent: `path` is wire-encoded, `query` is not. */
export interface HttpRequest {
  method: string;
  protocol: "http:" | "https:";
  hostname: string;
  port?: number;
  /** Wire form, percent-encoded, starting with `/`. */
  path: string;
  /** Decoded keys and values; an array repeats its key. */
  query?: Record<string, string | string[] | null>;
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: string | Uint8Array | Readable;
}

export interface HttpResponse {
  readonly statusCode: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Record<string, string>;
  readonly body: Buffer | Readable;
}

export interface HttpHandlerOptions {
  /** Limit in milliseconds from the first byte wanted to the last byte read (to the headers, for a streamed body). */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** `stream` hands the body over unread when the status is below 300. */
  readonly responseBody: "buffer" | "stream";
}

/** Sends one request once. It never retries, never signs, never follows a redirect. */
export interface HttpHandler {
  /** @throws AdapterError with code `CONNECTION_FAILED`, `TIMEOUT`, `TLS_FAILED` or `ABORTED`. */
  handle(request: HttpRequest, options: HttpHandlerOptions): Promise<HttpResponse>;
  /** Closes idle sockets and refuses further requests. */
  destroy(): void;
}
