/** Owns the reading of a generic request's arguments: path, method, query, body and headers in the platform's own form. */
import { AdapterError } from "../errors/adapter-error";
import type { IapMetadata, RawRequest } from "../types/call";
import { percentEncode } from "../types/percent-encoding";
import { objectArgument, type RoleArguments, roleArguments, textArgument } from "./read-arguments";

/** A request by hand, and as whom it is made. */
export interface RawCall extends RoleArguments {
  readonly request: RawRequest;
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const FORM = "application/x-www-form-urlencoded";

/**
 * @param values - uriPath, restMethod, queryData, requestBody, addlHeaders; then stsParams, roleName and iapMetadata
 * @throws AdapterError `INVALID_INPUT`
 */
export function genericCall(
  values: readonly unknown[],
  kind: RawCall["kind"],
  basePath: RawRequest["basePath"],
): RawCall {
  const [uriPath, restMethod, queryData, requestBody, addlHeaders, ...rest] = values;
  const role = roleArguments(kind, kind === "STSRole" ? rest : [null, null, ...rest]);
  return rawCall({ uriPath, restMethod, queryData, requestBody, addlHeaders }, role, basePath);
}

/**
 * @param values - metadata, uriPath, restMethod, pathVars, queryData, requestBody, addlHeaders; then stsParams, roleName
 * @throws AdapterError `INVALID_INPUT`, for a path variable that is missing too
 */
export function expandedCall(values: readonly unknown[], kind: RawCall["kind"]): RawCall {
  const [metadata, uriPath, restMethod, pathVars, queryData, requestBody, addlHeaders, ...rest] = values;
  const [stsParams, roleName, ...further] = kind === "STSRole" ? rest : [null, null, ...rest];
  const role = roleArguments(kind, [stsParams, roleName, metadata, ...further]);
  const path = substituted(textArgument("uriPath", uriPath) ?? "", pathVars);
  return rawCall({ uriPath: path, restMethod, queryData, requestBody, addlHeaders }, role, "prepend");
}

type RequestArguments = Readonly<
  Record<"uriPath" | "restMethod" | "queryData" | "requestBody" | "addlHeaders", unknown>
>;

function rawCall(given: RequestArguments, role: RoleArguments, basePath: RawRequest["basePath"]): RawCall {
  const path = textArgument("uriPath", given.uriPath);
  if (path === undefined) throw invalid("uriPath", "nothing", "the path of the request, for example /bucket/key");
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path)) {
    throw invalid("uriPath", "a URL", "a path: the host is host of the service instance, or callProperties.host");
  }
  const method = (textArgument("restMethod", given.restMethod) ?? "").toUpperCase();
  if (!METHODS.has(method)) throw invalid("restMethod", method || "nothing", `one of ${[...METHODS].join(", ")}`);
  const headers = { ...objectArgument("addlHeaders", given.addlHeaders), ...role.metadata?.addlHeaders };
  const query = queryOf(objectArgument("queryData", given.queryData));
  const service = textArgument("metadata.service", role.metadata?.service);
  return {
    ...role,
    metadata: withHeaders(role.metadata, headers),
    request: {
      method,
      path,
      basePath,
      ...(query === undefined ? {} : { query }),
      ...bodyOf(method, given.requestBody, contentTypeOf(headers)),
      ...(service === undefined ? {} : { service }),
    },
  };
}

const withHeaders = (metadata: IapMetadata | undefined, headers: Record<string, unknown>): IapMetadata => ({
  ...metadata,
  addlHeaders: headers as Record<string, string>,
});

function contentTypeOf(headers: Record<string, unknown>): string | undefined {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "content-type");
  const value = name === undefined ? undefined : headers[name];
  return typeof value === "string" ? value : undefined;
}

function queryOf(given: Record<string, unknown> | undefined): Record<string, string | string[]> | undefined {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(textOf) : textOf(value)]),
  );
}

const textOf = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** An object becomes JSON, or the fields of a form where the headers say so; text and bytes are sent as they are. */
function bodyOf(
  method: string,
  body: unknown,
  contentType: string | undefined,
): { readonly body?: string | Uint8Array; readonly contentType?: string } {
  if (body === undefined || body === null || body === "") return {};
  if (typeof body === "string" || body instanceof Uint8Array) return { body };
  // A workflow's form has an empty object where nobody wrote a body.
  if ((method === "GET" || method === "HEAD") && isEmpty(body)) return {};
  if (contentType?.startsWith(FORM) && typeof body === "object") {
    const fields = Object.entries(queryOf(body as Record<string, unknown>) ?? {});
    const pairs = fields.flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const));
    return { body: pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&") };
  }
  return { body: JSON.stringify(body), contentType: "application/json" };
}

const isEmpty = (body: unknown): boolean => typeof body === "object" && Object.keys(body ?? {}).length === 0;

/** `{pathv1}`, `{pathv2}` from a list, `{name}` from an object; each encoded, so that none adds a segment. */
function substituted(path: string, given: unknown): string {
  const variables = new Map<string, unknown>();
  const list = typeof given === "string" && given.trim().startsWith("[") ? listOf(given) : given;
  if (Array.isArray(list)) for (const [at, value] of list.entries()) variables.set(`pathv${at + 1}`, value);
  else for (const [name, value] of Object.entries(objectArgument("pathVars", list) ?? {})) variables.set(name, value);
  return path.replace(/\{([\w.-]+)\}/g, (_, name: string) => {
    const value = variables.get(name);
    if (value === undefined || value === null) throw invalid(`pathVars.${name}`, "nothing", "a value for the path");
    return percentEncode(String(value));
  });
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("pathVars", "text that is no JSON", "a list, an object, or the JSON of one");
  }
}

const invalid = (parameter: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", { parameter, found, expected, documentation: "pronghorn.json describes each." });
