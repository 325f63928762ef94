/** Owns the request as it goes on: the client's bytes, its signature taken off, the provider's put on. */
import { wireForm } from "../client/raw-request";
import { signSigV4 } from "../signing/sign-sigv4";
import { signWithSdk } from "../signing/sign-with-sdk";
import type { SigningKeyCache } from "../signing/signing-key-cache";
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import { queryOf } from "../types/query";
import type { ChunkSeed } from "./chunk-writer";
import { encodedLength } from "./chunk-writer";
import type { ClientSignature } from "./client-signature";
import type { Destination } from "./destinations";
import { endToEnd } from "./forwarded-headers";
import type { PayloadPlan } from "./payload-plan";

/** What the client sent, as far as it goes on. */
export interface ClientRequest {
  readonly method: string;
  /** As it came: bytes beyond ASCII the parser has refused. */
  readonly path: string;
  /** Without a signature; empty for none. */
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body as the client frames it; undefined for chunked. */
  readonly contentLength: number | undefined;
  readonly signature: ClientSignature;
}

export interface SignedRequest {
  /** Its path has the query already; there is nothing in it to encode. */
  readonly request: HttpRequest;
  /** Where frames are signed. */
  readonly seed?: ChunkSeed;
}

export interface SigningContext {
  readonly identity: AwsCredentialIdentity;
  /** Epoch milliseconds. */
  readonly dateMs: number;
  readonly keys: SigningKeyCache;
}

/** Of the client's signature, or of its way to the proxy. The new signature brings its own. */
const REPLACED: ReadonlySet<string> = new Set([
  "authorization",
  "content-length",
  "date",
  "expect",
  "host",
  "x-adapter-aws-secret",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-region-set",
  "x-amz-security-token",
  "x-amz-trailer",
]);
/** Signed even where the client did not, as they change what is done. */
const ALWAYS_SIGNED: ReadonlySet<string> = new Set(["host", "content-type", "content-md5"]);
/** Tells a second proxy of this kind that the request has been through one. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.3 */
const VIA = "1.1 adapter-aws";

/**
 * @param heldBody - the whole body, where the plan holds it
 * @param payloadHash - of the plan, or of the body that was held
 * @throws AdapterError `NO_CREDENTIALS`
 */
export async function signForwarded(
  client: ClientRequest,
  destination: Destination,
  plan: PayloadPlan,
  payloadHash: string,
  heldBody: Buffer | undefined,
  { identity, dateMs, keys }: SigningContext,
): Promise<SignedRequest> {
  const headers = forwardedHeaders(client, plan, heldBody);
  headers["x-amz-content-sha256"] = payloadHash;
  headers["host"] = destination.hostHeader;
  const { service, region, scheme, protocol, hostname, port } = destination;
  const toSign: HttpRequest = {
    method: client.method,
    protocol,
    hostname,
    ...(port === undefined ? {} : { port }),
    path: wireForm(destination.basePath + client.path, destination.path),
    ...(client.rawQuery === "" ? {} : { query: queryOf(client.rawQuery) }),
    headers: signedOf(headers, client.signature),
  };
  const options = { service, region, dateMs, path: destination.path, payload: "sha256" } as const;
  const record =
    scheme === "sigv4"
      ? signSigV4(toSign, identity, options, keys)
      : await signWithSdk(toSign, identity, { ...options, scheme });
  Object.assign(headers, toSign.headers, { via: VIA });
  const path = destination.basePath + client.path + (client.rawQuery === "" ? "" : `?${client.rawQuery}`);
  const { query: _, ...rest } = toSign;
  const request: HttpRequest = { ...rest, path, headers };
  if (plan.body !== "framed" || plan.form !== "signed") return { request };
  const timestamp = headers["x-amz-date"] as string;
  const credential = `${identity.accessKeyId}/${record.credentialScope}`;
  const key = keys.key(credential, identity, timestamp.slice(0, 8), region, service);
  return { request, seed: { key, signature: record.signature, timestamp, scope: record.credentialScope } };
}

function forwardedHeaders(
  { headers: given, contentLength, method }: ClientRequest,
  plan: PayloadPlan,
  heldBody: Buffer | undefined,
): Record<string, string> {
  const headers = endToEnd(given, REPLACED);
  switch (plan.body) {
    case "none":
      if (contentLength === 0 || method === "POST" || method === "PUT") headers["content-length"] = "0";
      break;
    case "held":
      headers["content-length"] = String(heldBody?.length ?? 0);
      break;
    case "streamed":
      setLength(headers, contentLength);
      break;
    case "framed":
      setFramed(headers, plan);
  }
  return headers;
}

function setLength(headers: Record<string, string>, length: number | undefined): void {
  if (length === undefined) headers["transfer-encoding"] = "chunked";
  else headers["content-length"] = String(length);
}

function setFramed(headers: Record<string, string>, plan: PayloadPlan & { readonly body: "framed" }): void {
  const { form, decodedLength, trailers } = plan;
  if (form === "plain") {
    setLength(headers, decodedLength);
    const others = (headers["content-encoding"] ?? "").split(",").map((coding) => coding.trim());
    const encoding = others.filter((coding) => coding !== "" && coding.toLowerCase() !== "aws-chunked").join(",");
    if (encoding === "") delete headers["content-encoding"];
    else headers["content-encoding"] = encoding;
    return;
  }
  headers["x-amz-decoded-content-length"] = String(decodedLength);
  if (trailers.length > 0) headers["x-amz-trailer"] = trailers.join(",");
  setLength(headers, encodedLength(decodedLength, trailers, form));
}

/** What the client left unsigned may change on the way, so it stays unsigned; what changes the meaning is signed always. */
function signedOf(headers: Readonly<Record<string, string>>, { signedHeaders }: ClientSignature) {
  const signed: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    if (signedHeaders.has(name) || ALWAYS_SIGNED.has(name) || name.startsWith("x-amz-")) {
      signed[name] = headers[name] as string;
    }
  }
  return signed;
}
