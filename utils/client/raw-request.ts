/** Owns the way of a request in HTTP's own terms to the wire: where it goes, its path and query, and its body. */
import { AdapterError } from "../errors/adapter-error";
import type { ModelCatalog } from "../models/model-catalog";
import type { EndpointSettings } from "../settings/settings";
import type { CallProperties, RawRequest } from "../types/call";
import type { HttpRequest } from "../types/http";
import { percentEncode } from "../types/percent-encoding";
import { queryOf } from "../types/query";
import { checkCallProperties } from "./check-call-properties";
import type { Endpoint, EndpointResolver, SigningTarget } from "./endpoint";
import { regionFault } from "./region";

/** Services without an entity folder whose paths are signed as they are. */
export const SIGNED_AS_IS: ReadonlySet<string> = new Set(["s3", "s3express", "s3-object-lambda", "s3-outposts"]);

/**
 * Where a raw request goes and for what it is signed. Service and region come from the call or the service instance,
 * never from the host.
 * @throws AdapterError `INVALID_INPUT` without a service, `ENDPOINT_UNRESOLVED` without a region or a host
 */
export function rawEndpoint(
  raw: RawRequest,
  settings: EndpointSettings,
  call: CallProperties | undefined,
  models: ModelCatalog,
  endpoints: EndpointResolver,
): Endpoint {
  const service = raw.service || settings.service || "";
  if (service === "") {
    throw new AdapterError("INVALID_INPUT", {
      parameter: "service",
      found: "nothing",
      expected: "the name of the service that the request is signed for, for example ec2",
      documentation: "set service in the service instance, or metadata.service in the call.",
    });
  }
  if (models.services().includes(service)) {
    const operations = models.service(service);
    const names = operations.operationNames();
    const signed = names.find((name) => operations.operation(name).authSchemes[0]?.[0] !== "noAuth") ?? names[0];
    return endpoints.resolve(operations.operation(signed ?? ""), {}, call);
  }
  return ownEndpoint(service, settings, call);
}

/** Without rules, the host must be given; the service's name is what is signed. */
function ownEndpoint(service: string, settings: EndpointSettings, call: CallProperties | undefined): Endpoint {
  if (call !== undefined) checkCallProperties(call);
  const isForService = settings.service === undefined || settings.service === service;
  const host = call?.host || (isForService ? settings.host : undefined);
  const region = call?.region || settings.region;
  const refuse = (reason: string) =>
    new AdapterError("ENDPOINT_UNRESOLVED", { service, found: region ?? "(none)", reason });
  if (host === undefined) throw refuse("it has no entity folder, and no host of its own is given");
  const fault = region === undefined ? "no region is configured" : regionFault(region, "own");
  if (fault !== undefined) throw refuse(fault);
  const port = call?.port ?? (call?.host ? undefined : settings.port);
  return {
    protocol: `${call?.protocol ?? settings.protocol}:`,
    hostname: host,
    ...(port === undefined ? {} : { port: Number(port) }),
    path: settings.basePath === "" ? "/" : settings.basePath,
    headers: {},
    signing: {
      scheme: "sigv4",
      service,
      region: region as string,
      path: SIGNED_AS_IS.has(service) ? "as-is" : "double-encoded",
    },
    host: "own",
  };
}

/**
 * Escapes are left as they are, slashes too: two in a row and the last one mean something to S3.
 * @returns the path with everything encoded that may not stand in one; for a service that signs paths as they are, also
 * what it would encode itself
 */
export function wireForm(path: string, form: SigningTarget["path"]): string {
  const unsafe =
    form === "as-is" ? /%(?![0-9A-Fa-f]{2})|[^\w\-.~/%]+/g : /%(?![0-9A-Fa-f]{2})|[^\w\-.~/%!$&'()*+,;=:@]+/g;
  return path.replace(unsafe, percentEncode);
}

/** @returns the request, unsigned; its additions by hand are not merged yet */
export function rawHttpRequest(raw: RawRequest, endpoint: Endpoint): HttpRequest {
  const mark = raw.path.indexOf("?");
  const path = mark === -1 ? raw.path : raw.path.slice(0, mark);
  const query = { ...endpoint.query, ...(mark === -1 ? {} : queryOf(raw.path.slice(mark + 1))), ...raw.query };
  const base = raw.basePath === "omit" && endpoint.host === "own" ? "" : endpoint.path.replace(/\/$/, "");
  return {
    method: raw.method,
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    ...(endpoint.port === undefined ? {} : { port: endpoint.port }),
    path: base + wireForm(path.startsWith("/") ? path : `/${path}`, endpoint.signing.path),
    ...(Object.keys(query).length === 0 ? {} : { query }),
    headers: { ...endpoint.headers, ...(raw.contentType === undefined ? {} : { "content-type": raw.contentType }) },
    ...(raw.body === undefined ? {} : { body: raw.body }),
  };
}

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

/** https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
export const idempotencyOf = ({ method }: RawRequest): "idempotent" | "unsafe" =>
  IDEMPOTENT.has(method) ? "idempotent" : "unsafe";
