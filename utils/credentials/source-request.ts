/** Owns one small request to a credential endpoint near by: plain text out, status and text back. */
import type { HttpHandler } from "../types/http";

export interface SourceAnswer {
  readonly statusCode: number;
  readonly text: string;
}

export interface SourceRequest {
  readonly method: "GET" | "PUT";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** @throws AdapterError `CONNECTION_FAILED`, `TIMEOUT`, `TLS_FAILED`, `ABORTED` */
export async function sourceRequest(handler: HttpHandler, request: SourceRequest): Promise<SourceAnswer> {
  const url = new URL(request.url);
  const query = Object.fromEntries([...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)]));
  const response = await handler.handle(
    {
      method: request.method,
      protocol: url.protocol === "https:" ? "https:" : "http:",
      hostname: url.hostname,
      ...(url.port === "" ? {} : { port: Number(url.port) }),
      path: url.pathname,
      query,
      headers: { host: url.host, accept: "*/*", ...request.headers },
      ...(request.method === "PUT" ? { body: "" } : {}),
    },
    {
      timeoutMs: Math.max(1, request.timeoutMs),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      responseBody: "buffer",
    },
  );
  return { statusCode: response.statusCode, text: response.body.toString() };
}

/** Whether an answer of a credential endpoint may be another one soon. */
export function isPassing(statusCode: number): boolean {
  return statusCode === 429 || statusCode >= 500;
}

/** What went wrong, as a part of a longer sentence. */
export function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
}
