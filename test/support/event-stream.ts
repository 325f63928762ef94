/** Owns a writer of event streams that is not the product's, for answers in tests. */
import { crc32 } from "node:zlib";

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

function header(name: string, value: string): Buffer {
  const text = Buffer.from(value);
  const length = Buffer.from([7, text.length >> 8, text.length & 0xff]);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, text]);
}

/** One event. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html */
export function event(type: string, payload: string, contentType = "text/xml"): Buffer {
  const headers = Buffer.concat([
    header(":message-type", "event"),
    header(":event-type", type),
    header(":content-type", contentType),
  ]);
  const body = Buffer.from(payload);
  const prelude = Buffer.concat([uint32(16 + headers.length + body.length), uint32(headers.length)]);
  const message = Buffer.concat([prelude, uint32(crc32(prelude)), headers, body]);
  return Buffer.concat([message, uint32(crc32(message))]);
}
