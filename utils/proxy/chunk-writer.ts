/**
 * Owns the putting together of S3's `aws-chunked` bodies: payload in, frames out, signed one after another or not at all.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { createHash, type Hash, hash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import type { SigningKey } from "../signing/signing-key";
import { ProxyRefusal } from "./proxy-refusal";

/** What the signatures of the frames go on from. */
export interface ChunkSeed {
  readonly key: SigningKey;
  /** Of the request itself. */
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
}

type Trailers = readonly (readonly [name: string, value: string])[];

/** S3 wants 8 KiB at least; this is what is held of a body while it is signed. */
const FRAME_BYTES = 64 * 1024;
const SIGNATURE_BYTES = ";chunk-signature=".length + 64;
const TRAILER_SIGNATURE = "x-amz-trailer-signature";
const EMPTY_SHA256 = hash("sha256", "", "hex");
const LINE_END = Buffer.from("\r\n");

/** Base64 characters of the checksums that S3 takes as trailers: with these the length of a body is known beforehand. */
const CHECKSUM_CHARACTERS: Readonly<Record<string, number>> = {
  "x-amz-checksum-crc32": 8,
  "x-amz-checksum-crc32c": 8,
  "x-amz-checksum-crc64nvme": 12,
  "x-amz-checksum-sha1": 28,
  "x-amz-checksum-sha256": 44,
};

/**
 * @param decodedLength - bytes of the payload
 * @param trailers - names, in lower case
 * @returns bytes of the whole body; undefined when a trailer's length is not known
 */
export function encodedLength(
  decodedLength: number,
  trailers: readonly string[],
  form: "signed" | "unsigned",
): number | undefined {
  const overhead = form === "signed" ? SIGNATURE_BYTES : 0;
  const frame = (bytes: number): number => bytes.toString(16).length + overhead + 2 + bytes + 2;
  const rest = decodedLength % FRAME_BYTES;
  let total = ((decodedLength - rest) / FRAME_BYTES) * frame(FRAME_BYTES) + (rest === 0 ? 0 : frame(rest));
  total += 1 + overhead + 2 + 2;
  for (const name of trailers) {
    const characters = Object.hasOwn(CHECKSUM_CHARACTERS, name) ? CHECKSUM_CHARACTERS[name] : undefined;
    if (characters === undefined) return undefined;
    total += name.length + 1 + characters + 2;
  }
  return total + (form === "signed" && trailers.length > 0 ? TRAILER_SIGNATURE.length + 1 + 64 + 2 : 0);
}

export class ChunkWriter extends Transform {
  readonly #trailers: () => Trailers;
  readonly #seed: ChunkSeed | undefined;
  #previous: string;
  #hash: Hash | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;

  /**
   * @param trailers - asked when the payload has ended
   * @param seed - signs the frames; without it they are not signed
   */
  constructor(trailers: () => Trailers, seed?: ChunkSeed) {
    super();
    this.#trailers = trailers;
    this.#seed = seed;
    this.#previous = seed?.signature ?? "";
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = bytes;
    while (rest.length > 0) {
      const part = rest.subarray(0, FRAME_BYTES - this.#bytes);
      rest = rest.subarray(part.length);
      this.#parts.push(part);
      this.#bytes += part.length;
      if (this.#seed !== undefined) {
        this.#hash ??= createHash("sha256");
        this.#hash.update(part);
      }
      if (this.#bytes === FRAME_BYTES) this.#writeFrame();
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#bytes > 0) this.#writeFrame();
    this.push(`0${this.#frameSignature(EMPTY_SHA256)}\r\n`);
    const trailers = this.#trailers();
    const strange = trailers.find(([name, value]) => {
      const characters = CHECKSUM_CHARACTERS[name];
      return characters !== undefined && characters !== value.length;
    });
    if (strange !== undefined) {
      done(new ProxyRefusal("incomplete-body", `The trailer ${strange[0]} is no checksum of that kind.`));
      return;
    }
    for (const [name, value] of trailers) this.push(`${name}:${value}\r\n`);
    if (this.#seed !== undefined && trailers.length > 0) {
      const text = trailers.map(([name, value]) => `${name}:${value}\n`).join("");
      this.push(`${TRAILER_SIGNATURE}:${this.#sign(this.#seed, "TRAILER", hash("sha256", text, "hex"))}\r\n`);
    }
    this.push(LINE_END);
    done();
  }

  #writeFrame(): void {
    const digest = this.#hash?.digest("hex") ?? "";
    this.push(`${this.#bytes.toString(16)}${this.#frameSignature(digest)}\r\n`);
    for (const part of this.#parts) this.push(part);
    this.push(LINE_END);
    this.#hash = undefined;
    this.#parts = [];
    this.#bytes = 0;
  }

  #frameSignature(digest: string): string {
    if (this.#seed === undefined) return "";
    return `;chunk-signature=${this.#sign(this.#seed, "PAYLOAD", `${EMPTY_SHA256}\n${digest}`)}`;
  }

  #sign({ key, timestamp, scope }: ChunkSeed, kind: "PAYLOAD" | "TRAILER", rest: string): string {
    this.#previous = key.sign(`AWS4-HMAC-SHA256-${kind}\n${timestamp}\n${scope}\n${this.#previous}\n${rest}`);
    return this.#previous;
  }
}
