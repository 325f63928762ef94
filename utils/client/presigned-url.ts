/** Owns URLs that carry a signature: for another region of a service, or for whoever the caller gives one to. */
import { AdapterError } from "../errors/adapter-error";
import { presign } from "../signing/presign";
import type { AwsCredentialIdentity } from "../types/identity";
import type { Endpoint } from "./endpoint";
import type { AnsweredCall, PreparedCall } from "./prepared-call";

const LIFETIME_SECONDS = 3600;

/**
 * @returns an answer of our own, `{ url, expiresAt }`; the URL is a secret
 * @throws AdapterError `INVALID_INPUT` for a lifetime that AWS refuses
 */
export async function presignedCall(
  { request, signing }: PreparedCall,
  identity: AwsCredentialIdentity,
  dateMs: number,
  expiresInSeconds: number,
): Promise<AnsweredCall> {
  const { scheme, service, region, path } = signing;
  if (scheme !== "sigv4") {
    const detail = { parameter: "iapMetadata.presign", found: `a call signed by ${scheme}`, expected: "one by sigv4" };
    throw new AdapterError("INVALID_INPUT", { ...detail, documentation: "call the operation itself." });
  }
  // S3 looks at no body that it did not ask a hash of; other services take a URL as a request without one.
  const payload = service === "s3" || service === "s3express" ? "unsigned" : "sha256";
  const url = await presign(request, identity, { service, region, dateMs, path, payload }, expiresInSeconds);
  const endsMs = Math.min(dateMs + expiresInSeconds * 1000, identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY);
  return { statusCode: 200, headers: {}, output: { url, expiresAt: new Date(endsMs).toISOString() }, bytes: 0 };
}

/** @returns a GET URL signed for an hour; it is a secret */
export function presignedUrl(
  endpoint: Endpoint,
  query: Readonly<Record<string, string>>,
  identity: AwsCredentialIdentity,
  dateMs: number,
): Promise<string> {
  const { protocol, hostname, port, path, signing } = endpoint;
  const request = {
    method: "GET",
    protocol,
    hostname,
    ...(port === undefined ? {} : { port }),
    path,
    query: { ...query },
    headers: {},
  };
  const { service, region, path: form } = signing;
  return presign(request, identity, { service, region, dateMs, path: form, payload: "sha256" }, LIFETIME_SECONDS);
}
