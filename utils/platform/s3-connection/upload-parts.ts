/** Owns the cutting of a body into parts of an upload, without holding more of a stream than one part. */
import { Readable } from "node:stream";

/** @returns parts of `partBytes`, the last one shorter; one empty part for an empty body */
export async function* uploadParts(body: Uint8Array | Readable, partBytes: number): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable)) {
    for (let from = 0; from === 0 || from < body.length; from += partBytes) yield body.subarray(from, from + partBytes);
    return;
  }
  let held: Buffer[] = [];
  let bytes = 0;
  let yielded = 0;
  for await (const chunk of body) {
    let rest: Buffer = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
    while (bytes + rest.length >= partBytes) {
      const taken = partBytes - bytes;
      yield Buffer.concat([...held, rest.subarray(0, taken)]);
      yielded += 1;
      held = [];
      bytes = 0;
      rest = rest.subarray(taken);
    }
    if (rest.length > 0) {
      held.push(rest);
      bytes += rest.length;
    }
  }
  if (bytes > 0 || yielded === 0) yield Buffer.concat(held);
}
