/** Owns the following of a redirect: to where a signed request, session token and all, may be sent again. */
import { Readable } from "node:stream";
import { isAwsHost } from "../settings/partitions";
import type { HttpRequest, HttpResponse } from "../types/http";
import { queryOf } from "../types/query";

const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);
const MAY_CHANGE_METHOD: ReadonlySet<number> = new Set([301, 302, 303]);

/**
 * Points the request at the answer's `location`, if that is one to follow: the same host or, from an AWS host, another one
 * of AWS; never from https to http; a method other than GET and HEAD only where the status keeps it.
 * @param request - changed in place; it must be signed anew
 * @returns whether it was
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
export function followRedirect(request: HttpRequest, { statusCode, headers }: HttpResponse): boolean {
  const reading = request.method === "GET" || request.method === "HEAD";
  if (!KEEPS_METHOD.has(statusCode) && !(reading && MAY_CHANGE_METHOD.has(statusCode))) return false;
  const { location } = headers;
  if (location === undefined || request.body instanceof Readable) return false;
  const port = request.port === undefined ? "" : `:${request.port}`;
  const base = `${request.protocol}//${request.hostname}${port}${request.path}`;
  if (!URL.canParse(location, base)) return false;
  const url = new URL(location, base);
  const sameHost = url.host === new URL(base).host;
  if (!sameHost && !(isAwsHost(request.hostname) && isAwsHost(url.hostname))) return false;
  if (url.protocol !== request.protocol && url.protocol !== "https:") return false;
  request.protocol = url.protocol as HttpRequest["protocol"];
  request.hostname = url.hostname;
  if (url.port === "") delete request.port;
  else request.port = Number(url.port);
  request.path = url.pathname;
  if (url.search === "") delete request.query;
  else request.query = queryOf(url.search.slice(1));
  delete request.headers["host"];
  return true;
}
