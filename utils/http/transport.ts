/** Owns the way to a host: dialled directly, through a load balancer, or through a forward proxy. */
import http, { type ClientRequest } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { AdapterError } from "../errors/adapter-error";
import { portOf } from "../types/host-header";
import type { HttpRequest } from "../types/http";
import { lazy } from "../types/lazy";
import type { LoadBalancer } from "../types/proxy";
import { Pool } from "./pools";
import type { SocketGate } from "./socket-gate";
import type { TlsOptions } from "./tls-options";
import { wirePath } from "./wire-path";

/** Starts requests of one protocol on pooled sockets. */
export interface Transport {
  /** Node's request, headers stored, body not yet sent. It throws what Node refuses to write. */
  open(request: HttpRequest, headers: readonly string[], timeoutMs: number): ClientRequest;
  /** The peer in words, for errors. */
  peer(request: HttpRequest): string;
  /** What a request without a socket waits for. */
  readonly withoutSocket: "socket" | "proxy";
  /** Turns a status that only a proxy sends into its refusal. */
  refusal?(request: HttpRequest, statusCode: number, statusMessage: string): AdapterError | undefined;
  /** Where the agent cannot bound its sockets. */
  readonly gate?: SocketGate;
  /** Closes idle sockets now and the others when their request ends. */
  destroy(): void;
}

const OPENING_BRACKET = 0x5b;

const tlsPool = lazy(() => require("./tls-pool") as typeof import("./tls-pool"));

/** The host as a socket wants it: an IPv6 address without brackets. */
export const dialName = (hostname: string): string =>
  hostname.charCodeAt(0) === OPENING_BRACKET ? hostname.slice(1, -1) : hostname;

export const hostAndPort = (request: HttpRequest): string => `${request.hostname}:${portOf(request)}`;

export const tlsAgentOptions = (tls: TlsOptions): https.AgentOptions => ({
  secureContext: tls.secureContext(),
  rejectUnauthorized: tls.rejectUnauthorized,
});

export function closeAgent(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

/**
 * Dials the endpoint, or in its place a load balancer; TLS server name and Host header are the endpoint's either way.
 */
export function directTransport(
  protocol: HttpRequest["protocol"],
  maxSockets: number,
  tls: TlsOptions,
  balancer?: LoadBalancer,
): Transport {
  const secure = protocol === "https:";
  const agent = secure ? new (tlsPool().TlsPool)(maxSockets, tlsAgentOptions(tls)) : new Pool(maxSockets);
  return {
    withoutSocket: "socket",
    open(request, headers) {
      const hostname = dialName(request.hostname);
      const options: https.RequestOptions = {
        agent,
        host: balancer?.host ?? hostname,
        port: balancer?.port ?? portOf(request),
        method: request.method,
        path: wirePath(request),
        headers,
      };
      if (!secure) return http.request(options);
      const address = isIP(hostname) !== 0;
      options.servername = address ? "" : hostname;
      if (address && balancer !== undefined) Object.assign(options, { verifiedAs: hostname });
      return https.request(options);
    },
    peer: (request) =>
      balancer === undefined
        ? hostAndPort(request)
        : `${hostAndPort(request)} at ${balancer.host}:${balancer.port ?? portOf(request)}`,
    destroy: () => closeAgent(agent),
  };
}
