/** Owns what services ask of a request's body as such: compression, digests, a wished-for form of the answer. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { HttpRequest } from "../../types/http";
import type { CustomisationFactory } from "./customisation";

/** https://smithy.io/2.0/spec/behavior-traits.html#smithy-api-requestcompression-trait */
const COMPRESSED_FROM_BYTES = 10_240;

const isBuffered = (body: HttpRequest["body"]): body is string | Uint8Array =>
  typeof body === "string" || body instanceof Uint8Array;

export const compression: CustomisationFactory = () => ({
  request: (request) => {
    const { body, headers } = request;
    if (!isBuffered(body) || Buffer.byteLength(body) < COMPRESSED_FROM_BYTES) return;
    request.body = gzipSync(body);
    const before = headers["content-encoding"];
    headers["content-encoding"] = before === undefined ? "gzip" : `${before},gzip`;
  },
});

/** S3 Control and others: the digest that they check themselves. */
export const md5BodyChecksum: CustomisationFactory = () => ({
  request: ({ body, headers }) => {
    if (body !== undefined && !isBuffered(body)) return;
    headers["content-md5"] ??= createHash("md5")
      .update(body ?? "")
      .digest("base64");
  },
});

/** API Gateway answers in HAL unless told otherwise. */
export const acceptHeader: CustomisationFactory = () => ({
  request: ({ headers }) => {
    headers["accept"] ??= "application/json";
  },
});

/** Glacier: `-` is the account of the credentials. */
export const glacier: CustomisationFactory = (_options, { service }) => ({
  input: (input) => ({ ...input, accountId: input["accountId"] ?? "-" }),
  request: ({ headers }) => {
    headers["x-amz-glacier-version"] = service.apiVersion;
  },
});
