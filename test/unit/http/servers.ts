/** Owns the local servers and the real clock that the tests of http/ run against. */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Socket } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpHandler, type HttpHandlerSettings } from "../../../utils/http/http-handler";
import type { Clock } from "../../../utils/types/clock";
import type { Files } from "../../../utils/types/files";
import type { HttpHandler, HttpHandlerOptions, HttpRequest } from "../../../utils/types/http";

export const tlsFile = (name: string): string => path.join(__dirname, "../../fixtures/tls", name);

export const files: Files = {
  read: (file) => readFileSync(file),
  exists: () => true,
  list: () => [],
};

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
  schedule: (ms, task) => {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Everything a test opens, closed after it whatever happens. */
const opened: Array<() => void> = [];
export function closeAll(): void {
  for (const close of opened.splice(0)) close();
}

export function handlerWith(settings: Partial<HttpHandlerSettings> = {}): HttpHandler {
  const handler = createHttpHandler({ maxSockets: 4, ...settings }, { files, clock });
  opened.push(() => handler.destroy());
  return handler;
}

export interface Server {
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: () => number;
  readonly sockets: ReadonlySet<Socket>;
  readonly close: () => void;
}

/** Listens on an ephemeral port of 127.0.0.1 and counts connections. */
export async function listen(server: net.Server): Promise<Server> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  opened.push(close);
  return { port: (server.address() as AddressInfo).port, connections: () => accepted, sockets, close };
}

export const httpServer = (listener: http.RequestListener): Promise<Server> => listen(http.createServer(listener));

export const tlsOptions = (name: "server" | "endpoint"): https.ServerOptions => ({
  cert: readFileSync(tlsFile(`${name}.pem`)),
  key: readFileSync(tlsFile(`${name}-key.pem`)),
});

export const httpsServer = (
  listener: http.RequestListener,
  name: "server" | "endpoint" = "server",
  more: https.ServerOptions = {},
): Promise<Server> => listen(https.createServer({ ...tlsOptions(name), ...more }, listener));

/** Answers with what `respond` writes to the raw socket once a request arrived. */
export const rawServer = (respond: (socket: Socket, request: string, count: number) => void): Promise<Server> =>
  listen(
    net.createServer((socket) => {
      let count = 0;
      socket.on("data", (chunk) => {
        count += 1;
        respond(socket, chunk.toString("latin1"), count);
      });
    }),
  );

export const request = (port: number, parts: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  protocol: "http:",
  hostname: "127.0.0.1",
  port,
  path: "/",
  headers: {},
  ...parts,
});

export const buffered: HttpHandlerOptions = { timeoutMs: 5000, responseBody: "buffer" };
