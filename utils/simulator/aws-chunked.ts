/**
 * Owns S3's streaming payloads: the frames of `aws-chunked`, their signatures, and the trailer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { createHash, createHmac } from "node:crypto";
import { Refusal, ServiceFault } from "./service-fault";
import type { WireRequest } from "./wire-request";

/** What the signatures of the frames chain on. */
export interface StreamingPayload {
  readonly signingKey: Buffer;
  /** The signature of the request itself. */
  readonly seed: string;
  readonly scope: string;
  readonly timestamp: string;
}

interface Frames {
  readonly chunks: readonly { readonly data: Buffer; readonly signature: string | undefined }[];
  readonly trailer: readonly string[];
}

const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");
const incomplete = (): ServiceFault =>
  new ServiceFault("IncompleteBody", "The request body terminated unexpectedly", 400);

function readFrames(body: Buffer): Frames {
  const chunks: { data: Buffer; signature: string | undefined }[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = body.indexOf("\r\n", position);
    if (lineEnd < 0) throw incomplete();
    const line = /^([0-9a-fA-F]+)(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(
      body.toString("latin1", position, lineEnd),
    );
    if (line === null) throw incomplete();
    const size = Number.parseInt(line[1] as string, 16);
    const start = lineEnd + 2;
    if (start + size > body.length) throw incomplete();
    chunks.push({ data: body.subarray(start, start + size), signature: line[2] });
    position = start + size;
    if (size === 0) break;
    position += 2;
  }
  const trailer = body
    .toString("latin1", position)
    .split("\r\n")
    .filter((text) => text !== "");
  return { chunks, trailer };
}

function checkSignatures(frames: Frames, streaming: StreamingPayload): void {
  const sign = (kind: string, previous: string, rest: string): string =>
    createHmac("sha256", streaming.signingKey)
      .update(`${kind}\n${streaming.timestamp}\n${streaming.scope}\n${previous}\n${rest}`)
      .digest("hex");
  let previous = streaming.seed;
  for (const chunk of frames.chunks) {
    const expected = sign("AWS4-HMAC-SHA256-PAYLOAD", previous, `${sha256("")}\n${sha256(chunk.data)}`);
    if (chunk.signature !== expected) throw new Refusal("signature-mismatch");
    previous = expected;
  }
  const given = frames.trailer.find((line) => line.startsWith("x-amz-trailer-signature:"));
  if (given === undefined) return;
  const lines = frames.trailer.filter((line) => line !== given).map((line) => `${line.trim()}\n`);
  const expected = sign("AWS4-HMAC-SHA256-TRAILER", previous, sha256(lines.join("")));
  if (given.split(":")[1]?.trim() !== expected) throw new Refusal("signature-mismatch");
}

/**
 * @param declared - the value of `x-amz-content-sha256`
 * @returns the payload without frames
 * @throws ServiceFault `IncompleteBody`, Refusal `signature-mismatch`
 */
export function decodeStreamingPayload(request: WireRequest, declared: string, streaming: StreamingPayload): Buffer {
  const frames = readFrames(request.body);
  if (declared.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) checkSignatures(frames, streaming);
  const payload = Buffer.concat(frames.chunks.map((chunk) => chunk.data));
  const length = request.headers.get("x-amz-decoded-content-length");
  if (length !== undefined && Number(length) !== payload.length) throw incomplete();
  return payload;
}

/** The trailer's headers (checksums) of a streaming body, lower case; empty for any other body. */
export function trailerHeaders(request: WireRequest): ReadonlyMap<string, string> {
  if (!request.headers.get("x-amz-content-sha256")?.endsWith("-TRAILER")) return new Map();
  return new Map(
    readFrames(request.body).trailer.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
}
