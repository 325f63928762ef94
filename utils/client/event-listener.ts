/** Owns the listening to a stream of events as it comes: until it ends, or for as long as the call asked, and no longer. */
import type { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import { eventFrames } from "./event-frames";
import { type EventLimits, LONGEST_SECONDS } from "./event-limits";
import { partsOf, type StreamLimits } from "./streamed-body";

/** What is kept in memory at most; more goes into a file. */
const MOST_BYTES = 64 * 1024 * 1024;

/** One call's stream. Its bytes are read as they are asked for: a slow file slows the sender down, and nothing piles up. */
export class EventListener {
  /** Of what came, on the wire. */
  bytes = 0;
  events = 0;
  /** The limit of the call that ended it. */
  stoppedBy: keyof EventLimits | undefined = undefined;
  #outOfTime: AdapterError | undefined = undefined;
  #cancel = (): void => {};

  constructor(
    readonly body: Readable,
    readonly asked: EventLimits,
    readonly limits: StreamLimits,
  ) {}

  /** The messages, whole ones only. Ends without an error at a limit of the call. */
  async *frames(): AsyncGenerator<Buffer, void, undefined> {
    this.#watch();
    try {
      for await (const frame of eventFrames(partsOf(this.body, this.limits))) {
        this.bytes += frame.length;
        yield frame;
      }
    } catch (thrown) {
      if (this.stoppedBy === undefined) throw this.#outOfTime ?? thrown;
    }
  }

  /** To be called whatever happened: the readers in between do not hand it on that nobody reads any more. */
  close(): void {
    this.#cancel();
    this.body.destroy();
  }

  /** @returns events up to the limit of the call */
  async *upToLimit<Event>(events: AsyncIterable<Event>): AsyncGenerator<Event, void, undefined> {
    const { maxEvents } = this.asked;
    for await (const event of events) {
      this.events++;
      yield event;
      if (maxEvents !== undefined && this.events >= maxEvents) {
        this.stoppedBy ??= "maxEvents";
        return;
      }
    }
  }

  #watch(): void {
    const { clock, waitedFor } = this.limits;
    const { maxSeconds } = this.asked;
    const longestMs = (maxSeconds ?? LONGEST_SECONDS) * 1000;
    this.#cancel = clock.schedule(longestMs, () => {
      if (maxSeconds !== undefined) this.stoppedBy ??= "maxSeconds";
      else {
        const detail = {
          waitedFor: `${waitedFor} (the end of its events)`,
          limitMs: longestMs,
          phase: "after-request",
        };
        this.#outOfTime = new AdapterError("TIMEOUT", detail, {
          recommendation:
            "Say in iapMetadata.events how many maxSeconds to listen: what came until then is the answer.",
        });
      }
      this.body.destroy();
    });
  }

  /** @throws AdapterError `RESPONSE_UNREADABLE` when all events together are too much for memory */
  async collect(events: AsyncIterable<unknown>): Promise<unknown[]> {
    const collected: unknown[] = [];
    for await (const event of events) {
      collected.push(event);
      if (this.bytes > MOST_BYTES) throw this.#tooMuch();
    }
    return collected;
  }

  #tooMuch(): AdapterError {
    const detail = {
      service: this.limits.waitedFor,
      operation: "",
      status: 200,
      expected: `at most ${MOST_BYTES} bytes of events`,
      found: `${this.events} events of ${this.bytes} bytes, and more to come`,
    };
    return new AdapterError("RESPONSE_UNREADABLE", detail, {
      recommendation:
        "Set iapMetadata.saveTo to a file inside file_access.root, which takes an event a line; or set iapMetadata.events.maxEvents.",
    });
  }
}

/**
 * JSON, one event a line.
 * @param failed - makes an error of what the reading throws, so that nobody takes it for a fault of the file
 */
export async function* eventLines(
  events: AsyncIterable<unknown>,
  failed: (thrown: unknown) => AdapterError,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const event of events) yield Buffer.from(`${JSON.stringify(event)}\n`);
  } catch (thrown) {
    throw thrown instanceof AdapterError ? thrown : failed(thrown);
  }
}
