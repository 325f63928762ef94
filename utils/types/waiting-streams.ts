/** Owns what is done about streams that wait to be sent: one that breaks while nobody listens would end the process. */
import { Readable } from "node:stream";

/** Who sends it looks whether it is broken. */
const nothing = (): void => undefined;

/** @param stream - given to us, to be sent some time later */
export function heedStream(stream: Readable): void {
  if (!stream.listeners("error").includes(nothing)) stream.on("error", nothing);
}

/** @param params - of a call, as given; a stream is one of its members, as itself or as `{ stream }` */
export function heedStreams(params: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(params)) {
    if (value instanceof Readable) heedStream(value);
    else if (typeof value === "object" && value !== null && "stream" in value && value.stream instanceof Readable)
      heedStream(value.stream);
  }
}
