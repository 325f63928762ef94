/** Owns the payload hash: what a signature says about the body. */
import { hash } from "node:crypto";
import type { HttpRequest } from "../types/http";

export type Payload = "sha256" | "unsigned";

export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Whether the whole body is in memory, so that it can be hashed before it is sent. */
export function isBuffered(body: HttpRequest["body"]): body is string | Uint8Array | undefined {
  return body === undefined || body === null || typeof body === "string" || body instanceof Uint8Array;
}

/**
 * @returns what `x-amz-content-sha256` already says, else the hash of a buffered body in lower-case hex,
 * else `UNSIGNED-PAYLOAD`: a stream can be read only once
 */
export function payloadHash(request: HttpRequest, payload: Payload): string {
  const given = request.headers["x-amz-content-sha256"];
  if (given !== undefined) return given;
  const { body } = request;
  if (payload === "unsigned" || !isBuffered(body)) return UNSIGNED_PAYLOAD;
  return body === undefined || body === null || body.length === 0 ? EMPTY_SHA256 : hash("sha256", body, "hex");
}
