/** Owns the listing of a bucket: prefix, delimiter, pages. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
import { encodeBytes } from "../percent-encoding";
import { ServiceFault } from "../service-fault";
import type { XmlValue } from "../xml";
import type { S3Input } from "./s3-request";
import type { S3Store, StoredBucket } from "./s3-store";

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** The last key or prefix of the page, when more follow. */
  readonly next?: string;
}

const encodeKey = (key: string): string => Buffer.from(key).toString("latin1").split("/").map(encodeBytes).join("/");

function page(sorted: readonly string[], prefix: string, delimiter: string, after: string, limit: number): Page {
  const keys: string[] = [];
  const prefixes: string[] = [];
  const start = Buffer.from(after);
  let last = "";
  for (const key of sorted) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const group = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    const entry = group ?? key;
    if (after !== "" && Buffer.compare(Buffer.from(entry), start) <= 0) continue;
    if (group !== undefined && prefixes.at(-1) === group) continue;
    if (keys.length + prefixes.length >= limit) return { keys, prefixes, next: last };
    if (group === undefined) keys.push(key);
    else prefixes.push(group);
    last = entry;
  }
  return { keys, prefixes };
}

/** The content of a `ListBucketResult`, of version 1 or 2. */
export function listBucketResult(version: 1 | 2, input: S3Input, store: S3Store, bucket: StoredBucket): XmlValue {
  const { query } = input;
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get(version === 2 ? "continuation-token" : "marker");
  const maxKeys = Number(query.get("max-keys") ?? "1000");
  if (!Number.isInteger(maxKeys) || maxKeys < 0) {
    throw new ServiceFault("InvalidArgument", "Provided max-keys not an integer or within integer range", 400);
  }
  const after = token === undefined ? (query.get("start-after") ?? "") : version === 2 ? readToken(token) : token;
  const { keys, prefixes, next } = page(store.keys(bucket), prefix, delimiter, after, Math.min(maxKeys, 1000));
  const encoded = query.get("encoding-type") === "url";
  const shown = (key: string): string => (encoded ? encodeKey(key) : key);
  return {
    Name: bucket.name,
    Prefix: shown(prefix),
    ...(delimiter === "" ? {} : { Delimiter: shown(delimiter) }),
    ...(version === 2 && query.get("start-after") !== undefined
      ? { StartAfter: shown(query.get("start-after") as string) }
      : {}),
    MaxKeys: maxKeys,
    ...(encoded ? { EncodingType: "url" } : {}),
    ...(version === 2 ? { KeyCount: keys.length + prefixes.length } : { Marker: shown(token ?? "") }),
    IsTruncated: next !== undefined,
    ...(version === 2 && token !== undefined ? { ContinuationToken: token } : {}),
    ...(next === undefined
      ? {}
      : version === 2
        ? { NextContinuationToken: Buffer.from(next).toString("base64") }
        : { NextMarker: shown(next) }),
    Contents: keys.map((key) => {
      const object = bucket.objects.get(key);
      return {
        Key: shown(key),
        LastModified: new Date(object?.lastModifiedMs ?? 0).toISOString(),
        ETag: object?.etag,
        Size: object?.body.length,
        StorageClass: "STANDARD",
      };
    }),
    CommonPrefixes: prefixes.map((one) => ({ Prefix: shown(one) })),
  };
}

function readToken(token: string): string {
  const text = Buffer.from(token, "base64").toString("utf8");
  if (Buffer.from(text).toString("base64") !== token) {
    throw new ServiceFault("InvalidArgument", "The continuation token provided is incorrect", 400);
  }
  return text;
}
