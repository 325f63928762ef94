/** Owns the merging of what a workflow adds to a request by hand, before it is signed: headers, query, payload. */
import { AdapterError } from "../errors/adapter-error";
import type { IapMetadata } from "../types/call";
import type { HttpRequest } from "../types/http";

/** What the service instance adds to every request (`request.global_request`). */
export interface GlobalAdditions {
  readonly globalHeaders: Readonly<Record<string, string>>;
  readonly globalQuery: Readonly<Record<string, string>>;
  readonly globalPayload: Readonly<Record<string, unknown>>;
}

/** Headers that the signature is made of or that frame the message: a wrong one signs as somebody else or breaks the body. */
const RESERVED = new Set([
  "authorization",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The service instance's additions first, the call's over them.
 * @param request - changed in place
 * @throws AdapterError `INVALID_INPUT` for a header that may not be set, or a payload where there is no body for it
 */
export function mergeMetadata(
  request: HttpRequest,
  everyCall: GlobalAdditions,
  metadata: IapMetadata | undefined,
): void {
  addHeaders(request, everyCall.globalHeaders, "request.global_request.addlHeaders");
  addQuery(request, everyCall.globalQuery, "request.global_request.uriOptions");
  if (hasMembers(everyCall.globalPayload))
    addPayload(request, everyCall.globalPayload, "request.global_request.payload");
  if (metadata === undefined) return;
  if (metadata.addlHeaders !== undefined) addHeaders(request, metadata.addlHeaders, "iapMetadata.addlHeaders");
  if (metadata.uriQuery !== undefined) addQuery(request, metadata.uriQuery, "iapMetadata.uriQuery");
  if (hasMembers(metadata.payload)) addPayload(request, metadata.payload, "iapMetadata.payload");
}

function addHeaders({ headers }: HttpRequest, added: Readonly<Record<string, unknown>>, parameter: string): void {
  for (const name of Object.keys(added)) {
    const value = added[name];
    if (value === undefined || value === null) continue;
    const lower = name.toLowerCase();
    const path = `${parameter}.${name}`;
    if (RESERVED.has(lower)) throw invalid(path, "a header that the signature is made of", "any other header");
    if (!HEADER_NAME.test(name) || !isScalar(value) || !HEADER_VALUE.test(String(value))) {
      throw invalid(path, "no valid HTTP header", "a header name with a text of one line");
    }
    headers[lower] = String(value);
  }
}

function addQuery(request: HttpRequest, added: Readonly<Record<string, unknown>>, parameter: string): void {
  for (const name of Object.keys(added)) {
    const value = added[name];
    if (value === undefined || value === null) continue;
    if (!(Array.isArray(value) ? value : [value]).every(isScalar)) {
      throw invalid(`${parameter}.${name}`, "an object", "text, a number, a boolean, or a list of these");
    }
    request.query ??= {};
    request.query[name] = Array.isArray(value) ? value.map(String) : String(value);
  }
}

/** Members go into a JSON body at its top level, into a form body as fields. */
function addPayload(request: HttpRequest, payload: Readonly<Record<string, unknown>>, parameter: string): void {
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/x-www-form-urlencoded")) {
    request.body = mergeForm(String(request.body ?? ""), payload, parameter);
  } else if (/^application\/(?:x-amz-json-1\.\d|json)/.test(type)) {
    request.body = mergeJson(request.body, payload, parameter);
  } else {
    throw invalid(
      parameter,
      type === "" ? "a payload for a request without a body" : `a payload for a body of ${type}`,
      "no payload: only JSON and form bodies can be added to",
    );
  }
}

function mergeForm(body: string, payload: Readonly<Record<string, unknown>>, parameter: string): string {
  const added = Object.keys(payload).filter((name) => payload[name] !== undefined && payload[name] !== null);
  const names = new Set(added.map(encodeField));
  const kept = body.split("&").filter((field) => field !== "" && !names.has(field.split("=", 1)[0] as string));
  for (const name of added) {
    const value = payload[name];
    if (!isScalar(value))
      throw invalid(`${parameter}.${name}`, "an object", "text, a number or a boolean, as the form has it");
    kept.push(`${encodeField(name)}=${encodeField(String(value))}`);
  }
  return kept.join("&");
}

function mergeJson(body: HttpRequest["body"], payload: Readonly<Record<string, unknown>>, parameter: string): string {
  const text = typeof body === "string" ? body : body instanceof Uint8Array ? Buffer.from(body).toString("utf8") : "{}";
  const document: unknown = JSON.parse(text === "" ? "{}" : text);
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw invalid(parameter, "a payload for a body that is no object", "no payload");
  }
  try {
    return JSON.stringify({ ...document, ...payload });
  } catch {
    throw invalid(parameter, "a value that JSON cannot hold", "text, numbers, booleans, lists and objects of these");
  }
}

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

const encodeField = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const hasMembers = (payload: unknown): payload is Readonly<Record<string, unknown>> =>
  typeof payload === "object" && payload !== null && Object.keys(payload).length > 0;

const invalid = (parameter: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", { parameter, found, expected, documentation: "the README describes iapMetadata." });
