/** Owns the Host header of a request: the value that is signed and the value that is sent. */
import type { HttpRequest } from "./http";

const DEFAULT_PORTS = { "http:": 80, "https:": 443 } as const;

/** The port of `request`, the protocol's own when none is given. */
export function portOf(request: Pick<HttpRequest, "protocol" | "port">): number {
  return request.port ?? DEFAULT_PORTS[request.protocol];
}

/**
 * @returns name and, where it is not the protocol's own, port; an IPv6 address in brackets
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.2
 */
export function hostHeader(request: Pick<HttpRequest, "protocol" | "hostname" | "port">): string {
  const { hostname, port, protocol } = request;
  const name = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  return port === undefined || port === DEFAULT_PORTS[protocol] ? name : `${name}:${port}`;
}
