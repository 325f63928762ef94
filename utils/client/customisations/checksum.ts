/** Owns the checksum algorithms of S3, by the names that S3 gives them. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { lazy } from "../../types/lazy";

/** What an algorithm's class of the SDK offers. */
interface SdkChecksum {
  update(bytes: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

/** The two that Node has not built in; rarely asked for, so rarely loaded. */
const sdkChecksums = lazy(
  () => require("@aws-sdk/checksums/crc") as Record<"Crc32c" | "Crc64Nvme", new () => SdkChecksum>,
);

type Digest = (body: Uint8Array) => Uint8Array | Promise<Uint8Array>;

const hashed =
  (algorithm: string): Digest =>
  (body) =>
    createHash(algorithm).update(body).digest();

const byClass =
  (name: "Crc32c" | "Crc64Nvme"): Digest =>
  (body) => {
    const Checksum = sdkChecksums()[name];
    const checksum = new Checksum();
    checksum.update(body);
    return checksum.digest();
  };

const ALGORITHMS: Readonly<Record<string, Digest>> = {
  CRC32: (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes;
  },
  CRC32C: byClass("Crc32c"),
  CRC64NVME: byClass("Crc64Nvme"),
  SHA1: hashed("sha1"),
  SHA256: hashed("sha256"),
  SHA512: hashed("sha512"),
  MD5: hashed("md5"),
};

export const isChecksumKnown = (algorithm: string): boolean => Object.hasOwn(ALGORITHMS, algorithm);

/** @returns base64, as in `x-amz-checksum-…`; undefined for an algorithm that is not known here */
export async function checksumOf(algorithm: string, body: string | Uint8Array): Promise<string | undefined> {
  const digest = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  if (digest === undefined) return undefined;
  return Buffer.from(await digest(typeof body === "string" ? Buffer.from(body) : body)).toString("base64");
}
