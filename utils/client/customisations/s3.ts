/** Owns what S3 has to itself besides checksums: bucket names, customer keys, locations, errors under status 200. */
import { createHash } from "node:crypto";
import { AdapterError } from "../../errors/adapter-error";
import type { CustomisationFactory, NativeInput } from "./customisation";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const DNS_BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const LOOKS_LIKE_IP = /(?:\d+\.){3}\d+/;
/** Operations that keep the connection open with status 200 and say how it went at the end. */
const LONG_RUNNING = new Set(["CopyObject", "UploadPartCopy", "CompleteMultipartUpload"]);

/** A name that cannot be part of a host name goes into the path. */
export const bucketName: CustomisationFactory = () => ({
  input: (input) => {
    const bucket = input["Bucket"];
    if (typeof bucket === "string" && bucket.includes("/") && !bucket.startsWith("arn:")) {
      const detail = {
        parameter: "params.Bucket",
        found: JSON.stringify(bucket),
        expected: "a bucket name, without /",
      };
      throw new AdapterError("INVALID_INPUT", {
        ...detail,
        documentation: "the key of an object belongs into params.Key.",
      });
    }
    return input;
  },
  endpointParameters: (parameters) => {
    const bucket = parameters["Bucket"];
    if (typeof bucket !== "string") return;
    parameters["Bucket"] = bucket.replaceAll("#", "%23").replaceAll("?", "%3F");
    if (bucket.startsWith("arn:")) return;
    // A dot would make the name one level deeper than AWS's certificate covers.
    const dotted = bucket.includes(".") && !String(parameters["Endpoint"]).startsWith("http:");
    if (!DNS_BUCKET.test(bucket) || LOOKS_LIKE_IP.test(bucket) || bucket.includes("..") || dotted) {
      parameters["ForcePathStyle"] = true;
    }
  },
});

/** CreateBucket elsewhere than in us-east-1 must say where. */
export const locationConstraint: CustomisationFactory = () => ({
  input: (input, { region }) => {
    const given = (input["CreateBucketConfiguration"] ?? {}) as NativeInput;
    if (region === "us-east-1" || region === "" || given["LocationConstraint"] || given["Location"]) return input;
    return { ...input, CreateBucketConfiguration: { ...given, LocationConstraint: region } };
  },
});

/** Encryption with a customer's key: the key goes as base64, its MD5 beside it. */
export const customerKeys: CustomisationFactory = () => ({
  input: (input) => {
    let output = input;
    for (const name of ["SSECustomerKey", "CopySourceSSECustomerKey"]) {
      const key = input[name];
      if (key === undefined) continue;
      const bytes = keyBytes(key as string | Uint8Array);
      output = {
        ...output,
        [name]: bytes.toString("base64"),
        [`${name}MD5`]: createHash("md5").update(bytes).digest("base64"),
      };
    }
    return output;
  },
});

/** 256 bits, given raw or as base64. */
function keyBytes(key: string | Uint8Array): Buffer {
  if (typeof key !== "string") return Buffer.from(key);
  const decoded = Buffer.from(key, "base64");
  return decoded.length === 32 ? decoded : Buffer.from(key);
}

/** An error document under status 200 is an error all the same. https://repost.aws/knowledge-center/s3-resolve-200-internalerror */
export const throw200Exceptions: CustomisationFactory = (_options, { name }) => ({
  response: (response) => {
    if (response.statusCode >= 300) return;
    const { body } = response;
    const cutOff = body.length === 0 && LONG_RUNNING.has(name);
    if (
      cutOff ||
      body
        .toString("latin1", Math.max(0, body.length - 16))
        .trimEnd()
        .endsWith("</Error>")
    ) {
      response.statusCode = 503;
    }
  },
});

/** `Expires` may hold anything; what is no date stays out of the parsed output and comes as text. */
export const expires: CustomisationFactory = () => ({
  response: ({ headers }) => {
    const value = headers["expires"];
    if (value === undefined) return;
    headers["expiresstring"] = value;
    if (Number.isNaN(Date.parse(value))) delete headers["expires"];
  },
});

/** A body this large waits until S3 has looked at the headers and wants it. */
const ASKED_BEFORE_SENT_BYTES = 2 * 1024 * 1024;

export const expectContinue: CustomisationFactory = () => ({
  request: ({ headers, body }, _input, { purpose }) => {
    if (body === undefined || purpose === "presign") return;
    const isBuffered = typeof body === "string" || body instanceof Uint8Array;
    const length = isBuffered ? Buffer.byteLength(body) : Number(headers["content-length"] ?? Number.POSITIVE_INFINITY);
    if (length >= ASKED_BEFORE_SENT_BYTES) headers["expect"] = "100-continue";
  },
});
