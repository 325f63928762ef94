/** Owns the HttpHandler on node:http and node:https. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { Files } from "../types/files";
import type { HttpHandler, HttpHandlerOptions, HttpRequest, HttpResponse } from "../types/http";
import { lazy } from "../types/lazy";
import type { ProxySettings } from "../types/proxy";
import type { TlsSettings } from "../types/tls";
import { Exchange } from "./exchange";
import { readTlsOptions } from "./tls-options";
import { directTransport, hostAndPort, type Transport } from "./transport";

export interface HttpHandlerSettings {
  /** Bound of open sockets to one host; further requests wait for one. */
  readonly maxSockets: number;
  readonly tls?: TlsSettings;
  readonly proxy?: ProxySettings;
}

export interface HttpHandlerDependencies {
  readonly files: Files;
  readonly clock: Clock;
}

/** Loaded by those that have a proxy: with it comes `node:https`. */
const proxyModule = lazy(() => require("./proxy-transport") as typeof import("./proxy-transport"));

/**
 * Makes a handler with its own sockets, kept alive between requests. TLS files are read here, once.
 * @throws AdapterError `INVALID_PROPERTIES` when a TLS file or setting is unusable
 */
export function createHttpHandler(settings: HttpHandlerSettings, dependencies: HttpHandlerDependencies): HttpHandler {
  const { maxSockets, proxy } = settings;
  const { clock } = dependencies;
  const tls = readTlsOptions(settings.tls, dependencies.files);
  const opened: Transport[] = [];
  const transport = (protocol: HttpRequest["protocol"]) =>
    lazy(() => {
      const made =
        proxy?.mode === "forward"
          ? proxyModule().proxyTransport(protocol, maxSockets, tls, proxy, clock)
          : directTransport(protocol, maxSockets, tls, proxy);
      opened.push(made);
      return made;
    });
  const transports = { "http:": transport("http:"), "https:": transport("https:") } as const;
  let state: "open" | "destroyed" = "open";
  return {
    handle: (request: HttpRequest, options: HttpHandlerOptions): Promise<HttpResponse> =>
      new Promise((resolve, reject) => {
        if (state === "destroyed") {
          const waitedFor = `The request to ${hostAndPort(request)}`;
          reject(
            new AdapterError("ABORTED", { waitedFor, reason: "the connections were closed", phase: "before-request" }),
          );
          return;
        }
        new Exchange(request, options, transports[request.protocol](), clock, resolve, reject).start();
      }),
    destroy: () => {
      state = "destroyed";
      for (const made of opened) made.destroy();
    },
  };
}
