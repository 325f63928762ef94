/** Owns the writing of an object: in one request, or in parts when it is larger than a part. */
import { Readable } from "node:stream";
import { AdapterError } from "../../errors/adapter-error";
import type { CallResult } from "../../types/call";
import type { S3Session } from "./s3-session";
import { uploadParts } from "./upload-parts";

type Params = Record<string, unknown>;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PART_BYTES = 5 * 1024 * 1024 * 1024;
const MAX_PARTS = 10_000;
const DEFAULT_PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at once: as many are held in memory. */
const PARTS_AT_ONCE = 4;

/** What every request of an upload repeats. */
const OF_EVERY_REQUEST = [
  ...["Bucket", "Key", "RequestPayer", "ExpectedBucketOwner"],
  ...["SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"],
];
/** Decided when the object comes into being. */
const OF_COMPLETION = ["IfMatch", "IfNoneMatch"];
/** Speak of the body as one. */
const OF_WHOLE_BODY = /^(ContentMD5|Checksum(?!Algorithm$).*|WriteOffsetBytes)$/;

interface Part {
  readonly PartNumber: number;
  readonly ETag: unknown;
  readonly ChecksumCRC32?: unknown;
}

/**
 * @param params - input of PutObject, and `PartSize` in bytes
 * @returns the answer of PutObject, or that of CompleteMultipartUpload with the number of `Parts`
 * @throws AdapterError of the request that failed; an upload that was begun is aborted
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function upsert(session: S3Session, { Body: given, PartSize, ...params }: Params): Promise<CallResult> {
  const body = session.openBody(given ?? "");
  const partBytes = Math.max(partSize(PartSize), body instanceof Readable ? 0 : Math.ceil(body.length / MAX_PARTS));
  const parts = uploadParts(body, partBytes);
  try {
    const first = (await parts.next()).value as Uint8Array;
    const second = first.length < partBytes ? undefined : (await parts.next()).value;
    if (second === undefined) return await session.send("PutObject", { ...params, Body: first });
    return await inParts(session, params, prepend([first, second as Uint8Array], parts));
  } finally {
    if (body instanceof Readable) body.destroy();
  }
}

function partSize(given: unknown): number {
  if (given === undefined || given === null || given === "") return DEFAULT_PART_BYTES;
  const bytes = Number(given);
  if (Number.isInteger(bytes) && bytes >= MIN_PART_BYTES && bytes <= MAX_PART_BYTES) return bytes;
  throw new AdapterError("INVALID_INPUT", {
    parameter: "params.PartSize",
    found: typeof given === "object" ? "an object" : String(given),
    expected: `a number of bytes from ${MIN_PART_BYTES} to ${MAX_PART_BYTES}`,
    documentation: "an object that is larger than PartSize is uploaded in parts of that size.",
  });
}

async function inParts(session: S3Session, params: Params, parts: AsyncIterable<Uint8Array>): Promise<CallResult> {
  const refused = Object.keys(params).find((name) => OF_WHOLE_BODY.test(name));
  if (refused !== undefined) {
    throw new AdapterError("INVALID_INPUT", {
      parameter: `params.${refused}`,
      found: "a checksum of the whole body",
      expected: "none, as the object is larger than PartSize",
      documentation: "each part is sent with a checksum of its own; raise PartSize to send one of the whole.",
    });
  }
  const { ContentLength: _, ...rest } = params;
  // Each part carries a checksum of its own, which S3 wants announced.
  const creation = { ChecksumAlgorithm: "CRC32", ...without(rest, OF_COMPLETION) };
  const created = await session.send("CreateMultipartUpload", creation);
  const { UploadId } = created.output as { UploadId: string };
  const upload = { ...only(params, OF_EVERY_REQUEST), UploadId };
  try {
    const sent = await sendParts(session, upload, String(creation.ChecksumAlgorithm), parts);
    const MultipartUpload = { Parts: sent };
    const completed = await session.send(
      "CompleteMultipartUpload",
      { ...upload, ...only(params, OF_COMPLETION), MultipartUpload },
      "route",
    );
    return { ...completed, output: { ...(completed.output as object), Parts: sent.length } };
  } catch (thrown) {
    await abort(session, only(upload, ["Bucket", "Key", "UploadId", "RequestPayer", "ExpectedBucketOwner"]));
    throw thrown;
  }
}

async function sendParts(
  session: S3Session,
  upload: Params,
  ChecksumAlgorithm: string,
  parts: AsyncIterable<Uint8Array>,
): Promise<Part[]> {
  const sent: Part[] = [];
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let PartNumber = 0;
  const send = async (number: number, Body: Uint8Array): Promise<void> => {
    const { output } = await session.send(
      "UploadPart",
      { ...upload, PartNumber: number, Body, ChecksumAlgorithm },
      "route",
    );
    const { ETag, ...others } = output as Params;
    const checksums = Object.entries(others).filter(([name]) => /^Checksum(?!Type$)/.test(name));
    sent.push({ PartNumber: number, ETag, ...Object.fromEntries(checksums) });
  };
  try {
    for await (const part of parts) {
      PartNumber += 1;
      if (PartNumber > MAX_PARTS) throw tooManyParts();
      const sending: Promise<void> = send(PartNumber, part)
        .catch((failure: unknown) => void failures.push(failure))
        .finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size >= PARTS_AT_ONCE) await Promise.race(underWay);
      if (failures.length > 0) break;
    }
  } finally {
    // An upload must not be aborted under parts that are still on their way: they would stay, and cost.
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
  return sent.sort((one, other) => one.PartNumber - other.PartNumber);
}

/** What went wrong before is what the caller hears; parts that stay behind are for the bucket's lifecycle rule. */
async function abort(session: S3Session, upload: Params): Promise<void> {
  try {
    await session.send("AbortMultipartUpload", upload, "route");
  } catch {
    // See above.
  }
}

function tooManyParts(): AdapterError {
  return new AdapterError("INVALID_INPUT", {
    parameter: "params.Body",
    found: `a stream of more than ${MAX_PARTS} parts`,
    expected: `at most ${MAX_PARTS}`,
    documentation: "raise params.PartSize.",
  });
}

async function* prepend(first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}

const only = (params: Params, names: readonly string[]): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)));

const without = (params: Params, names: readonly string[]): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
