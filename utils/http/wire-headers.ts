/** Owns the header lines of a request: what was signed, to the byte, and the framing of the body. */
import { Buffer } from "node:buffer";
import { AdapterError } from "../errors/adapter-error";
import { hostHeader } from "../types/host-header";
import type { HttpRequest } from "../types/http";

const BEYOND_ASCII = /[^\0-\x7f]/;
const EXPECT_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

export interface WireHeaders {
  /** Names and values in turn, as `http.request` sends them unchanged. */
  readonly lines: string[];
  /**
   * Encoding in which a body of text leaves in one piece with the headers. Not at all where both are more than ASCII: Node
   * would write the headers, bytes already, in the encoding of the body.
   */
  readonly text: "latin1" | "utf8" | "apart";
  /**
   * Whether the server can be asked before the body is sent. Headers with an expectation are written by Node as UTF-8, at
   * once: where they are more than ASCII, they are UTF-8 already, and the expectation is left out. It is not signed.
   */
  readonly expect: "possible" | "impossible";
}

/** Bytes of a body in memory; nothing for a stream or no body. */
export function bodyLength(body: HttpRequest["body"]): number | undefined {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : undefined;
}

/**
 * @returns the headers with `host`, and with `content-length` or `transfer-encoding` for every body, which Node leaves
 * out for methods such as DELETE
 * @throws AdapterError `REQUEST_UNSERIALIZABLE` when `content-length` contradicts the body
 */
export function wireHeaders(request: HttpRequest): WireHeaders {
  const { headers, body } = request;
  const lines: string[] = [];
  let text: WireHeaders["text"] = "utf8";
  let expect: WireHeaders["expect"] = "possible";
  if (headers["host"] === undefined) lines.push("host", hostHeader(request));
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined) continue;
    if (BEYOND_ASCII.test(value)) {
      // Node writes header text as Latin-1, while the signature is over UTF-8: one character for each of its bytes.
      lines.push(name, Buffer.from(value).toString("latin1"));
      text = "apart";
      expect = "impossible";
    } else if (name !== "expect") {
      lines.push(name, value);
    }
  }
  const expectation = headers["expect"];
  if (expectation !== undefined && expect === "possible") lines.push("expect", expectation);
  const length = bodyLength(body);
  // A third of the room, and nothing to encode.
  if (typeof body === "string" && length === body.length) text = "latin1";
  const declared = headers["content-length"];
  if (length !== undefined) {
    if (declared === undefined) lines.push("content-length", String(length));
    else if (Number(declared) !== length) {
      const reason = `its content-length is ${declared}, its body has ${length} bytes`;
      throw new AdapterError("REQUEST_UNSERIALIZABLE", {
        service: request.hostname,
        operation: request.method,
        reason,
      });
    }
  } else if (declared === undefined && headers["transfer-encoding"] === undefined) {
    if (body !== undefined && body !== null) lines.push("transfer-encoding", "chunked");
    else if (EXPECT_BODY.has(request.method)) lines.push("content-length", "0");
  }
  return { lines, text, expect };
}
