/** Owns the way of a body from the client to the service: at the service's pace, out of the client's frames and into ours. */
import type { IncomingMessage, ClientRequest as Outgoing, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import type { WireHeaders } from "../http/wire-headers";
import type { Clock } from "../types/clock";
import type { BufferBudget } from "./buffer-budget";
import { ChunkReader } from "./chunk-reader";
import { type ChunkSeed, ChunkWriter } from "./chunk-writer";
import { drained } from "./drain";
import type { PayloadPlan } from "./payload-plan";

export interface UploadParts {
  readonly clock: Clock;
  readonly budget: BufferBudget;
  readonly received: (bytes: number) => void;
  readonly moved: () => void;
  readonly failed: (error: Error) => void;
}

/** What a client says in its `Expect` header. https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1 */
export type Expectation = "100-continue" | "nothing";

/** As long as AWS's own clients wait for it. */
const CONTINUE_WAIT_MS = 1000;

export class Upload {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #plan: PayloadPlan;
  readonly #parts: UploadParts;
  #stages: readonly Transform[] = [];
  #held: Buffer | undefined;
  #outgoing: Outgoing | undefined;
  #continued: boolean;
  #state: "open" | "stopped" = "open";
  #cancelWait: (() => void) | undefined;

  /** @param expects - what the client waits for before it sends the body */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    plan: PayloadPlan,
    expects: Expectation,
    parts: UploadParts,
  ) {
    this.#request = request;
    this.#response = response;
    this.#plan = plan;
    this.#parts = parts;
    this.#continued = expects === "nothing";
  }

  /** Whether the client still holds its body back. */
  get awaitsContinue(): boolean {
    return !this.#continued;
  }

  /** Whether nothing can go on before the client sends more. */
  get waitsForClient(): boolean {
    return this.#continued && !this.#request.complete && this.#outgoing?.writableNeedDrain !== true;
  }

  /** Whether the body can be sent a second time. */
  get isRepeatable(): boolean {
    return this.#plan.body === "none" || this.#plan.body === "held";
  }

  get held(): Buffer | undefined {
    return this.#held;
  }

  /** Reads the whole body. @throws ProxyRefusal */
  async hold(declaredBytes: number | undefined): Promise<Buffer> {
    this.#sayContinue();
    this.#watch();
    const body = await this.#parts.budget.read(this.#request, declaredBytes);
    if (this.#state === "stopped") this.#parts.budget.release(body);
    else this.#held = body;
    return body;
  }

  /** @param headers - of the request, to which an expectation is added; where none is possible, the client may send */
  announce({ lines, expect }: WireHeaders): void {
    if (this.isRepeatable || this.#continued) return;
    if (expect === "possible") lines.push("expect", "100-continue");
    else this.#sayContinue();
  }

  /** @param seed - signs the frames */
  start(outgoing: Outgoing, seed: ChunkSeed | undefined): void {
    this.#outgoing = outgoing;
    if (this.isRepeatable) outgoing.end(this.#held);
    else if (this.#continued) this.#pipe(outgoing, seed);
    else this.#awaitContinue(outgoing, seed);
  }

  /** The service has answered: the client is not asked for its body any more. */
  answered(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  /** Ends what is not complete; the client's last bytes are read and thrown away, so that it sees its answer. */
  async finish(): Promise<void> {
    if (this.#request.complete) return;
    this.#detach();
    if (!this.isRepeatable) this.#outgoing?.destroy();
    if (this.#continued) await drained(this.#request, this.#parts.clock);
  }

  /** Gives back what it holds. */
  stop(): void {
    this.#state = "stopped";
    this.answered();
    if (this.#held !== undefined) this.#parts.budget.release(this.#held);
    this.#held = undefined;
    if (!this.#request.complete) this.#detach();
  }

  #detach(): void {
    this.#request.unpipe();
    for (const stage of this.#stages) stage.destroy();
  }

  /** The service decides whether it wants the body; one that says nothing gets it all the same. */
  #awaitContinue(outgoing: Outgoing, seed: ChunkSeed | undefined): void {
    const go = (): void => {
      if (this.#cancelWait === undefined) return;
      this.answered();
      this.#sayContinue();
      this.#pipe(outgoing, seed);
    };
    this.#cancelWait = this.#parts.clock.schedule(CONTINUE_WAIT_MS, go);
    outgoing.once("continue", go);
    outgoing.flushHeaders();
  }

  #sayContinue(): void {
    if (this.#continued) return;
    this.#continued = true;
    this.#response.writeContinue();
  }

  #watch(): void {
    this.#request.on("data", (part: Buffer) => {
      this.#parts.received(part.length);
      this.#parts.moved();
    });
  }

  #pipe(outgoing: Outgoing, seed: ChunkSeed | undefined): void {
    const plan = this.#plan;
    this.#watch();
    if (plan.body === "framed") {
      const reader = new ChunkReader(plan.decodedLength, plan.trailers);
      this.#stages = plan.form === "plain" ? [reader] : [reader, new ChunkWriter(() => reader.trailers, seed)];
    }
    let last: NodeJS.ReadableStream = this.#request;
    for (const stage of this.#stages) {
      stage.on("error", this.#parts.failed);
      last = last.pipe(stage);
    }
    outgoing.on("drain", this.#parts.moved);
    last.pipe(outgoing);
  }
}
