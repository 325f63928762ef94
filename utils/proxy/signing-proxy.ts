/** Owns the signing proxy: clients sign with the name of an identity, the proxy with the identity itself. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ClockSkew } from "../client/clock-skew";
import type { Runtime } from "../runtime/create-runtime";
import { SigningKeyCache } from "../signing/signing-key-cache";
import type { Clock } from "../types/clock";
import type { Files } from "../types/files";
import type { IdentityProvider } from "../types/identity";
import type { Logger } from "../types/logger";
import type { Secret } from "../types/secret";
import { BufferBudget } from "./buffer-budget";
import type { CertificateAuthority } from "./certificate-authority";
import { readClientSignature } from "./client-signature";
import { Destinations, type Upstreams } from "./destinations";
import { drained } from "./drain";
import { Exchange, type ExchangeParts } from "./exchange";
import { refuseForwarded, requestHeaders } from "./forwarded-headers";
import { type HostAndPort, HostRules } from "./host-rules";
import { knowsSecret, SECRET_HEADER } from "./launch-secret";
import { type ProxyFigures, ProxyMetrics } from "./proxy-metrics";
import { ProxyRefusal, toRefusal } from "./proxy-refusal";
import { dialectOf, writeRefusal } from "./refusal-format";
import { type GateRules, pass, targetOf } from "./request-gate";
import { ServiceModels } from "./service-models";
import { Transports } from "./transports";
import { Tunnels } from "./tunnels";
import type { Expectation } from "./upload";

export interface SigningProxyOptions {
  /** 0 for a free one. Always on 127.0.0.1. */
  readonly port: number;
  readonly upstreams: Upstreams;
  /** Besides AWS's own. */
  readonly allowedHosts: readonly HostAndPort[];
  /** Limit of every wait in which nothing moves. */
  readonly timeoutMs: number;
  /** Of one body that must be held to be hashed. */
  readonly bufferLimitBytes: number;
  /** Without it, everybody on the machine may use the proxy. */
  readonly secret?: Secret;
  /** Without it, CONNECT is refused. */
  readonly authority?: CertificateAuthority;
}

export interface SigningProxyDependencies {
  readonly runtime: Pick<Runtime, "settings" | "models" | "plan" | "identity" | "masker">;
  readonly clock: Clock;
  readonly files: Files;
  /** Names each refusal. */
  readonly randomUUID: () => string;
  /** Masked. */
  readonly logger: Logger;
}

export interface SigningProxy {
  readonly port: number;
  readonly url: string;
  figures(): ProxyFigures;
  /**
   * Takes no new requests, and ends when those under way have, or after `drainMs`.
   * @returns what went through it
   */
  close(drainMs: number): Promise<ProxyFigures>;
}

const HOST = "127.0.0.1";
export const METRICS_PATH = "/_adapter-aws/metrics";
/** Session tokens of AWS are long, and so are the metadata of objects. */
const MAX_HEADER_BYTES = 64 * 1024;
const HEADERS_TIMEOUT_MS = 30_000;
/** Longer than AWS's clients keep a connection. */
const KEEP_ALIVE_MS = 75_000;

/** @throws the system's error when the port cannot be had; AdapterError `INVALID_PROPERTIES` for unusable TLS files */
export async function startSigningProxy(
  options: SigningProxyOptions,
  dependencies: SigningProxyDependencies,
): Promise<SigningProxy> {
  const proxy = new ProxyServer(options, dependencies);
  await proxy.listen(options.port);
  return proxy;
}

class ProxyServer implements SigningProxy {
  readonly #server: Server;
  readonly #metrics = new ProxyMetrics();
  readonly #models: ServiceModels;
  readonly #rules: GateRules;
  readonly #tunnels: Tunnels;
  readonly #transports: Transports;
  readonly #parts: ExchangeParts;
  readonly #identities = new Map<string, IdentityProvider>();
  readonly #targets = new WeakMap<object, HostAndPort>();
  readonly #dependencies: SigningProxyDependencies;
  #state: "open" | "closing" = "open";
  #whenIdle: () => void = () => undefined;
  port = 0;

  constructor(options: SigningProxyOptions, dependencies: SigningProxyDependencies) {
    const { runtime, clock, files } = dependencies;
    const { settings } = runtime;
    const { secret, authority, upstreams, allowedHosts, timeoutMs } = options;
    this.#dependencies = dependencies;
    this.#models = new ServiceModels(runtime.models);
    const hosts = new HostRules(allowedHosts);
    const destinations = new Destinations(upstreams, settings.endpoint, runtime.models, this.#models);
    this.#rules = { settings, hosts, destinations, clock, ...(secret === undefined ? {} : { secret }) };
    this.#transports = new Transports(settings, { files, clock });
    this.#parts = {
      clock,
      skew: new ClockSkew(clock),
      keys: new SigningKeyCache(),
      metrics: this.#metrics,
      budget: new BufferBudget(options.bufferLimitBytes),
      transport: (destination) => this.#transports.to(destination),
      timeoutMs,
      identityTimeoutMs: settings.request.attemptTimeoutMs,
    };
    this.#server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // A body may take as long as it moves: the exchange watches it.
      requestTimeout: 0,
    });
    this.#tunnels = new Tunnels({
      ...{ authority, hosts, secret, metrics: this.#metrics },
      accept: (socket, target) => {
        this.#targets.set(socket, target);
        this.#server.emit("connection", socket);
      },
      refused: (refusal, words) => this.#note(refusal, words),
    });
    this.#server.on("request", (request, response) => void this.#serve(request, response, "nothing"));
    this.#server.on("checkContinue", (request, response) => void this.#serve(request, response, "100-continue"));
    this.#server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (this.#state === "closing" || this.#targets.has(socket)) socket.destroy();
      else this.#tunnels.connect(request, socket, head);
    });
    this.#server.on("clientError", answerClientError);
  }

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, HOST);
    await once(this.#server, "listening");
    this.port = (this.#server.address() as AddressInfo).port;
  }

  figures(): ProxyFigures {
    return this.#metrics.figures(this.#parts.budget.heldBytes);
  }

  async close(drainMs: number): Promise<ProxyFigures> {
    this.#state = "closing";
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    if (this.#metrics.inFlight > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#dependencies.clock.schedule(drainMs, resolve);
        this.#whenIdle = () => {
          cancel();
          resolve();
        };
      });
    }
    const figures = this.figures();
    this.#server.closeAllConnections();
    this.#tunnels.destroy();
    this.#transports.destroy();
    await closed;
    return figures;
  }

  async #serve(request: IncomingMessage, response: ServerResponse, expects: Expectation): Promise<void> {
    const { clock, logger } = this.#dependencies;
    const startedMs = clock.monotonic();
    this.#metrics.requests += 1;
    this.#metrics.inFlight += 1;
    if (this.#state === "closing") response.shouldKeepAlive = false;
    let headers: Readonly<Record<string, string>> = {};
    let service: string | undefined;
    let continued = expects === "nothing";
    let words = request.method ?? "";
    try {
      headers = requestHeaders(request.rawHeaders);
      refuseForwarded(headers);
      const tunnel = this.#targets.get(request.socket);
      const entrance = { port: this.port, ...(tunnel === undefined ? {} : { tunnel }) };
      const named = targetOf(request, headers, entrance, this.#rules.hosts);
      if (named.target === "proxy" && named.form === METRICS_PATH && headers["authorization"] === undefined) {
        this.#answerFigures(headers, response);
        return;
      }
      const mark = named.form.indexOf("?");
      const signature = readClientSignature(headers, mark === -1 ? "" : named.form.slice(mark + 1), clock.now());
      service = signature.service;
      words += ` ${service} ${signature.region ?? "*"}`;
      const { client, destination, plan, provider } = pass(request, headers, signature, named, entrance, this.#rules);
      words += ` as ${provider}`;
      this.#metrics.countProvider(provider);
      const admitted = { client, destination, plan, identity: this.#identity(provider), expects };
      const exchange = new Exchange(request, response, admitted, this.#parts);
      try {
        await exchange.run();
      } finally {
        continued = !exchange.awaitsContinue;
      }
    } catch (thrown) {
      const refusal = toRefusal(thrown, (text) => this.#dependencies.runtime.masker.maskText(text));
      this.#note(refusal, words);
      const dialect = dialectOf(headers, service, (name) => this.#models.ofSigningName(name)?.protocol);
      const reads = continued && refusal.kind !== "slow-client";
      await this.#refuse(request, response, writeRefusal(refusal, dialect, this.#dependencies.randomUUID()), reads);
    } finally {
      this.#metrics.inFlight -= 1;
      if (this.#metrics.inFlight === 0) this.#whenIdle();
      if (logger.isEnabled("debug")) {
        logger.debug(`${words}: HTTP ${response.statusCode}, ${Math.round(clock.monotonic() - startedMs)} ms`);
      }
    }
  }

  #identity(name: string): IdentityProvider {
    let identity = this.#identities.get(name);
    if (identity === undefined) {
      const { runtime } = this.#dependencies;
      identity = runtime.identity(runtime.plan({ kind: "plain", callProperties: { credential_provider: name } }));
      this.#identities.set(name, identity);
    }
    return identity;
  }

  #answerFigures(headers: Readonly<Record<string, string>>, response: ServerResponse): void {
    if (!knowsSecret(this.#rules.secret, [headers[SECRET_HEADER]])) {
      throw new ProxyRefusal("forbidden", `The figures are for whoever gives the secret in ${SECRET_HEADER}.`);
    }
    const body = `${JSON.stringify(this.figures(), null, 2)}\n`;
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  }

  /** @param reads - whether the rest of the request's body is read, so that the connection can go on */
  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    { status, headers, body }: ReturnType<typeof writeRefusal>,
    reads: boolean,
  ): Promise<void> {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    this.#metrics.countAnswer(status);
    if (!reads) response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    if (request.method !== "HEAD") response.write(body);
    if (reads) await drained(request, this.#dependencies.clock);
    response.end();
  }

  #note(refusal: ProxyRefusal, words: string): void {
    this.#metrics.countRefusal(refusal.kind);
    const { logger } = this.#dependencies;
    const level = refusal.kind === "internal" ? "error" : "info";
    const cause = refusal.kind === "internal" && refusal.cause instanceof Error ? ` ${refusal.cause.stack}` : "";
    if (logger.isEnabled(level)) logger[level](`${words}: ${refusal.kind}: ${refusal.message}${cause}`);
  }
}

/** What is no HTTP gets the shortest answer, and no second chance: nobody knows where its next request would begin. */
function answerClientError(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
}
