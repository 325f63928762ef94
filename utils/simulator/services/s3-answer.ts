/** Owns what S3's answers have in common, and which headers of an upload are kept with the object. */
import { type Answer, hostId, s3Namespace } from "../answer";
import type { Action, SignedCallContext } from "../service";
import { type XmlValue, xmlDocument } from "../xml";
import type { S3Input } from "./s3-request";

export type S3Action = Action<S3Input>;

/** What a bucket action acts on. */
export const bucketArn = ({ bucket }: S3Input): readonly string[] => [`arn:aws:s3:::${bucket}`];
/** What an object action acts on. */
export const objectArn = ({ bucket, key }: S3Input): readonly string[] => [`arn:aws:s3:::${bucket}/${key}`];

/** An answer with S3's two request ids. */
export function s3Answer(
  context: SignedCallContext,
  status: number,
  body: string | Buffer = "",
  headers: Record<string, string> = {},
): Answer {
  const ids = { "x-amz-request-id": context.requestId, "x-amz-id-2": hostId(context.requestId) };
  return { status, headers: { ...ids, ...headers }, body };
}

/** An XML answer in S3's namespace. */
export const s3Xml = (
  context: SignedCallContext,
  root: string,
  content: XmlValue,
  headers: Record<string, string> = {},
): Answer =>
  s3Answer(context, 200, xmlDocument(root, s3Namespace, content), { "content-type": "application/xml", ...headers });

const keptHeaders = [
  "content-type",
  "content-encoding",
  "content-language",
  "content-disposition",
  "cache-control",
  "expires",
];

/** The headers of an upload that come back with the object. */
export function objectHeaders({ request }: S3Input): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const [name, value] of request.headers) {
    if (keptHeaders.includes(name) || name.startsWith("x-amz-meta-")) headers[name] = value;
  }
  const encoding = headers["content-encoding"]?.replace(/(^|,)\s*aws-chunked\s*/g, "").replace(/^,/, "");
  if (encoding === "") delete headers["content-encoding"];
  else if (encoding !== undefined) headers["content-encoding"] = encoding;
  return headers;
}
