/** Owns the checksum algorithms of S3, by the names that S3 gives them. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { lazy } from "../../types/lazy";

/** A checksum that is worked out piece by piece. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

/** The two that Node has not built in; rarely asked for, so rarely loaded. */
const sdkChecksums = lazy(
  () => require("@aws-sdk/checksums/crc") as Record<"Crc32c" | "Crc64Nvme", new () => Checksum>,
);

const hashed = (algorithm: string) => (): Checksum => {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
};

const bySdk = (name: "Crc32c" | "Crc64Nvme") => (): Checksum => {
  const SdkChecksum = sdkChecksums()[name];
  return new SdkChecksum();
};

function crc32Checksum(): Checksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

const ALGORITHMS: Readonly<Record<string, () => Checksum>> = {
  CRC32: crc32Checksum,
  CRC32C: bySdk("Crc32c"),
  CRC64NVME: bySdk("Crc64Nvme"),
  SHA1: hashed("sha1"),
  SHA256: hashed("sha256"),
  SHA512: hashed("sha512"),
  MD5: hashed("md5"),
};

/** @returns undefined for an algorithm that is not known here */
export function openChecksum(algorithm: string): Checksum | undefined {
  return Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm]?.() : undefined;
}

/** @returns base64, as in `x-amz-checksum-…`; undefined for an algorithm that is not known here */
export async function checksumOf(algorithm: string, body: string | Uint8Array): Promise<string | undefined> {
  const checksum = openChecksum(algorithm);
  if (checksum === undefined) return undefined;
  checksum.update(typeof body === "string" ? Buffer.from(body) : body);
  return Buffer.from(await checksum.digest()).toString("base64");
}
