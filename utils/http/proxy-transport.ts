/** Owns the way through a forward proxy: absolute-form requests for http, tunnels for https and for SOCKS. */
import http, { type ClientRequestArgs } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../types/clock";
import { hostHeader, portOf } from "../types/host-header";
import type { HttpRequest } from "../types/http";
import type { ForwardProxy } from "../types/proxy";
import { openTunnel, proxyAuthorization, proxyName, refusedByProxy, type TunnelTarget } from "./open-tunnel";
import { Pool } from "./pools";
import { SocketGate } from "./socket-gate";
import type { TlsOptions } from "./tls-options";
import { TlsPool } from "./tls-pool";
import { closeAgent, dialName, hostAndPort, type Transport, tlsAgentOptions } from "./transport";
import { wirePath } from "./wire-path";

type Connected = (error: Error | null, socket: Duplex) => void;
type Tunnel = (target: TunnelTarget, limitMs: number) => Promise<Duplex>;

interface TunnelRequest extends https.RequestOptions {
  readonly tunnelLimitMs: number;
}

const targetOf = (options: ClientRequestArgs): TunnelTarget => ({
  host: String(options.host),
  port: Number(options.port),
});

/** Pools connections that are tunnels, as its base class pools plain ones. */
class TunnelAgent extends Pool {
  readonly #tunnel: Tunnel;

  constructor(tunnel: Tunnel, maxIdle: number) {
    super(Number.POSITIVE_INFINITY);
    this.maxFreeSockets = maxIdle;
    this.#tunnel = tunnel;
  }

  override createConnection(options: ClientRequestArgs, connected: Connected): undefined {
    const { tunnelLimitMs } = options as TunnelRequest;
    this.#tunnel(targetOf(options), tunnelLimitMs).then(
      (socket) => connected(null, socket),
      (error: Error) => connected(error, undefined as never),
    );
  }
}

/** The same, with TLS to the target inside the tunnel. */
class TlsTunnelAgent extends TlsPool {
  readonly #tunnel: Tunnel;

  constructor(tunnel: Tunnel, maxIdle: number, tls: https.AgentOptions) {
    super(Number.POSITIVE_INFINITY, tls);
    this.maxFreeSockets = maxIdle;
    this.#tunnel = tunnel;
  }

  override createConnection(options: https.RequestOptions, connected: Connected): undefined {
    const { tunnelLimitMs } = options as TunnelRequest;
    this.#tunnel(targetOf(options), tunnelLimitMs).then(
      (socket) => connected(null, super.createConnection({ ...options, socket } as https.RequestOptions) as Duplex),
      (error: Error) => connected(error, undefined as never),
    );
  }
}

function tunnelTransport(
  protocol: HttpRequest["protocol"],
  maxSockets: number,
  tls: TlsOptions,
  proxy: ForwardProxy,
  clock: Clock,
): Transport {
  const closing = new AbortController();
  const tunnel: Tunnel = (target, limitMs) =>
    openTunnel(proxy, target, { limitMs, clock, tls, signal: closing.signal });
  const secure = protocol === "https:";
  // The agent counts a socket only when its tunnel stands, so the gate bounds them.
  const agent = secure
    ? new TlsTunnelAgent(tunnel, maxSockets, tlsAgentOptions(tls))
    : new TunnelAgent(tunnel, maxSockets);
  return {
    withoutSocket: "proxy",
    gate: new SocketGate(maxSockets),
    open(request, headers, timeoutMs) {
      const host = dialName(request.hostname);
      const options: TunnelRequest = {
        agent,
        host,
        port: portOf(request),
        method: request.method,
        path: wirePath(request),
        headers,
        tunnelLimitMs: timeoutMs,
      };
      if (!secure) return http.request(options);
      options.servername = isIP(host) === 0 ? host : "";
      return https.request(options);
    },
    peer: (request) => `${hostAndPort(request)} through the proxy ${proxyName(proxy)}`,
    destroy: () => {
      closing.abort();
      closeAgent(agent);
    },
  };
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2: the path stays as it is signed, only the origin goes before it. */
function absoluteFormTransport(maxSockets: number, tls: TlsOptions, proxy: ForwardProxy): Transport {
  const secure = proxy.protocol === "https";
  const agent = secure ? new TlsPool(maxSockets, tlsAgentOptions(tls)) : new Pool(maxSockets);
  const authorization = proxyAuthorization(proxy);
  const proxyHeaders = authorization === undefined ? [] : ["proxy-authorization", authorization];
  const host = dialName(proxy.host);
  return {
    withoutSocket: "socket",
    open(request, headers) {
      const options: https.RequestOptions = {
        agent,
        host,
        port: proxy.port,
        method: request.method,
        path: `http://${hostHeader(request)}${wirePath(request)}`,
        headers: [...headers, ...proxyHeaders],
      };
      if (!secure) return http.request(options);
      options.servername = isIP(host) === 0 ? host : "";
      return https.request(options);
    },
    peer: (request) => `${hostAndPort(request)} through the proxy ${proxyName(proxy)}`,
    refusal: (request, statusCode, statusMessage) =>
      statusCode === 407
        ? refusedByProxy(proxy, hostAndPort(request), statusCode, `${statusCode} ${statusMessage}`.trim())
        : undefined,
    destroy: () => closeAgent(agent),
  };
}

/** @param protocol - of the requests to be sent, not of the proxy */
export function proxyTransport(
  protocol: HttpRequest["protocol"],
  maxSockets: number,
  tls: TlsOptions,
  proxy: ForwardProxy,
  clock: Clock,
): Transport {
  const speaksHttp = proxy.protocol === "http" || proxy.protocol === "https";
  return protocol === "http:" && speaksHttp
    ? absoluteFormTransport(maxSockets, tls, proxy)
    : tunnelTransport(protocol, maxSockets, tls, proxy, clock);
}
