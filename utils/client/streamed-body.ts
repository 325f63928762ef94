/** Owns what becomes of a body that is streamed: text in the output, or a file inside `file_access.root`. */
import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { FileAccess } from "./file-access";

/** More does not fit into a text of JavaScript once it is base64. */
const LARGEST_TEXT_BYTES = 256 * 1024 * 1024;

export interface StreamLimits {
  readonly clock: Clock;
  /** The longest wait for the next piece, in milliseconds. */
  readonly idleMs: number;
  /** Who sends, for the error. */
  readonly waitedFor: string;
}

/** UTF-8 where the bytes are that, else base64. */
export function bodyText(body: Uint8Array): { readonly text: string; readonly encoding: "utf8" | "base64" } {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return isUtf8(buffer)
    ? { text: buffer.toString("utf8"), encoding: "utf8" }
    : { text: buffer.toString("base64"), encoding: "base64" };
}

/**
 * Reads a body to its end.
 * @throws AdapterError `TIMEOUT` when nothing comes for `idleMs`, `CONNECTION_FAILED` when it breaks off,
 * `RESPONSE_UNREADABLE` when it is too large for text
 */
export async function readToEnd(body: Readable, limits: StreamLimits): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of partsOf(body, limits)) {
    bytes += part.length;
    if (bytes > LARGEST_TEXT_BYTES) throw tooLarge(limits);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * Writes what comes in pieces into a file, which is there only once it is complete and `onEnd` found it good.
 * @param parts - see {@link partsOf}; left early, they must let go of what they are read from
 * @param onPart - sees every piece
 * @returns the file's resolved path and its size
 * @throws AdapterError `FILE_REFUSED`, and whatever the pieces throw
 */
export async function saveToFile(
  parts: AsyncIterable<Buffer>,
  path: string,
  files: FileAccess,
  onPart: (part: Buffer) => void,
  onEnd: () => Promise<void>,
): Promise<{ readonly file: string; readonly bytes: number }> {
  const { file, stream, commit, discard } = files.openForWriting(path, "iapMetadata.saveTo");
  let bytes = 0;
  try {
    const failed = new Promise<never>((_, reject) => stream.once("error", reject));
    failed.catch(() => {});
    for await (const part of parts) {
      bytes += part.length;
      onPart(part);
      if (!stream.write(part))
        await Promise.race([new Promise<void>((resolve) => stream.once("drain", resolve)), failed]);
    }
    await Promise.race([new Promise<void>((resolve) => stream.end(resolve)), failed]);
    await onEnd();
    commit();
  } catch (cause) {
    stream.destroy();
    discard();
    if (cause instanceof AdapterError) throw cause;
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "it cannot be written";
    throw new AdapterError(
      "FILE_REFUSED",
      { parameter: "iapMetadata.saveTo", found: JSON.stringify(path), reason },
      { cause },
    );
  }
  return { file, bytes };
}

/**
 * The pieces of a body, as they are asked for.
 * @throws AdapterError `TIMEOUT` when nothing comes for `idleMs`, `CONNECTION_FAILED` when it breaks off
 */
export async function* partsOf(body: Readable, limits: StreamLimits): AsyncGenerator<Buffer, void, undefined> {
  const { clock, idleMs, waitedFor } = limits;
  const timedOut = new AdapterError("TIMEOUT", {
    waitedFor: `${waitedFor} (the next piece of the body)`,
    limitMs: idleMs,
    phase: "after-request",
  });
  const watch = (): (() => void) => clock.schedule(idleMs, () => body.destroy(timedOut));
  let cancel = watch();
  try {
    for await (const part of body) {
      // Whoever takes their time with a piece is not the sender.
      cancel();
      yield part as Buffer;
      cancel = watch();
    }
  } catch (cause) {
    if (cause instanceof AdapterError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no reason given";
    const detail = { host: waitedFor, reason: `the body broke off (${code})`, phase: "after-request" };
    throw new AdapterError("CONNECTION_FAILED", detail, { cause });
  } finally {
    cancel();
    body.destroy();
  }
}

const tooLarge = ({ waitedFor }: StreamLimits): AdapterError =>
  new AdapterError(
    "RESPONSE_UNREADABLE",
    {
      service: waitedFor,
      operation: "",
      status: 200,
      expected: `at most ${LARGEST_TEXT_BYTES} bytes`,
      found: "a larger one",
    },
    {
      recommendation:
        "Set iapMetadata.saveTo to a file inside file_access.root; a body this large does not fit into text.",
    },
  );
