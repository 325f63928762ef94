/** Owns the forms in which a workflow may give bytes. */
import { Readable } from "node:stream";
import { heedStream } from "../types/waiting-streams";
import type { FileAccess } from "./file-access";
import { UNREADABLE } from "./read-scalar";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** What belongs there, for the error. */
export const BLOB_FORMS = 'bytes as text (UTF-8), {"base64": "…"}, {"file": "path"} or a Buffer';

/**
 * @param kind - a streamed body may also be a Readable, as itself or as `{ stream }`
 * @param parameter - where the value stands, worked out only when a file is named
 * @returns bytes or a Readable; UNREADABLE for anything else
 * @throws AdapterError `FILE_REFUSED`
 */
export function readBlob(value: unknown, kind: "blob" | "stream", files: FileAccess, parameter: () => string): unknown {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Readable) return kind === "stream" ? heeded(value) : UNREADABLE;
  if (typeof value !== "object" || value === null) return UNREADABLE;
  const [form, ...more] = Object.keys(value);
  const content = (value as Record<string, unknown>)[form as string];
  // A Buffer that went through JSON on its way through the workflow.
  if (form === "type" && content === "Buffer" && "data" in value) return bytesOf(value.data);
  if (more.length > 0) return UNREADABLE;
  if (form === "base64" && typeof content === "string") {
    const text = content.replace(/\s+/g, "");
    return BASE64.test(text) ? Buffer.from(text, "base64") : UNREADABLE;
  }
  if (form === "file" && typeof content === "string") {
    const place = `${parameter()}.file`;
    return kind === "stream" ? files.openForReading(content, place) : files.read(content, place);
  }
  if (form === "stream" && kind === "stream" && content instanceof Readable) return heeded(content);
  return UNREADABLE;
}

/** It waits for credentials, a rate, a connection: whatever happens to it meanwhile is the answer to its call alone. */
function heeded(stream: Readable): Readable {
  heedStream(stream);
  return stream;
}

function bytesOf(data: unknown): unknown {
  const isBytes = Array.isArray(data) && data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);
  return isBytes ? Buffer.from(data as number[]) : UNREADABLE;
}
