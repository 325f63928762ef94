/** Owns the making of a tunnel: CONNECT at an HTTP proxy, or SOCKS, within a limit. */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type Socket } from "node:net";
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import { lazy } from "../types/lazy";
import type { ForwardProxy } from "../types/proxy";
import { connectionError } from "./connection-error";
import type { TlsOptions } from "./tls-options";
import { dialName } from "./transport";

export interface TunnelTarget {
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface TunnelOptions {
  readonly limitMs: number;
  readonly clock: Clock;
  readonly tls: TlsOptions;
  /** Ends the attempt when the handler is destroyed. */
  readonly signal: AbortSignal;
}

const socks = lazy(() => require("socks") as typeof import("socks"));

export const proxyName = (proxy: ForwardProxy): string => `${proxy.protocol}://${proxy.host}:${proxy.port}`;

/** `Proxy-Authorization` of a proxy with a user; it goes to the proxy only. */
export function proxyAuthorization(proxy: ForwardProxy): string | undefined {
  if (proxy.username === undefined) return undefined;
  const pair = `${proxy.username}:${proxy.password?.reveal() ?? ""}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

const CREDENTIALS_ADVICE = "Correct user and password of the proxy in the service instance.";
const REFUSED_ADVICE = "Ask whoever runs the proxy to let this host and port through.";

/** @param status - `407 Proxy Authentication Required` */
export function refusedByProxy(proxy: ForwardProxy, target: string, statusCode: number, status: string): AdapterError {
  const reason = `the proxy ${proxyName(proxy)} refused the connection with HTTP ${status}`;
  const detail = { host: target, reason, phase: "before-request", stage: "proxy", proxyStatus: statusCode };
  const recommendation = statusCode === 407 ? CREDENTIALS_ADVICE : REFUSED_ADVICE;
  return new AdapterError("CONNECTION_FAILED", detail, { recommendation });
}

function proxyFailed(proxy: ForwardProxy, target: string, error: Error): AdapterError {
  const peer = `${target} through the proxy ${proxyName(proxy)}`;
  return connectionError(error, { peer, serverName: proxy.host, stage: "proxy", socket: "fresh" });
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
function connect(proxy: ForwardProxy, target: TunnelTarget, options: TunnelOptions): Promise<Socket> {
  const authority = `${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`;
  return new Promise((resolve, reject) => {
    const authorization = proxyAuthorization(proxy);
    const settings: https.RequestOptions = {
      agent: false,
      host: dialName(proxy.host),
      port: proxy.port,
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...(authorization !== undefined && { "proxy-authorization": authorization }) },
      signal: options.signal,
    };
    if (proxy.protocol === "https") {
      Object.assign(settings, {
        secureContext: options.tls.secureContext(),
        rejectUnauthorized: options.tls.rejectUnauthorized,
        servername: isIP(proxy.host) === 0 ? proxy.host : "",
      });
    }
    const request = proxy.protocol === "https" ? https.request(settings) : http.request(settings);
    const cancelTimer = options.clock.schedule(options.limitMs, () =>
      request.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
    );
    request.once("connect", (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      cancelTimer();
      const statusCode = answer.statusCode ?? 0;
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        reject(refusedByProxy(proxy, authority, statusCode, `${statusCode} ${answer.statusMessage ?? ""}`.trim()));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.once("error", (error) => {
      cancelTimer();
      reject(proxyFailed(proxy, authority, error));
    });
    request.end();
  });
}

/** https://www.rfc-editor.org/rfc/rfc1928; the proxy resolves the name, with SOCKS4 in its 4a form. */
async function connectSocks(proxy: ForwardProxy, target: TunnelTarget, options: TunnelOptions): Promise<Socket> {
  const authority = `${target.host}:${target.port}`;
  try {
    const { socket } = await socks().SocksClient.createConnection({
      command: "connect",
      destination: target,
      proxy: {
        host: dialName(proxy.host),
        port: proxy.port,
        type: proxy.protocol === "socks4" ? 4 : 5,
        ...(proxy.username !== undefined && { userId: proxy.username }),
        ...(proxy.password !== undefined && { password: proxy.password.reveal() }),
      },
      timeout: options.limitMs,
      set_tcp_nodelay: true,
    });
    if (options.signal.aborted) socket.destroy();
    return socket;
  } catch (error) {
    // The library's error carries its options, the password among them: only its words go on.
    const reason = `the proxy ${proxyName(proxy)} made no connection: ${(error as Error).message}`;
    const detail = { host: authority, reason, phase: "before-request", stage: "proxy" };
    throw new AdapterError("CONNECTION_FAILED", detail);
  }
}

/**
 * @returns a socket that carries bytes to `target` and back
 * @throws AdapterError `CONNECTION_FAILED` naming the proxy, or `TLS_FAILED` with the proxy itself
 */
export function openTunnel(proxy: ForwardProxy, target: TunnelTarget, options: TunnelOptions): Promise<Socket> {
  return proxy.protocol === "http" || proxy.protocol === "https"
    ? connect(proxy, target, options)
    : connectSocks(proxy, target, options);
}
