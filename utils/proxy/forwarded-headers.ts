/** Owns which headers cross the proxy: read once from the wire, hop-by-hop ones dropped, ambiguous ones refused. */
import { ProxyRefusal } from "./proxy-refusal";

/** https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1, and the one that old clients still send. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What decides about framing, identity or target has one value, or the two ends may read different ones. */
const SINGLE: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "content-type",
  "expect",
  "host",
  "proxy-authorization",
  "transfer-encoding",
  "x-adapter-aws-secret",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-region-set",
  "x-amz-security-token",
  "x-amz-trailer",
]);

/** Sent by other proxies: whoever is behind them is nobody of this machine. */
const FORWARDED: ReadonlySet<string> = new Set(["forwarded", "via", "x-real-ip"]);
/** Sent by browsers alone, which any page can make call an address of this machine. Not `sec-fetch-mode`: fetch of Node sends it. */
const BROWSER: ReadonlySet<string> = new Set(["origin", "sec-fetch-site"]);

const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * @param raw - names and values in turn, as Node read them
 * @returns names in lower case, values of repeated ones joined with a comma, as a signature sees them
 * @throws ProxyRefusal for what is there twice and may not be, and for bytes that are no UTF-8
 */
export function requestHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = utf8(raw[index + 1] as string);
    const earlier = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (earlier !== undefined && SINGLE.has(name)) {
      throw new ProxyRefusal("invalid", `The request has the header ${name} twice.`);
    }
    headers[name] = earlier === undefined ? value : `${earlier},${value}`;
  }
  return headers;
}

/** Node hands header bytes over as Latin-1; a signature is over UTF-8. */
function utf8(value: string): string {
  if (!BEYOND_ASCII.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes)) throw new ProxyRefusal("invalid", "A header of the request is no UTF-8.");
  return text;
}

/** @throws ProxyRefusal for a request that did not start on this machine, or that a browser sent */
export function refuseForwarded(headers: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(headers)) {
    if (FORWARDED.has(name) || name.startsWith("x-forwarded-")) {
      throw new ProxyRefusal("forbidden", `The request came through another proxy (${name}): it is not served.`);
    }
    if (BROWSER.has(name)) {
      throw new ProxyRefusal("forbidden", `The request was made by a browser (${name}): it is not served.`);
    }
  }
}

const NONE: ReadonlySet<string> = new Set();

function listed(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return NONE;
  return new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
}

/**
 * @param replaced - names that are not taken over, besides hop-by-hop ones
 * @returns the headers that go on to the other side
 */
export function endToEnd(
  headers: Readonly<Record<string, string>>,
  replaced: ReadonlySet<string>,
): Record<string, string> {
  const named = listed(headers["connection"]);
  const kept: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    if (!replaced.has(name) && !HOP_BY_HOP.has(name) && !named.has(name)) kept[name] = headers[name] as string;
  }
  return kept;
}

/**
 * @param raw - of an answer, names and values in turn
 * @returns the same without hop-by-hop headers: cases, order and repetitions stay
 */
export function endToEndLines(raw: readonly string[]): string[] {
  let named: ReadonlySet<string> | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    if ((raw[index] as string).toLowerCase() === "connection") named = listed(raw[index + 1]);
  }
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (!HOP_BY_HOP.has(name) && named?.has(name) !== true) kept.push(raw[index] as string, raw[index + 1] as string);
  }
  return kept;
}
