/** Owns AWS Signature Version 4 of a request whose body is in memory: the hot path of every call. */
import { hash } from "node:crypto";
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import { type CanonicalPath, canonicalRequest, signedNames } from "./canonical-request";
import { type Payload, payloadHash } from "./payload-hash";
import { prepareHeaders } from "./prepare-headers";
import type { SigningKeyCache } from "./signing-key-cache";
import type { SigningRecord } from "./signing-record";

const ALGORITHM = "AWS4-HMAC-SHA256";

export interface SigV4Options {
  /** Signing name of the service, from the model or its endpoint rules. */
  readonly service: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly dateMs: number;
  readonly path: CanonicalPath;
  readonly payload: Payload;
  /** Whether `x-amz-content-sha256` is added (and signed); `added` unless told otherwise, as S3 demands it. */
  readonly payloadHeader?: "added" | "omitted";
  /** Lower-case header names to leave unsigned, besides those that never are. */
  readonly unsignedHeaders?: ReadonlySet<string>;
}

/**
 * Signs in place: fills `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token`, `host` if missing, and
 * `authorization`, and clears what an earlier signature left.
 * @param request - exactly the parts that are sent
 * @param keys - the signer's own cache; the result does not depend on it
 * @returns the intermediates
 * @throws AdapterError `NO_CREDENTIALS` when the identity has no keys
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signSigV4(
  request: HttpRequest,
  identity: AwsCredentialIdentity,
  options: SigV4Options,
  keys: SigningKeyCache,
): SigningRecord {
  prepareHeaders(request, identity);
  const { headers } = request;
  const { region, service } = options;
  const timestamp = keys.timestamp(options.dateMs);
  headers["x-amz-date"] = timestamp;
  const bodyHash = payloadHash(request, options.payload);
  if (options.payloadHeader !== "omitted") headers["x-amz-content-sha256"] = bodyHash;

  const { unsignedHeaders } = options;
  const names = unsignedHeaders === undefined ? keys.orders.of(headers) : signedNames(headers, unsignedHeaders);
  const canonical = canonicalRequest(request, options.path, bodyHash, names);
  const { credentialScope, credential, key } = keys.scoped(timestamp, identity, region, service);
  const stringToSign = `${ALGORITHM}\n${timestamp}\n${credentialScope}\n${hash("sha256", canonical.text, "hex")}`;
  const signature = key.sign(stringToSign);
  headers["authorization"] =
    `${ALGORITHM} Credential=${credential}, SignedHeaders=${canonical.signedHeaders}, Signature=${signature}`;
  return {
    canonicalRequest: canonical.text,
    stringToSign,
    signedHeaders: canonical.signedHeaders,
    credentialScope,
    signature,
  };
}
