/** Owns the simulated buckets and what is in them. */
import { createHash } from "node:crypto";
import { ServiceFault } from "../service-fault";
import type { World } from "../world";

export interface StoredObject {
  readonly body: Buffer;
  /** With its quotation marks. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  /** Headers that come back with the object: content-type, x-amz-meta-*, checksums. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredBucket {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdMs: number;
  readonly objects: Map<string, StoredObject>;
}

/** @returns the ETag of one upload: the MD5 in quotation marks */
export const etagOf = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

const utf8Order = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

export class S3Store {
  readonly #buckets = new Map<string, StoredBucket>();

  constructor(world: World, nowMs: number) {
    for (const bucket of world.buckets) {
      const objects = Object.entries(bucket.objects).map(([key, text]): [string, StoredObject] => {
        const body = Buffer.from(text);
        return [key, { body, etag: etagOf(body), lastModifiedMs: nowMs, headers: { "content-type": "text/plain" } }];
      });
      this.#buckets.set(bucket.name, { ...bucket, createdMs: nowMs, objects: new Map(objects) });
    }
  }

  /** @throws ServiceFault `NoSuchBucket`, or `AuthorizationHeaderMalformed` when signed for another region than the bucket's */
  bucket(name: string, signedRegion: string): StoredBucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined)
      throw new ServiceFault("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: name });
    if (bucket.region !== signedRegion) {
      const text = `The authorization header is malformed; the region '${signedRegion}' is wrong; expecting '${bucket.region}'`;
      const headers = { "x-amz-bucket-region": bucket.region };
      throw new ServiceFault("AuthorizationHeaderMalformed", text, 400, { Region: bucket.region }, headers);
    }
    return bucket;
  }

  /** @throws ServiceFault `NoSuchBucket`, `NoSuchKey` */
  object(bucketName: string, key: string, signedRegion: string): StoredObject {
    const object = this.bucket(bucketName, signedRegion).objects.get(key);
    if (object === undefined)
      throw new ServiceFault("NoSuchKey", "The specified key does not exist.", 404, { Key: key });
    return object;
  }

  buckets(accountId: string): readonly StoredBucket[] {
    return [...this.#buckets.values()]
      .filter((bucket) => bucket.accountId === accountId)
      .sort((left, right) => utf8Order(left.name, right.name));
  }

  /** @throws ServiceFault `InvalidBucketName`, `BucketAlreadyOwnedByYou`, `BucketAlreadyExists` */
  create(bucket: Omit<StoredBucket, "objects">): void {
    if (!/^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket.name)) {
      throw new ServiceFault("InvalidBucketName", "The specified bucket is not valid.", 400, {
        BucketName: bucket.name,
      });
    }
    const existing = this.#buckets.get(bucket.name);
    if (existing?.accountId === bucket.accountId) {
      throw new ServiceFault(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        409,
      );
    }
    if (existing !== undefined) {
      throw new ServiceFault("BucketAlreadyExists", "The requested bucket name is not available.", 409);
    }
    this.#buckets.set(bucket.name, { ...bucket, objects: new Map() });
  }

  /** @throws ServiceFault `BucketNotEmpty` */
  remove(bucket: StoredBucket): void {
    if (bucket.objects.size > 0)
      throw new ServiceFault("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
    this.#buckets.delete(bucket.name);
  }

  /** Keys of a bucket in the order of their UTF-8 bytes, which is how S3 lists. */
  keys(bucket: StoredBucket): readonly string[] {
    return [...bucket.objects.keys()].sort(utf8Order);
  }
}
