/** Owns signing through the SDK: streamed bodies with SigV4, and everything with SigV4a. */
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import type { CanonicalPath } from "./canonical-request";
import { type Payload, payloadHash } from "./payload-hash";
import { prepareHeaders } from "./prepare-headers";
import { Sha256, sigV4aSigner, sigV4Signer, watch } from "./sdk-signers";
import type { SigningRecord } from "./signing-record";

export interface SdkSigningOptions {
  readonly scheme: "sigv4" | "sigv4a";
  readonly service: string;
  readonly region: string;
  readonly dateMs: number;
  readonly path: CanonicalPath;
  readonly payload: Payload;
}

const AUTHORIZATION = /SignedHeaders=([^,]*), Signature=(.*)$/;

/** A query as the SDK signs it: null and empty mean the same, but the SDK leaves null out, which no server does. */
export function signedQuery(query: HttpRequest["query"]): Record<string, string | string[]> {
  const signed: Record<string, string | string[]> = {};
  for (const [key, value] of Object.entries(query ?? {})) signed[key] = value ?? "";
  return signed;
}

/**
 * Signs in place with the SDK's signer of the scheme.
 * @throws AdapterError `NO_CREDENTIALS` when the identity has no keys
 */
export async function signWithSdk(
  request: HttpRequest,
  identity: AwsCredentialIdentity,
  options: SdkSigningOptions,
): Promise<SigningRecord> {
  prepareHeaders(request, identity);
  const { headers } = request;
  headers["x-amz-content-sha256"] = payloadHash(request, options.payload);
  const Signer = options.scheme === "sigv4a" ? sigV4aSigner() : sigV4Signer();
  const signer = new Signer({
    credentials: identity,
    region: options.region,
    service: options.service,
    sha256: Sha256,
    uriEscapePath: options.path === "double-encoded",
  });
  const seen = watch(signer);
  const { method, protocol, hostname, path } = request;
  const query = signedQuery(request.query);
  // The body stays out: its hash is in the header already, and the SDK would copy what it is given.
  const toSign = { method, protocol, hostname, path, query, headers: { ...headers } };
  const signed = await signer.sign(toSign, { signingDate: new Date(options.dateMs) });
  Object.assign(headers, signed.headers);
  const [, signedHeaders = "", signature = ""] = AUTHORIZATION.exec(headers["authorization"] ?? "") ?? [];
  return { ...seen, signedHeaders, signature };
}
