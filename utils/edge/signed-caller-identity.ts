/** Owns the attestation: a signed GetCallerIdentity that somebody else sends to STS, to learn who made it. */
import { partitionOfRegion } from "../settings/partitions";
import { signSigV4 } from "../signing/sign-sigv4";
import { SigningKeyCache } from "../signing/signing-key-cache";
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";

/** Everything that whoever verifies it has to send; host and body follow from the region, where Aembit verifies it. */
export interface SignedCallerIdentity {
  readonly method: "POST";
  readonly url: string;
  readonly body: string;
  /** `Content-Type`, `X-Amz-Date`, `Authorization` and, for temporary credentials, `X-Amz-Security-Token`; no others. */
  readonly headers: Readonly<Record<string, string>>;
  /** Region that signed it. */
  readonly region: string;
}

const BODY = "Action=GetCallerIdentity&Version=2011-06-15";
const CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8";
/** The global host, which accepts signatures of one region only. */
const GLOBAL = { hostname: "sts.amazonaws.com", region: "us-east-1" };

/**
 * @param region - whose STS it is for; `aws-global` for the global endpoint
 * @param dateMs - epoch milliseconds; STS accepts it for some minutes, so every use takes a fresh one
 * @returns only what is signed: content type, host, date and token
 * @throws AdapterError `NO_CREDENTIALS` when the identity has no keys
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function signedCallerIdentity(
  identity: AwsCredentialIdentity,
  region: string,
  dateMs: number,
): SignedCallerIdentity {
  const endpoint = region === "aws-global" ? GLOBAL : { hostname: regionalHost(region), region };
  const request: HttpRequest = {
    method: "POST",
    protocol: "https:",
    hostname: endpoint.hostname,
    path: "/",
    headers: { "content-type": CONTENT_TYPE },
    body: BODY,
  };
  const options = {
    service: "sts",
    region: endpoint.region,
    dateMs,
    path: "double-encoded",
    payload: "sha256",
    payloadHeader: "omitted",
  } as const;
  signSigV4(request, identity, options, new SigningKeyCache());
  const { headers } = request;
  const token = headers["x-amz-security-token"];
  return {
    method: "POST",
    url: `https://${endpoint.hostname}/`,
    body: BODY,
    headers: {
      "Content-Type": CONTENT_TYPE,
      "X-Amz-Date": headers["x-amz-date"] as string,
      ...(token === undefined ? {} : { "X-Amz-Security-Token": token }),
      Authorization: headers["authorization"] as string,
    },
    region: endpoint.region,
  };
}

const regionalHost = (region: string): string =>
  `sts.${region}.${partitionOfRegion(region)?.dnsSuffix ?? "amazonaws.com"}`;
