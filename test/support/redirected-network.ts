/** Owns a network in which every address leads to one port of this machine: cases can speak of AWS's own hosts. */
import http from "node:http";
import https from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface RedirectedNetwork {
  /** `host:port` of every connection that was asked for, in order. */
  readonly dialled: readonly string[];
  /** All bytes that crossed since the start or the last `clear`, both ways, as text. */
  traffic(): string;
  clear(): void;
  close(): Promise<void>;
}

interface Dialled {
  readonly host?: string;
  readonly port?: number;
}

/**
 * Until `close`, every request of this process goes to `port` of 127.0.0.1, in the clear, whatever it names; Host header and
 * bytes stay what they are.
 */
export async function redirectNetwork(port: number): Promise<RedirectedNetwork> {
  const dialled: string[] = [];
  let heard: string[] = [];
  const sockets = new Set<Socket>();
  const tap = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  await listen(tap);
  const tapPort = (tap.address() as AddressInfo).port;
  const restore = [http.Agent, https.Agent].map((agent) => {
    const prototype = agent.prototype as unknown as { createConnection(options: Dialled): Socket };
    const before = prototype.createConnection;
    prototype.createConnection = (options) => {
      dialled.push(`${options.host}:${options.port}`);
      return connect(tapPort, "127.0.0.1");
    };
    return () => {
      prototype.createConnection = before;
    };
  });
  return {
    dialled,
    traffic: () => heard.join(""),
    clear: () => {
      heard = [];
      dialled.length = 0;
    },
    close: () => {
      for (const undo of restore) undo();
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => tap.close(() => resolve()));
    },
  };
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
