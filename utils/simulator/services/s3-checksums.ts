/** Owns the checksums that S3 verifies when they are sent. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { trailerHeaders } from "../aws-chunked";
import { ServiceFault } from "../service-fault";
import type { WireRequest } from "../wire-request";

function crc32cTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value >>> 0;
  });
}

function crc32c(data: Buffer): Buffer {
  const table = crc32cTable();
  let value = 0xffffffff;
  for (const byte of data) value = ((table[(value ^ byte) & 0xff] as number) ^ (value >>> 8)) >>> 0;
  const out = Buffer.alloc(4);
  out.writeUInt32BE((value ^ 0xffffffff) >>> 0);
  return out;
}

function crc64nvme(data: Buffer): Buffer {
  const table = BigUint64Array.from({ length: 256 }, (_, index) => {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
    return value;
  });
  let value = 0xffffffffffffffffn;
  for (const byte of data) value = (table[Number((value ^ BigInt(byte)) & 0xffn)] as bigint) ^ (value >> 8n);
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value ^ 0xffffffffffffffffn);
  return out;
}

const digest =
  (name: string) =>
  (data: Buffer): Buffer =>
    createHash(name).update(data).digest();

/** Header suffix to algorithm. */
const algorithms: Readonly<Record<string, (data: Buffer) => Buffer>> = {
  crc32(data) {
    const out = Buffer.alloc(4);
    out.writeUInt32BE(crc32(data) >>> 0);
    return out;
  },
  crc32c,
  crc64nvme,
  sha1: digest("sha1"),
  sha256: digest("sha256"),
};

const prefix = "x-amz-checksum-";

/**
 * Checks Content-MD5 and every `x-amz-checksum-*` header or trailer of a request against its payload.
 * @returns the checksum headers to remember with the object
 * @throws ServiceFault `BadDigest` or `InvalidDigest`
 */
export function verifyChecksums(request: WireRequest, payload: Buffer): Readonly<Record<string, string>> {
  const md5 = request.headers.get("content-md5");
  if (md5 !== undefined) {
    if (Buffer.from(md5, "base64").length !== 16)
      throw new ServiceFault("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
    const actual = createHash("md5").update(payload).digest("base64");
    if (actual !== md5) {
      throw new ServiceFault("BadDigest", "The Content-MD5 you specified did not match what we received.", 400, {
        ExpectedDigest: md5,
        CalculatedDigest: actual,
      });
    }
  }
  const verified: Record<string, string> = {};
  for (const [name, value] of [...request.headers, ...trailerHeaders(request)]) {
    const algorithm = name.startsWith(prefix) ? algorithms[name.slice(prefix.length)] : undefined;
    if (algorithm === undefined) continue;
    if (algorithm(payload).toString("base64") !== value) {
      const label = name.slice(prefix.length).toUpperCase();
      throw new ServiceFault("BadDigest", `The ${label} you specified did not match the calculated checksum.`, 400);
    }
    verified[name] = value;
  }
  return verified;
}
