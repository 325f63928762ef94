/** Owns a request as it came over the wire: nothing decoded, nothing normalised. */
import type { IncomingMessage } from "node:http";
import { decodeFormBytes } from "./percent-encoding";

export interface WireRequest {
  readonly method: string;
  /** The request target up to `?`, as sent. */
  readonly rawPath: string;
  /** The request target after `?`, as sent. */
  readonly rawQuery: string;
  /** Lower-case name to value; a repeated header's values joined with a comma. One byte a character. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Reads method, target and headers of `message`; origins of absolute-form targets are dropped. */
export function wireRequest(message: IncomingMessage, body: Buffer): WireRequest {
  const target = (message.url ?? "/").replace(/^https?:\/\/[^/?]*/i, "");
  const mark = target.indexOf("?");
  const headers = new Map<string, string>();
  const raw = message.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  return {
    method: message.method ?? "GET",
    rawPath: rawPath === "" ? "/" : rawPath,
    rawQuery: mark < 0 ? "" : target.slice(mark + 1),
    headers,
    body,
  };
}

/** Keys and values of a query string or form in wire order, decoded to bytes. */
export function queryPairs(raw: string): readonly (readonly [key: string, value: string])[] {
  if (raw === "") return [];
  return raw
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      return equals < 0
        ? ([decodeFormBytes(part), ""] as const)
        : ([decodeFormBytes(part.slice(0, equals)), decodeFormBytes(part.slice(equals + 1))] as const);
    });
}
