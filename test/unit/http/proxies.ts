/** Owns small forward proxies, written for these tests alone. */
import http from "node:http";
import https from "node:https";
import net, { type Socket } from "node:net";
import { listen, type Server, tlsOptions } from "./servers";

export interface RecordingProxy extends Server {
  /** Request lines and authorizations as they came. */
  readonly seen: Array<{ readonly line: string; readonly authorization: string | undefined }>;
}

const join = (from: Socket, to: Socket): void => {
  from.pipe(to);
  to.pipe(from);
  from.on("error", () => to.destroy());
  to.on("error", () => from.destroy());
  from.on("close", () => to.destroy());
  to.on("close", () => from.destroy());
};

export interface ProxyBehaviour {
  readonly authorization?: string;
  /** Answers every CONNECT with this status line instead of a tunnel. */
  readonly refuseWith?: string;
  /** Takes the connection and says nothing. */
  readonly silent?: true;
  readonly tls?: true;
  /** Every tunnel leads here, whatever name was asked for. */
  readonly leadTo?: number;
}

/** CONNECT and absolute-form requests. */
export async function httpProxy(behaviour: ProxyBehaviour = {}): Promise<RecordingProxy> {
  const seen: RecordingProxy["seen"] = [];
  const note = (incoming: http.IncomingMessage): boolean => {
    const authorization = incoming.headers["proxy-authorization"];
    seen.push({ line: `${incoming.method} ${incoming.url}`, authorization });
    return behaviour.authorization === undefined || authorization === behaviour.authorization;
  };
  const server = behaviour.tls ? https.createServer(tlsOptions("server")) : http.createServer();
  server.on("connect", (incoming: http.IncomingMessage, socket: Socket) => {
    const allowed = note(incoming);
    if (behaviour.silent) return;
    const refusal = allowed ? behaviour.refuseWith : "407 Proxy Authentication Required";
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 6\r\n\r\nsorry\n`);
      return;
    }
    const port = behaviour.leadTo ?? Number(incoming.url?.split(":").at(-1));
    const target = net.connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      join(socket, target);
    });
  });
  server.on("request", (incoming: http.IncomingMessage, answer: http.ServerResponse) => {
    if (!note(incoming)) {
      answer.writeHead(407).end("sorry");
      return;
    }
    const [, port = "80", path = "/"] = /^http:\/\/[^/:]+(?::(\d+))?(\/.*)$/.exec(incoming.url ?? "") ?? [];
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const options = { host: "127.0.0.1", port: Number(port), path, method: incoming.method, headers };
    incoming.pipe(http.request(options, (from) => from.pipe(answer.writeHead(from.statusCode ?? 502, from.headers))));
  });
  return { ...(await listen(server)), seen };
}

/** RFC 1928 and 1929, by name or address, and SOCKS4a; enough to carry a connection. */
export async function socksProxy(behaviour: ProxyBehaviour & { readonly user?: string } = {}): Promise<RecordingProxy> {
  const seen: RecordingProxy["seen"] = [];
  const lead = (socket: Socket, line: string, port: number, granted: Buffer): void => {
    seen.push({ line, authorization: behaviour.user });
    const target = net.connect(behaviour.leadTo ?? port, "127.0.0.1", () => {
      socket.write(granted);
      join(socket, target);
    });
  };
  const server = net.createServer((socket) => {
    let step: "hello" | "login" | "request" = "hello";
    const onData = (chunk: Buffer): void => {
      if (behaviour.silent) return;
      if (step === "hello" && chunk[0] === 4) {
        socket.off("data", onData);
        const name = chunk.subarray(8).toString().split("\0").at(1);
        lead(
          socket,
          `4 ${name}:${chunk.readUInt16BE(2)}`,
          chunk.readUInt16BE(2),
          Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]),
        );
      } else if (step === "hello") {
        step = behaviour.user === undefined ? "request" : "login";
        socket.write(Buffer.from([5, behaviour.user === undefined ? 0 : 2]));
      } else if (step === "login") {
        const userLength = chunk[1] ?? 0;
        const user = chunk.subarray(2, 2 + userLength).toString();
        const password = chunk.subarray(3 + userLength).toString();
        step = "request";
        socket.write(Buffer.from([1, `${user}:${password}` === behaviour.user ? 0 : 1]));
      } else {
        socket.off("data", onData);
        const byName = chunk[3] === 3;
        const end = byName ? 5 + (chunk[4] ?? 0) : 8;
        const host = byName ? chunk.subarray(5, end).toString() : chunk.subarray(4, 8).join(".");
        const port = chunk.readUInt16BE(end);
        lead(socket, `5 ${host}:${port}`, port, Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      }
    };
    socket.on("data", onData);
  });
  return { ...(await listen(server)), seen };
}
