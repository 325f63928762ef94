/** Owns CONNECT: a tunnel to an allowed host ends here, behind a certificate of the local authority. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { BoundedMap } from "../types/bounded-map";
import type { Secret } from "../types/secret";
import type { CertificateAuthority } from "./certificate-authority";
import { refuseForwarded, requestHeaders } from "./forwarded-headers";
import { type HostAndPort, type HostRules, parseAuthority } from "./host-rules";
import { knowsSecret, proxyPassword, SECRET_HEADER } from "./launch-secret";
import type { ProxyMetrics } from "./proxy-metrics";
import { ProxyRefusal, type RefusalKind, refusalNames } from "./proxy-refusal";

export interface TunnelParts {
  readonly authority: CertificateAuthority | undefined;
  readonly hosts: HostRules;
  readonly secret: Secret | undefined;
  readonly metrics: ProxyMetrics;
  /** Takes the connection inside the tunnel. */
  readonly accept: (socket: TLSSocket, target: HostAndPort) => void;
  readonly refused: (refusal: ProxyRefusal, words: string) => void;
}

const HANDSHAKE_MS = 10_000;
const MOST_HOSTS = 500;
const REASONS: Partial<Record<RefusalKind, string>> = { forbidden: "Forbidden", invalid: "Bad Request" };

export class Tunnels {
  readonly #parts: TunnelParts;
  readonly #servers = new BoundedMap<{ readonly cert: string; readonly server: Server }>(MOST_HOSTS);
  readonly #open = new Set<Duplex>();

  constructor(parts: TunnelParts) {
    this.#parts = parts;
  }

  /** Answers one CONNECT. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
  connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { authority, hosts, secret, metrics, refused } = this.#parts;
    // Whoever leaves a tunnel half open takes nothing with him.
    socket.on("error", () => socket.destroy());
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    try {
      if (authority === undefined) throw new ProxyRefusal("forbidden", "CONNECT needs a --ca-folder.");
      const headers = requestHeaders(request.rawHeaders);
      refuseForwarded(headers);
      const password = proxyPassword(headers["proxy-authorization"]);
      if (!knowsSecret(secret, [password, headers[SECRET_HEADER]])) {
        answerLast(
          socket,
          'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="adapter-aws"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
        );
        refused(new ProxyRefusal("forbidden", "the secret is missing or wrong"), "CONNECT");
        return;
      }
      const target = parseAuthority(request.url ?? "", 0);
      if (target === undefined) throw new ProxyRefusal("invalid", "CONNECT names no host and port.");
      hosts.check(target);
      const server = this.#serverFor(target, authority);
      metrics.tunnels += 1;
      socket.once("close", () => {
        metrics.tunnels -= 1;
      });
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      server.emit("connection", socket as Socket);
    } catch (thrown) {
      const refusal =
        thrown instanceof ProxyRefusal ? thrown : new ProxyRefusal("internal", "Unexpected fault.", { cause: thrown });
      const { status } = refusalNames[refusal.kind];
      const body = `${refusal.message}\n`;
      const reason = REASONS[refusal.kind] ?? "Refused";
      answerLast(
        socket,
        `HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
      refused(refusal, "CONNECT");
    }
  }

  /** Cuts what is still open. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** One for each target, so that a connection knows by itself where it was meant to go. */
  #serverFor(target: HostAndPort, authority: CertificateAuthority): Server {
    const key = `${target.host}|${target.port}`;
    const credential = authority.certificateFor(target.host);
    const kept = this.#servers.get(key);
    if (kept?.cert === credential.cert) return kept.server;
    const server = createServer({
      cert: credential.cert,
      key: credential.key,
      ALPNProtocols: ["http/1.1"],
      handshakeTimeout: HANDSHAKE_MS,
      minVersion: "TLSv1.2",
    });
    server.on("secureConnection", (socket) => this.#parts.accept(socket, target));
    server.on("tlsClientError", (_, socket) => socket.destroy());
    this.#servers.set(key, { cert: credential.cert, server });
    return server;
  }
}

/** The server's sockets stay half open for as long as their client likes: this one is closed once the answer is on its way. */
function answerLast(socket: Duplex, text: string): void {
  socket.end(text, () => socket.destroy());
}
