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
  await eachPart(body, limits, (part) => {
    bytes += part.length;
    if (bytes > LARGEST_TEXT_BYTES) throw tooLarge(limits);
    parts.push(part);
  });
  return Buffer.concat(parts);
}

/**
 * Writes a body into a file, which is there only once it is complete and `onEnd` found it good.
 * @param onPart - sees every piece
 * @returns the file's resolved path and its size
 * @throws AdapterError as {@link readToEnd}, and `FILE_REFUSED`
 */
export async function saveToFile(
  body: Readable,
  path: string,
  files: FileAccess,
  limits: StreamLimits,
  onPart: (part: Buffer) => void,
  onEnd: () => Promise<void>,
): Promise<{ readonly file: string; readonly bytes: number }> {
  const { file, stream, commit, discard } = files.openForWriting(path, "iapMetadata.saveTo");
  let bytes = 0;
  try {
    const failed = new Promise<never>((_, reject) => stream.once("error", reject));
    failed.catch(() => {});
    await eachPart(body, limits, async (part) => {
      bytes += part.length;
      onPart(part);
      if (!stream.write(part))
        await Promise.race([new Promise<void>((resolve) => stream.once("drain", resolve)), failed]);
    });
    await Promise.race([new Promise<void>((resolve) => stream.end(resolve)), failed]);
    await onEnd();
    commit();
  } catch (cause) {
    stream.destroy();
    discard();
    body.destroy();
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

async function eachPart(
  body: Readable,
  limits: StreamLimits,
  use: (part: Buffer) => void | Promise<void>,
): Promise<void> {
  const { clock, idleMs, waitedFor } = limits;
  const timedOut = new AdapterError("TIMEOUT", {
    waitedFor: `${waitedFor} (the next piece of the body)`,
    limitMs: idleMs,
    phase: "after-request",
  });
  let cancel = (): void => {};
  const watch = (): void => {
    cancel();
    cancel = clock.schedule(idleMs, () => body.destroy(timedOut));
  };
  watch();
  try {
    for await (const part of body) {
      await use(part as Buffer);
      watch();
    }
  } catch (cause) {
    body.destroy();
    if (cause instanceof AdapterError || !isStreamFault(cause)) throw cause;
    const reason = `the body broke off (${cause.code})`;
    throw new AdapterError("CONNECTION_FAILED", { host: waitedFor, reason, phase: "after-request" }, { cause });
  } finally {
    cancel();
  }
}

/** The file's own faults (ENOSPC, EACCES) are told apart by the system call that they name. */
const isStreamFault = (cause: unknown): cause is Error & { readonly code?: string } =>
  cause instanceof Error && !("syscall" in cause && (cause.syscall === "write" || cause.syscall === "open"));

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
