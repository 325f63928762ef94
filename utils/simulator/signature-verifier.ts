/** Owns the judgement whether a request was signed by whom it says: Signature Version 4, from the wire bytes alone. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { decodeStreamingPayload, type StreamingPayload } from "./aws-chunked";
import { canonicalRequest } from "./canonical-request";
import type { CredentialStore, StoredKey } from "./credential-store";
import { basicTimestamp, type PresentedSignature, timestampMs } from "./presented-signature";
import { Refusal, ServiceFault } from "./service-fault";
import type { WireRequest } from "./wire-request";

/** What is expected of a request's signature, where it was received. */
export interface SignatureExpectation {
  readonly service: string;
  readonly regions: readonly string[];
  readonly nowMs: number;
}

export interface VerifiedRequest {
  readonly key: StoredKey;
  /** The payload without its signing frames. */
  readonly payload: Buffer;
}

const sha256Hex = (data: Buffer | string): string =>
  typeof data === "string"
    ? createHash("sha256").update(data, "latin1").digest("hex")
    : createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer | string, text: string): Buffer => createHmac("sha256", key).update(text, "latin1").digest();
const emptyHash = sha256Hex("");
const maxSigningKeys = 5_000;

export class SignatureVerifier {
  readonly #signingKeys = new Map<string, Buffer>();

  constructor(private readonly credentials: CredentialStore) {}

  /**
   * @throws Refusal naming what is wrong: unknown key, bad or expired token, clock, scope, unsigned header, signature
   */
  verify(request: WireRequest, presented: PresentedSignature, expected: SignatureExpectation): VerifiedRequest {
    const isS3 = expected.service === "s3";
    const key = this.#key(presented, isS3);
    this.#checkTime(presented, expected);
    checkScope(presented, expected, isS3);
    checkSignedHeaders(request, presented, isS3);
    const declared = request.headers.get("x-amz-content-sha256");
    const payloadHash = this.#payloadHash(request, presented, declared, isS3);
    const canonical = canonicalRequest(
      request,
      presented.signedHeaders,
      payloadHash,
      isS3 ? "as-is" : "normalised-and-encoded-again",
    );
    const scope = `${presented.scopeDate}/${presented.region}/${presented.service}/aws4_request`;
    const stringToSign = `AWS4-HMAC-SHA256\n${presented.timestamp}\n${scope}\n${sha256Hex(canonical)}`;
    const signingKey = this.#signingKey(key, presented);
    const computed = hmac(signingKey, stringToSign);
    const given = Buffer.from(presented.signature, "hex");
    if (presented.signature.length !== 64 || given.length !== computed.length || !timingSafeEqual(given, computed)) {
      throw new Refusal("signature-mismatch", undefined, {
        AWSAccessKeyId: presented.accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: presented.signature,
        StringToSignBytes: hexBytes(stringToSign),
        CanonicalRequest: Buffer.from(canonical, "latin1").toString("utf8"),
        CanonicalRequestBytes: hexBytes(canonical),
      });
    }
    if (key.expirationMs !== undefined && key.expirationMs <= expected.nowMs) throw new Refusal("expired-token");
    if (!isS3 || declared === undefined || presented.place === "query") return { key, payload: request.body };
    return {
      key,
      payload: s3Payload(request, declared, {
        signingKey,
        seed: presented.signature,
        scope,
        timestamp: presented.timestamp,
      }),
    };
  }

  #key(presented: PresentedSignature, isS3: boolean): StoredKey {
    const key = this.credentials.find(presented.accessKeyId);
    const tokenAbsent = key?.sessionToken !== undefined && presented.sessionToken === undefined;
    if (key === undefined || (tokenAbsent && isS3)) {
      throw new Refusal("unknown-key", undefined, { AWSAccessKeyId: presented.accessKeyId });
    }
    if (key.sessionToken !== presented.sessionToken) throw new Refusal("invalid-token");
    return key;
  }

  #checkTime(presented: PresentedSignature, { service, nowMs }: SignatureExpectation): void {
    const signedMs = timestampMs(presented.timestamp);
    if (Number.isNaN(signedMs)) {
      throw new Refusal(
        "incomplete-signature",
        `Date must be in ISO-8601 'basic format'. Got '${presented.timestamp}'.`,
      );
    }
    const now = basicTimestamp(nowMs);
    if (presented.expiresSeconds !== undefined) {
      const expiresMs = signedMs + presented.expiresSeconds * 1000;
      if (expiresMs < nowMs) {
        throw new ServiceFault("AccessDenied", "Request has expired", 403, {
          Expires: new Date(expiresMs).toISOString(),
          ServerTime: new Date(nowMs).toISOString(),
        });
      }
      return;
    }
    const minutes = service === "sts" ? 5 : 15;
    const windowMs = minutes * 60_000;
    if (Math.abs(signedMs - nowMs) <= windowMs) return;
    const limit = basicTimestamp(signedMs < nowMs ? nowMs - windowMs : nowMs + windowMs);
    const text =
      signedMs < nowMs
        ? `Signature expired: ${presented.timestamp} is now earlier than ${limit} (${now} - ${minutes} min.)`
        : `Signature not yet current: ${presented.timestamp} is still later than ${limit} (${now} + ${minutes} min.)`;
    throw new Refusal("clock-skew", text, {
      RequestTime: presented.timestamp,
      ServerTime: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
      MaxAllowedSkewMilliseconds: windowMs,
    });
  }

  #payloadHash(
    request: WireRequest,
    presented: PresentedSignature,
    declared: string | undefined,
    isS3: boolean,
  ): string {
    if (isS3 && presented.place === "query") return declared ?? "UNSIGNED-PAYLOAD";
    if (isS3) {
      if (declared === undefined) {
        throw new ServiceFault("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400);
      }
      return declared;
    }
    return request.body.length === 0 ? emptyHash : sha256Hex(request.body);
  }

  #signingKey(key: StoredKey, { scopeDate, region, service }: PresentedSignature): Buffer {
    const name = `${key.accessKeyId}/${scopeDate}/${region}/${service}`;
    const cached = this.#signingKeys.get(name);
    if (cached !== undefined) return cached;
    const derived = hmac(hmac(hmac(hmac(`AWS4${key.secretAccessKey}`, scopeDate), region), service), "aws4_request");
    if (this.#signingKeys.size >= maxSigningKeys) this.#signingKeys.clear();
    this.#signingKeys.set(name, derived);
    return derived;
  }
}

const hexBytes = (text: string): string => (Buffer.from(text, "latin1").toString("hex").match(/../g) ?? []).join(" ");

function checkScope(presented: PresentedSignature, expected: SignatureExpectation, isS3: boolean): void {
  if (presented.service !== expected.service) {
    throw new Refusal("wrong-scope", `Credential should be scoped to correct service: '${expected.service}'. `);
  }
  if (!expected.regions.includes(presented.region)) {
    const only = expected.regions.length === 1 ? expected.regions[0] : undefined;
    if (isS3 && only !== undefined) {
      const text = `The authorization header is malformed; the region '${presented.region}' is wrong; expecting '${only}'`;
      throw new Refusal("wrong-scope", text, { Region: only });
    }
    throw new Refusal("wrong-scope", "Credential should be scoped to a valid region. ");
  }
  const day = presented.timestamp.slice(0, 8);
  if (presented.scopeDate !== day) {
    const text = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${presented.scopeDate}' != '${day}', from '${presented.timestamp}'.`;
    throw new Refusal("wrong-scope", text);
  }
}

function checkSignedHeaders(request: WireRequest, presented: PresentedSignature, isS3: boolean): void {
  const signed = new Set(presented.signedHeaders);
  if (!signed.has("host")) {
    const text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    throw new Refusal("header-not-signed", isS3 ? undefined : text, { HeadersNotSigned: "host" });
  }
  const mustBeSigned = isS3
    ? [...request.headers.keys()].filter((name) => name.startsWith("x-amz-") && name !== "x-amz-content-sha256")
    : ["x-amz-date", "x-amz-security-token", "x-amz-target"].filter((name) => request.headers.has(name));
  const unsigned = mustBeSigned.filter((name) => !signed.has(name));
  if (unsigned.length > 0) {
    const text = `'${unsigned.join("', '")}' must be a 'SignedHeader' in the AWS Authorization.`;
    throw new Refusal("header-not-signed", isS3 ? undefined : text, { HeadersNotSigned: unsigned.join(", ") });
  }
}

function s3Payload(request: WireRequest, declared: string, streaming: StreamingPayload): Buffer {
  if (declared === "UNSIGNED-PAYLOAD") return request.body;
  if (declared.startsWith("STREAMING-")) return decodeStreamingPayload(request, declared, streaming);
  const actual = request.body.length === 0 ? emptyHash : sha256Hex(request.body);
  if (actual !== declared) {
    throw new ServiceFault(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
      { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: actual },
    );
  }
  return request.body;
}
