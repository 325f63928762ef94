/** Owns the opening of bytes that are sent in pieces, whichever form they are given in. */
import { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { FileAccess } from "./file-access";
import { BLOB_FORMS, readBlob } from "./read-blob";

/**
 * @param value - as for a streamed member, see {@link BLOB_FORMS}
 * @param parameter - where it stands, for the error
 * @returns bytes, or a stream: of what is given as one, and of a file
 * @throws AdapterError `INVALID_INPUT`, `FILE_REFUSED`
 */
export function openBody(value: unknown, parameter: string, files: FileAccess): Uint8Array | Readable {
  const body = readBlob(value, "stream", files, () => parameter);
  if (body instanceof Uint8Array || body instanceof Readable) return body;
  throw new AdapterError("INVALID_INPUT", {
    parameter,
    found: value === null ? "null" : `a ${typeof value}`,
    expected: `${BLOB_FORMS} or a stream`,
    documentation: "files are read from file_access.root only.",
  });
}
