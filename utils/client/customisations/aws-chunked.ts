/** Owns the encoding that carries a checksum behind a body: pieces with their sizes, then a trailer. */
import { RepeatableStream } from "../repeatable-stream";
import type { Checksum } from "./checksum";

const PIECE_BYTES = 64 * 1024;
const LINE_END = Buffer.from("\r\n");

/** @returns the length of a body of `bytes` once it is encoded, known before the first byte is read */
export function encodedLength(bytes: number, trailerName: string, checksumBytes: number): number {
  const pieceLength = (size: number): number => size.toString(16).length + 2 + size + 2;
  const rest = bytes % PIECE_BYTES;
  const pieces = Math.floor(bytes / PIECE_BYTES) * pieceLength(PIECE_BYTES) + (rest === 0 ? 0 : pieceLength(rest));
  const base64 = Math.ceil(checksumBytes / 3) * 4;
  return pieces + "0\r\n".length + trailerName.length + ":".length + base64 + "\r\n\r\n".length;
}

/**
 * @param body - length known
 * @param trailerName - header that carries the checksum
 * @param open - starts a checksum, once for every reading of the body
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function awsChunked(
  body: RepeatableStream,
  trailerName: string,
  checksumBytes: number,
  open: () => Checksum,
): RepeatableStream {
  return new RepeatableStream(encodedLength(body.bytes, trailerName, checksumBytes), async function* () {
    const checksum = open();
    for await (const piece of pieces(body.parts())) {
      checksum.update(piece);
      yield Buffer.from(`${piece.length.toString(16)}\r\n`);
      yield piece;
      yield LINE_END;
    }
    const digest = Buffer.from(await checksum.digest()).toString("base64");
    yield Buffer.from(`0\r\n${trailerName}:${digest}\r\n\r\n`);
  });
}

/** The same bytes in pieces of one size, the last one excepted. */
async function* pieces(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const part of parts) {
    held.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    size += part.byteLength;
    if (size < PIECE_BYTES) continue;
    const all = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held, size);
    let at = 0;
    for (; at + PIECE_BYTES <= size; at += PIECE_BYTES) yield all.subarray(at, at + PIECE_BYTES);
    held = at === size ? [] : [all.subarray(at)];
    size -= at;
  }
  if (size > 0) yield Buffer.concat(held, size);
}
