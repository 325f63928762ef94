/** Owns the URL that one region of a service hands on to another. */
import { presign } from "../signing/presign";
import type { AwsCredentialIdentity } from "../types/identity";
import type { Endpoint } from "./endpoint";

const LIFETIME_SECONDS = 3600;

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
