/** Owns the way to a host taken step by step, each timed: name, connection, proxy, TLS. */
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { toAdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { Files } from "../types/files";
import { portOf } from "../types/host-header";
import type { HttpRequest } from "../types/http";
import type { ProxySettings } from "../types/proxy";
import type { TlsSettings } from "../types/tls";
import { connectionError } from "./connection-error";
import { openTunnel } from "./open-tunnel";
import type { Stage } from "./stage";
import { readTlsOptions } from "./tls-options";
import { dialName } from "./transport";

export type ProbeStep = "dns" | "tcp" | "proxy" | "tls";

export interface ProbeResult {
  readonly step: ProbeStep;
  readonly ok: boolean;
  readonly durationMs: number;
  /** What was found: addresses, the peer, the protocol; or the reason of the failure. */
  readonly found: string;
}

export interface ProbeOptions {
  readonly clock: Clock;
  readonly files: Files;
  /** Of each step. */
  readonly timeoutMs: number;
  readonly proxy?: ProxySettings | undefined;
  readonly tls?: TlsSettings | undefined;
}

export type ProbeTarget = Pick<HttpRequest, "protocol" | "hostname" | "port">;

/** @returns the steps in their order, up to the first that failed; never rejects */
export async function probeConnection(target: ProbeTarget, options: ProbeOptions): Promise<ProbeResult[]> {
  const { clock, proxy } = options;
  const host = dialName(target.hostname);
  const dialled = { host: dialName(proxy?.host ?? host), port: proxy?.port ?? portOf(target) };
  const results: ProbeResult[] = [];
  const step = async (name: ProbeStep, stage: Stage, run: () => Promise<string>): Promise<boolean> => {
    const sinceMs = clock.monotonic();
    const result = (ok: boolean, found: string): boolean => {
      results.push({ step: name, ok, durationMs: Math.round((clock.monotonic() - sinceMs) * 10) / 10, found });
      return ok;
    };
    const peer = `${dialled.host}:${dialled.port}`;
    const failed = { peer, serverName: host, stage, socket: "fresh" } as const;
    return run().then(
      (found) => result(true, found),
      (thrown: unknown) => result(false, toAdapterError(connectionError(thrown, failed)).displayString),
    );
  };
  let socket: Socket | undefined;
  const dns = () =>
    within(options, lookup(dialled.host, { all: true }), () => {}).then((all) =>
      all.map(({ address }) => address).join(", "),
    );
  const tcp = async () => {
    socket = await opened(options, connectTcp(dialled), "connect");
    return `${socket.remoteAddress}:${socket.remotePort}`;
  };
  const tunnel = async () => {
    if (proxy?.mode !== "forward") return "none";
    socket?.destroy();
    const tls = readTlsOptions(options.tls, options.files);
    const { signal } = new AbortController();
    const limits = { limitMs: options.timeoutMs, clock, tls, signal };
    socket = await openTunnel(proxy, { host, port: portOf(target) }, limits);
    return `${proxy.protocol} proxy, connected to ${host}:${portOf(target)}`;
  };
  const tls = async () => {
    const { secureContext, rejectUnauthorized } = readTlsOptions(options.tls, options.files);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const secure = connectTls({
      socket: socket as Socket,
      secureContext: secureContext(),
      rejectUnauthorized,
      ...servername,
    });
    socket = await opened(options, secure, "secureConnect");
    return `${secure.getProtocol()}, certificate of ${secure.getPeerCertificate().subject?.CN ?? "(no name)"}`;
  };
  try {
    if (!((await step("dns", "dns", dns)) && (await step("tcp", "connection", tcp)))) return results;
    const tunnelled = proxy?.mode === "forward" && (target.protocol === "https:" || proxy.protocol.startsWith("socks"));
    if (tunnelled && !(await step("proxy", "proxy", tunnel))) return results;
    if (target.protocol === "https:") await step("tls", "tls", tls);
    return results;
  } finally {
    socket?.destroy();
  }
}

function opened<S extends Socket>(options: ProbeOptions, socket: S, event: "connect" | "secureConnect"): Promise<S> {
  const connected = new Promise<S>((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    socket.once("error", reject);
  });
  return within(options, connected, () => socket.destroy());
}

/** Nobody waits longer than the limit; `end` lets go of what was waited for. */
function within<T>({ clock, timeoutMs }: ProbeOptions, wait: Promise<T>, end: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () => {
      end();
      reject(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: "ETIMEDOUT" }));
    });
    wait.then(resolve, reject).finally(cancel);
  });
}
