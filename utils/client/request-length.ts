/** Owns how the length of a body is told: S3 and most services take none that does not say it. */
import { Readable } from "node:stream";
import type { HttpRequest } from "../types/http";
import { RepeatableStream } from "./repeatable-stream";

/**
 * A stream whose length nobody gave is read into memory.
 * @param request - changed in place
 */
export async function bufferUnknownLength(request: HttpRequest): Promise<void> {
  const { body, headers } = request;
  if (!(body instanceof Readable) || body instanceof RepeatableStream) return;
  if (headers["content-length"] !== undefined) return;
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part as Uint8Array));
  request.body = Buffer.concat(parts);
}

/**
 * Sets `content-length`.
 * @param request - changed in place
 */
export function setLength(request: HttpRequest): void {
  const { body, headers } = request;
  if (body === undefined || body === null) {
    delete request.body;
    if (request.method === "POST" || request.method === "PUT" || request.method === "PATCH")
      headers["content-length"] = "0";
    return;
  }
  if (body instanceof RepeatableStream) {
    headers["content-length"] = String(body.bytes);
    return;
  }
  if (body instanceof Readable) return;
  headers["content-length"] = String(typeof body === "string" ? Buffer.byteLength(body) : body.byteLength);
}
