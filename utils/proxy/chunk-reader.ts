/**
 * Owns the taking apart of S3's `aws-chunked` bodies: frames in, payload out, trailers at the end.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { Transform, type TransformCallback } from "node:stream";
import { ProxyRefusal } from "./proxy-refusal";

/** 13 hex digits: no body is longer than a number can count. */
const FRAME = /^([0-9a-fA-F]{1,13})(?:;chunk-signature=[0-9a-f*]{64,160})?$/;
const LONGEST_LINE = 4096;
const MOST_TRAILERS = 16;
const TRAILER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?[ \t]*$/;
const SIGNATURE = "x-amz-trailer-signature";
const CR = 13;
const LF = 10;

const broken = (what: string): ProxyRefusal =>
  new ProxyRefusal("incomplete-body", `The aws-chunked body is broken: ${what}.`);

/** The client's own signatures of frames and trailer are dropped: they are of its dummy key. */
export class ChunkReader extends Transform {
  /** Names in lower case; complete when the stream has ended. */
  readonly trailers: (readonly [name: string, value: string])[] = [];
  readonly #declaredLength: number;
  readonly #declaredTrailers: ReadonlySet<string>;
  #state: "frame" | "data" | "data-end" | "trailer" | "done" = "frame";
  /** Of the line that is being read. */
  #line = "";
  /** Bytes of the frame, or of its line end, that are still to come. */
  #left = 0;
  #read = 0;

  /**
   * @param declaredLength - `x-amz-decoded-content-length`
   * @param declaredTrailers - names of `x-amz-trailer`, in lower case
   */
  constructor(declaredLength: number, declaredTrailers: readonly string[]) {
    super();
    this.#declaredLength = declaredLength;
    this.#declaredTrailers = new Set(declaredTrailers);
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#take(bytes);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    // The empty line at the very end is left out by some clients, the last frame by none.
    const ended = this.#state === "done" || (this.#state === "trailer" && this.#line === "");
    if (!ended) done(broken("it ends before its last frame"));
    else if (this.trailers.length !== this.#declaredTrailers.size) done(broken("a trailer is missing"));
    else done();
  }

  #take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case "data": {
          const part = bytes.subarray(at, at + this.#left);
          this.push(part);
          at += part.length;
          this.#left -= part.length;
          if (this.#left === 0) {
            this.#state = "data-end";
            this.#left = 2;
          }
          break;
        }
        case "data-end":
          if (bytes[at] !== (this.#left === 2 ? CR : LF)) throw broken("a frame is longer than it says");
          at += 1;
          this.#left -= 1;
          if (this.#left === 0) this.#state = "frame";
          break;
        case "done":
          throw broken("something follows its end");
        default:
          at = this.#takeLine(bytes, at);
      }
    }
  }

  #takeLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    this.#line += bytes.toString("latin1", from, end === -1 ? bytes.length : end);
    if (this.#line.length > LONGEST_LINE) throw broken("a line of it is too long");
    if (end === -1) return bytes.length;
    if (!this.#line.endsWith("\r")) throw broken("a line of it does not end as it should");
    const line = this.#line.slice(0, -1);
    this.#line = "";
    if (this.#state === "frame") this.#startFrame(line);
    else this.#takeTrailer(line);
    return end + 1;
  }

  #startFrame(line: string): void {
    const size = Number.parseInt(FRAME.exec(line)?.[1] ?? "", 16);
    if (Number.isNaN(size)) throw broken("a frame does not say how long it is");
    this.#read += size;
    if (this.#read > this.#declaredLength) throw broken("it is longer than x-amz-decoded-content-length");
    if (size === 0) {
      if (this.#read !== this.#declaredLength) throw broken("it is shorter than x-amz-decoded-content-length");
      this.#state = "trailer";
    } else {
      this.#state = "data";
      this.#left = size;
    }
  }

  #takeTrailer(line: string): void {
    if (line === "") {
      this.#state = "done";
      return;
    }
    const [, name = "", value = ""] = TRAILER.exec(line) ?? [];
    const lower = name.toLowerCase();
    if (lower === SIGNATURE) return;
    if (!this.#declaredTrailers.has(lower) || this.trailers.some(([earlier]) => earlier === lower)) {
      throw broken("it has a trailer that x-amz-trailer does not name, or has it twice");
    }
    if (this.trailers.length >= MOST_TRAILERS) throw broken("it has too many trailers");
    this.trailers.push([lower, value]);
  }
}
