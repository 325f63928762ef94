/** Owns one request through the proxy, from the client's first byte to the last of the answer: nothing is left behind, whoever leaves. */
import { hash } from "node:crypto";
import type { IncomingMessage, ClientRequest as Outgoing, ServerResponse } from "node:http";
import type { ClockSkew } from "../client/clock-skew";
import { connectionError } from "../http/connection-error";
import { requestStage } from "../http/stage";
import type { Transport } from "../http/transport";
import { wireHeaders } from "../http/wire-headers";
import type { SigningKeyCache } from "../signing/signing-key-cache";
import type { Clock } from "../types/clock";
import type { AwsCredentialIdentity, IdentityProvider } from "../types/identity";
import type { BufferBudget } from "./buffer-budget";
import type { Destination } from "./destinations";
import { endToEndLines } from "./forwarded-headers";
import { type ClientRequest, type SignedRequest, signForwarded } from "./forwarded-request";
import type { PayloadPlan } from "./payload-plan";
import type { ProxyMetrics } from "./proxy-metrics";
import { ProxyRefusal } from "./proxy-refusal";
import { type Expectation, Upload } from "./upload";
import { failureOf, passOn, type SeenAnswer, seeAnswer } from "./upstream-answer";

/** A request that may go on, and as whom. */
export interface Admitted {
  readonly client: ClientRequest;
  readonly destination: Destination;
  readonly plan: PayloadPlan;
  readonly identity: IdentityProvider;
  /** What the client waits for before it sends the body. */
  readonly expects: Expectation;
}

export interface ExchangeParts {
  readonly clock: Clock;
  readonly skew: ClockSkew;
  readonly keys: SigningKeyCache;
  readonly metrics: ProxyMetrics;
  readonly budget: BufferBudget;
  readonly transport: (destination: Destination) => Transport;
  /** Limit of every wait in which nothing moves. */
  readonly timeoutMs: number;
  readonly identityTimeoutMs: number;
}

/** A client that reads slowly is no fault of the service; one that has stopped reading must not keep a connection for ever. */
const SLOW_READER_MS = 300_000;
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
const STALE: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE"]);

export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #admitted: Admitted;
  readonly #parts: ExchangeParts;
  readonly #upload: Upload;
  /** Made when somebody has to be waited for. */
  #aborted: AbortController | undefined;
  #state: "open" | "over" = "open";
  #outgoing: Outgoing | undefined;
  #movedMs: number;
  #cancelTimer: () => void;
  #settle: (error?: unknown) => void = () => undefined;

  constructor(request: IncomingMessage, response: ServerResponse, admitted: Admitted, parts: ExchangeParts) {
    this.#request = request;
    this.#response = response;
    this.#admitted = admitted;
    this.#parts = parts;
    this.#upload = new Upload(request, response, admitted.plan, admitted.expects, {
      clock: parts.clock,
      budget: parts.budget,
      received: (bytes) => {
        parts.metrics.bytesFromClients += bytes;
      },
      moved: () => this.#moved(),
      failed: (error) => this.#settle(error),
    });
    this.#movedMs = parts.clock.monotonic();
    this.#cancelTimer = parts.clock.schedule(parts.timeoutMs, this.#onTimer);
  }

  /** Whether the client still holds its body back. */
  get awaitsContinue(): boolean {
    return this.#upload.awaitsContinue;
  }

  /**
   * Resolves when the answer is complete or the client is gone.
   * @throws ProxyRefusal or AdapterError for what is to be answered in place of the service
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => {
        if (this.#state === "over") return;
        this.#state = "over";
        this.#release(error);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#response.on("close", this.#onClientGone);
      this.#request.on("error", this.#onClientGone);
      this.#forward().then(() => this.#settle(), this.#settle);
    });
  }

  async #forward(): Promise<void> {
    const { client, plan, identity: provider } = this.#admitted;
    const { metrics } = this.#parts;
    let payloadHash = "";
    if (plan.body === "held") {
      payloadHash = hash("sha256", await this.#upload.hold(client.contentLength), "hex");
      this.#checkOpen();
    } else payloadHash = plan.payloadHash;
    for (let time = 1; ; time += 1) {
      const identity = provider.current?.() ?? (await this.#resolve());
      const signed = await this.#sign(identity, payloadHash);
      this.#checkOpen();
      let seen: SeenAnswer;
      try {
        seen = await seeAnswer(await this.#send(signed), client.method);
      } catch (error) {
        if (time > 1 || !this.#isStale(error)) throw this.#failureOf(error, signed);
        metrics.sentAgain += 1;
        continue;
      }
      if (time > 1 || !(await this.#mend(seen, identity))) return this.#relay(seen);
      metrics.sentAgain += 1;
      seen.answer.resume();
    }
  }

  async #resolve(): Promise<AwsCredentialIdentity> {
    this.#aborted ??= new AbortController();
    const { signal } = this.#aborted;
    const identity = await this.#admitted.identity.resolve({ timeoutMs: this.#parts.identityTimeoutMs, signal });
    this.#checkOpen();
    return identity;
  }

  #sign(identity: AwsCredentialIdentity, payloadHash: string): Promise<SignedRequest> {
    const { client, destination, plan } = this.#admitted;
    const { skew, keys } = this.#parts;
    return signForwarded(client, destination, plan, payloadHash, this.#upload.held, {
      identity,
      dateMs: skew.now(),
      keys,
    });
  }

  #send({ request, seed }: SignedRequest): Promise<IncomingMessage> {
    const { transport, timeoutMs } = this.#parts;
    const headers = wireHeaders(request);
    const { lines } = headers;
    this.#upload.announce(headers);
    return new Promise((resolve, reject) => {
      const outgoing = transport(this.#admitted.destination).open(request, lines, timeoutMs);
      this.#outgoing = outgoing;
      this.#moved();
      let state: "sent" | "answered" = "sent";
      outgoing.on("response", (answer: IncomingMessage) => {
        state = "answered";
        this.#moved();
        this.#upload.answered();
        answer.on("error", reject);
        resolve(answer);
      });
      outgoing.on("error", reject);
      outgoing.on("close", () => {
        if (state === "sent") reject(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
      });
      this.#upload.start(outgoing, seed);
    });
  }

  /** @returns whether the request is to be signed and sent again */
  async #mend(seen: SeenAnswer, identity: AwsCredentialIdentity): Promise<boolean> {
    if (seen.head === undefined) return false;
    const { identity: provider, destination } = this.#admitted;
    const { skew } = this.#parts;
    const measured = skew.measure(seen.answer.headers as Record<string, string>);
    const kind = failureOf(seen, destination.service, measured === undefined ? undefined : measured - skew.offsetMs);
    if (kind === "skew" && measured !== undefined) skew.correct(measured);
    else if (kind === "expired") {
      provider.invalidate(identity);
      const renewed = await this.#resolve();
      if (renewed.accessKeyId === identity.accessKeyId && renewed.sessionToken === identity.sessionToken) return false;
    } else return false;
    if (seen.state === "whole" && this.#upload.isRepeatable) return true;
    // The body is gone; every SDK sends it again after this answer.
    throw new ProxyRefusal(
      "session-ended",
      "The identity or its date had ended and is renewed: send the request again.",
    );
  }

  async #relay({ answer, head, state }: SeenAnswer): Promise<void> {
    const response = this.#response;
    const { metrics } = this.#parts;
    const status = answer.statusCode ?? 502;
    response.sendDate = false;
    // A client that was never told to send its body may or may not send it: nobody could tell what comes next.
    if (this.awaitsContinue && !this.#request.complete) response.shouldKeepAlive = false;
    response.writeHead(status, answer.statusMessage ?? "", endToEndLines(answer.rawHeaders));
    metrics.countAnswer(status);
    if (head !== undefined) {
      metrics.bytesToClients += head.length;
      response.write(head);
    }
    if (state === "more") {
      await passOn(answer, response, (bytes) => {
        metrics.bytesToClients += bytes;
        this.#moved();
      });
    }
    await this.#upload.finish();
    response.end();
  }

  readonly #onTimer = (): void => {
    const { clock, timeoutMs } = this.#parts;
    const limitMs = this.#response.writableNeedDrain ? Math.max(SLOW_READER_MS, timeoutMs) : timeoutMs;
    const left = this.#movedMs + limitMs - clock.monotonic();
    if (left > 0) {
      this.#cancelTimer = clock.schedule(left, this.#onTimer);
      return;
    }
    const seconds = Math.round(limitMs / 1000);
    this.#settle(
      this.#upload.waitsForClient
        ? new ProxyRefusal("slow-client", `Nothing of the request's body came for ${seconds} s.`)
        : new ProxyRefusal("timeout", `The service said nothing for ${seconds} s.`),
    );
  };

  readonly #onClientGone = (): void => {
    if (this.#state === "over") return;
    this.#parts.metrics.abandoned += 1;
    this.#settle();
  };

  /** While something was awaited, the client may have left. */
  #checkOpen(): void {
    if (this.#state === "over") throw new ProxyRefusal("stopping", "The client is gone.");
  }

  #moved(): void {
    this.#movedMs = this.#parts.clock.monotonic();
  }

  #isStale(error: unknown): boolean {
    const { code = "" } = error as NodeJS.ErrnoException;
    return (
      this.#state === "open" &&
      this.#upload.isRepeatable &&
      IDEMPOTENT.has(this.#admitted.client.method) &&
      this.#outgoing?.reusedSocket === true &&
      STALE.has(code)
    );
  }

  #failureOf(error: unknown, { request }: SignedRequest): unknown {
    const { destination } = this.#admitted;
    const outgoing = this.#outgoing;
    if (error instanceof ProxyRefusal || outgoing === undefined) return error;
    const transport = this.#parts.transport(destination);
    const stage = requestStage(outgoing);
    return connectionError(error, {
      peer: transport.peer(request),
      serverName: destination.hostname,
      stage: stage === "socket" ? transport.withoutSocket : stage,
      socket: outgoing.reusedSocket ? "reused" : "fresh",
    });
  }

  #release(error: unknown): void {
    this.#cancelTimer();
    this.#aborted?.abort();
    this.#response.off("close", this.#onClientGone);
    this.#upload.stop();
    if (error !== undefined || !this.#response.writableEnded) {
      this.#outgoing?.on("error", () => undefined).destroy();
    }
  }
}
