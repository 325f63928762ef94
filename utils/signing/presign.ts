/** Owns presigned URLs: a request whose signature travels in its query. */
import { AdapterError } from "../errors/adapter-error";
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import { percentEncode } from "../types/percent-encoding";
import type { CanonicalPath } from "./canonical-request";
import { isBuffered, type Payload } from "./payload-hash";
import { prepareHeaders } from "./prepare-headers";
import { Sha256, sigV4Signer } from "./sdk-signers";
import { signedQuery } from "./sign-with-sdk";

export interface PresignOptions {
  readonly service: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly dateMs: number;
  readonly path: CanonicalPath;
  /** `unsigned` for S3, where whoever uses the URL brings the body. */
  readonly payload: Payload;
}

const WEEK_SECONDS = 604_800;
/** Whoever uses the URL writes these, so the URL must not fix them. */
const LEFT_TO_THE_USER: ReadonlySet<string> = new Set(["content-length", "content-type"]);
/** The SDK's presigner hashes what is in memory and calls anything else unsigned. */
const NOT_IN_MEMORY = {};

function queryText(query: Readonly<Record<string, string | readonly string[] | null>>): string {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value ?? ""];
    for (const one of values) pairs.push(`${percentEncode(key)}=${percentEncode(one)}`);
  }
  return pairs.join("&");
}

/**
 * @param request - left as it is
 * @param expiresInSeconds - 1 to 604800 (seven days)
 * @returns the URL. It is a secret: whoever has it can send the request until it expires.
 * @throws AdapterError `NO_CREDENTIALS`, or `INVALID_INPUT` for a lifetime that AWS refuses
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export async function presign(
  request: HttpRequest,
  identity: AwsCredentialIdentity,
  options: PresignOptions,
  expiresInSeconds: number,
): Promise<string> {
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > WEEK_SECONDS) {
    const expected = `a whole number of seconds from 1 to ${WEEK_SECONDS}`;
    throw new AdapterError("INVALID_INPUT", { parameter: "expiresInSeconds", found: expiresInSeconds, expected });
  }
  const prepared: HttpRequest = { ...request, headers: { ...request.headers } };
  prepareHeaders(prepared, identity);
  const { method, protocol, hostname, path, headers, body } = prepared;
  delete headers["x-amz-security-token"]; // The SDK puts it into the query itself.
  const Signer = sigV4Signer();
  const signer = new Signer({
    credentials: identity,
    region: options.region,
    service: options.service,
    sha256: Sha256,
    uriEscapePath: options.path === "double-encoded",
  });
  const toSign = {
    ...{ method, protocol, hostname, path, headers },
    query: signedQuery(request.query),
    body: options.payload === "sha256" && isBuffered(body) ? body : NOT_IN_MEMORY,
  };
  const signed = await signer.presign(toSign, {
    signingDate: new Date(options.dateMs),
    expiresIn: expiresInSeconds,
    unsignableHeaders: LEFT_TO_THE_USER as Set<string>,
  });
  return `${protocol}//${headers["host"]}${path}?${queryText(signed.query ?? {})}`;
}
