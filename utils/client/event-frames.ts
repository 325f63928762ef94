/** Owns the cutting of a stream of bytes into the messages of AWS's event stream encoding, and the refusals among them. */
import { crc32 } from "node:zlib";
import type * as EventStreams from "@smithy/core/event-streams";
import { lazy } from "../types/lazy";

/** Total length, length of the headers, checksum of both. */
const PRELUDE_BYTES = 12;
const SMALLEST_BYTES = PRELUDE_BYTES + 4;
/** What AWS sends at most; a length beyond it is somebody else's text. */
const LARGEST_BYTES = 24 * 1024 * 1024;

const codec = lazy(() => {
  const { EventStreamCodec } = require("@smithy/core/event-streams") as typeof EventStreams;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return new EventStreamCodec(
    (bytes) => (typeof bytes === "string" ? bytes : decoder.decode(bytes)),
    (text) => encoder.encode(text),
  );
});

/** AWS's refusal in the middle of a stream that began well. */
export class EventRefusal extends Error {
  readonly $metadata = {};

  constructor(
    code: string,
    message: string,
    readonly body: Buffer,
  ) {
    super(message);
    this.name = code;
  }
}

/**
 * @param parts - as they come, cut anywhere
 * @returns one whole message at a time; nothing more than that is held
 * @throws EventRefusal for an exception or an error of AWS; SyntaxError for anything else that is no event
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export async function* eventFrames(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer[] = [];
  let bytes = 0;
  let wanted = PRELUDE_BYTES;
  for await (const part of parts) {
    held.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    bytes += part.length;
    // Joined only when a message is whole: a long one in small pieces would be copied again and again.
    while (bytes >= wanted) {
      const joined: Buffer = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
      wanted = frameLength(joined);
      if (bytes >= wanted) {
        yield checked(joined.subarray(0, wanted));
        bytes -= wanted;
        held = bytes === 0 ? [] : [joined.subarray(wanted)];
        wanted = PRELUDE_BYTES;
      } else {
        held = [joined];
      }
    }
  }
  if (bytes > 0) throw new SyntaxError("an event that is cut off");
}

function frameLength(start: Buffer): number {
  const length = start.readUInt32BE(0);
  const isPrelude =
    length >= SMALLEST_BYTES && length <= LARGEST_BYTES && crc32(start.subarray(0, 8)) === start.readUInt32BE(8);
  if (!isPrelude) throw new SyntaxError("no event");
  return length;
}

function checked(frame: Buffer): Buffer {
  let message: EventStreams.Message;
  try {
    message = codec().decode(frame);
  } catch {
    throw new SyntaxError("an event with a wrong checksum");
  }
  const header = (name: string): string => String(message.headers[name]?.value ?? "");
  const body = Buffer.from(message.body);
  switch (header(":message-type")) {
    case "event":
      return frame;
    case "exception":
      throw new EventRefusal(header(":exception-type"), messageIn(body.toString("utf8")), body);
    case "error":
      throw new EventRefusal(header(":error-code"), header(":error-message"), body);
    default:
      throw new SyntaxError("a message that is no event");
  }
}

function messageIn(text: string): string {
  try {
    const document = JSON.parse(text) as Record<string, unknown>;
    return String(document["message"] ?? document["Message"] ?? text);
  } catch {
    return /<Message>([^<]*)<\/Message>/i.exec(text)?.[1] ?? text;
  }
}
