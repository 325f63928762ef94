/** Owns the reading of S3 requests: which bucket, which key to the byte, which action. */
import { decodeBytes, utf8Text } from "../percent-encoding";
import { Refusal, ServiceFault } from "../service-fault";
import { queryPairs, type WireRequest } from "../wire-request";

export interface S3Input {
  readonly request: WireRequest;
  readonly payload: Buffer;
  /** Empty where the action has none. */
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
}

const virtualHost = /^(.+?)\.(?:s3[.-](?:[\w-]+\.)*amazonaws\.com(?:\.cn)?|(?:s3\.)?localhost)(?::\d+)?$/i;

function address(request: WireRequest): { readonly bucket: string; readonly key: string } {
  const fromHost = virtualHost.exec(request.headers.get("host") ?? "")?.[1];
  const path = request.rawPath.slice(1);
  const slash = path.indexOf("/");
  const rawBucket = fromHost ?? (slash < 0 ? path : path.slice(0, slash));
  const rawKey = fromHost === undefined ? (slash < 0 ? "" : path.slice(slash + 1)) : path;
  const key = utf8Text(decodeBytes(rawKey));
  const bucket = utf8Text(decodeBytes(rawBucket));
  if (key === undefined || bucket === undefined)
    throw new ServiceFault("InvalidURI", "Couldn't parse the specified URI.", 400);
  if (Buffer.byteLength(key) > 1024) {
    throw new ServiceFault("KeyTooLongError", "Your key is too long", 400, {
      Size: Buffer.byteLength(key),
      MaxSizeAllowed: 1024,
    });
  }
  return { bucket, key };
}

function actionName({ request, bucket, key, query }: S3Input): string {
  const { method } = request;
  if (bucket === "") return method === "GET" ? "ListBuckets" : "";
  if (key === "") {
    if (method === "GET" && query.get("list-type") === "2") return "ListObjectsV2";
    if (method === "GET" && query.has("location")) return "GetBucketLocation";
    if (method === "POST" && query.has("delete")) return "DeleteObjects";
    if (method === "GET" && [...query.keys()].every((name) => listParameters.has(name))) return "ListObjects";
    return query.size === 0 || query.has("x-id") ? (bucketActions[method] ?? "") : "";
  }
  if (query.has("uploadId")) return uploadActions[method] ?? "";
  if (method === "POST" && query.has("uploads")) return "CreateMultipartUpload";
  if (method === "POST" && query.has("select")) return "SelectObjectContent";
  if (method === "PUT" && request.headers.has("x-amz-copy-source")) return "CopyObject";
  return objectActions[method] ?? "";
}

const listParameters: ReadonlySet<string> = new Set(["prefix", "delimiter", "marker", "max-keys", "encoding-type"]);
const bucketActions: Readonly<Record<string, string>> = {
  PUT: "CreateBucket",
  DELETE: "DeleteBucket",
  HEAD: "HeadBucket",
};
const objectActions: Readonly<Record<string, string>> = {
  GET: "GetObject",
  HEAD: "HeadObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};
const uploadActions: Readonly<Record<string, string>> = {
  PUT: "UploadPart",
  POST: "CompleteMultipartUpload",
  DELETE: "AbortMultipartUpload",
  GET: "ListParts",
};

/** @throws Refusal `unknown-action`, ServiceFault `InvalidURI` or `KeyTooLongError` */
export function readS3Request(
  request: WireRequest,
  payload: Buffer,
): { readonly action: string; readonly input: S3Input } {
  const query = new Map(queryPairs(request.rawQuery).map(([key, value]) => [key, utf8Text(value) ?? value] as const));
  const input: S3Input = { request, payload, query, ...address(request) };
  const action = actionName(input);
  if (action === "") throw new Refusal("unknown-action");
  return { action, input };
}

/** The text between the tags of every `<name>` element, entities resolved. */
export function elementTexts(markup: string, name: string): readonly string[] {
  const found = markup.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"));
  return [...found].map((match) =>
    (match[1] as string)
      .replace(/&#x([0-9a-fA-F]+);/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&apos;", "'")
      .replaceAll("&amp;", "&"),
  );
}
