/** Owns how a request's URL, what was signed, and a body of any kind are shown in a log entry: masked, bounded, never garbage. */
import { isUtf8 } from "node:buffer";
import type { HttpRequest } from "../types/http";
import { MASK } from "../types/secret";
import type { Masker, SensitiveMembers } from "./masker";

/** Characters of a body that a log entry shows. */
export const BODY_LIMIT = 65_536;

/** Stand in the sensitive members of an operation whose body is one, as a whole and without a name (`httpPayload`). */
export const SECRET_REQUEST_BODY = "(request body)";
export const SECRET_ANSWER_BODY = "(answer body)";

/** The body's part of a log entry. */
export interface LoggedBody {
  readonly contentType?: string;
  readonly contentLength?: number | string;
  readonly body?: string;
  /** Why the body is not there in full. */
  readonly bodyNote?: string;
}

/** @returns the full URL, not yet masked */
export function urlForLog(request: HttpRequest): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(request.query ?? {})) {
    const name = encodeURIComponent(key);
    if (value === null) pairs.push(name);
    else for (const item of Array.isArray(value) ? value : [value]) pairs.push(`${name}=${encodeURIComponent(item)}`);
  }
  const port = request.port === undefined ? "" : `:${request.port}`;
  return `${request.protocol}//${request.hostname}${port}${request.path}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
}

/**
 * @param canonicalRequest - of Signature Version 4, session token and all
 * @returns its lines, masked by the names of headers and query keys
 */
export function canonicalRequestForLog(
  canonicalRequest: string,
  masker: Masker,
  sensitive?: SensitiveMembers,
): string[] {
  const [method = "", path = "", query = "", ...others] = canonicalRequest.split("\n");
  const shown = [method, path, query === "" ? "" : masker.maskText(query, sensitive)];
  for (const line of others) {
    const colon = line.indexOf(":");
    const isSecret = colon !== -1 && masker.isSecretName(line.slice(0, colon), sensitive);
    shown.push(isSecret ? `${line.slice(0, colon)}:${MASK}` : line);
  }
  return shown;
}

/** The longest beginning of `bytes` that ends with a whole character. */
function wholeCharacters(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.byteLength <= limit) return bytes;
  let end = limit;
  while (end > limit - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

function textOf(bytes: Uint8Array): string | undefined {
  // Beyond the limit by as much as a character and a secret may reach over it.
  const head = wholeCharacters(bytes, BODY_LIMIT * 4 + 16_384);
  if (!isUtf8(head)) return undefined;
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("utf8");
  return text.includes("\u0000") ? undefined : text;
}

/**
 * @param body - as it is sent or was received; a stream is not read
 * @param headers - names in lower case
 * @param sensitive - members that the operation's model marks as sensitive
 * @param whole - which of them, if it is there, is this body itself
 */
export function bodyForLog(
  body: HttpRequest["body"],
  headers: Readonly<Record<string, string>>,
  masker: Masker,
  sensitive?: SensitiveMembers,
  whole?: string,
): LoggedBody {
  const contentType = headers["content-type"];
  // Members are set one by one: to spread them costs as much as to mask a small body.
  const logged: { -readonly [name in keyof LoggedBody]: LoggedBody[name] } = {};
  if (contentType !== undefined) logged.contentType = masker.maskText(contentType, sensitive);
  if (body === undefined) {
    logged.contentLength = headers["content-length"] ?? 0;
    return logged;
  }
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    logged.contentLength = headers["content-length"] ?? "unknown";
    logged.bodyNote = "streamed, not shown";
    return logged;
  }
  logged.contentLength = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  const text = typeof body === "string" ? body : textOf(body);
  if (whole !== undefined && sensitive?.has(whole)) logged.bodyNote = "secret, not shown";
  else if (text === undefined) logged.bodyNote = `binary, ${logged.contentLength} bytes not shown`;
  else {
    const shown = masker.maskBody(text, BODY_LIMIT, sensitive);
    logged.body = shown.text;
    if (shown.cutCharacters > 0)
      logged.bodyNote = `the first ${BODY_LIMIT} characters of ${logged.contentLength} bytes`;
  }
  return logged;
}
