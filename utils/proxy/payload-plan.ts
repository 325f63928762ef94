/** Owns the decision what becomes of a body: passed on as it is, held until it is hashed, or taken out of its frames and put into new ones. */
import { hash } from "node:crypto";
import { ProxyRefusal } from "./proxy-refusal";

/** How frames go on. `signed`: anew with the real key; `plain`: no frames at all. */
export type FrameForm = "signed" | "unsigned" | "plain";

export type PayloadPlan =
  /** Nothing to send. */
  | { readonly body: "none"; readonly payloadHash: string }
  /** `payloadHash` is the client's word, which the service holds it to. */
  | { readonly body: "streamed"; readonly payloadHash: string }
  /** The client told no hash, so it is computed here. */
  | { readonly body: "held" }
  | {
      readonly body: "framed";
      readonly form: FrameForm;
      readonly payloadHash: string;
      readonly decodedLength: number;
      readonly trailers: readonly string[];
    };

export interface PayloadFacts {
  /** `x-amz-content-sha256`, of header or query. */
  readonly declared: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly framing: "length" | "chunked" | "none";
  readonly scheme: "sigv4" | "sigv4a";
  /** Whether the service is of S3's family: the others take signed bodies only. */
  readonly isS3: boolean;
  readonly protocol: "http:" | "https:";
  /** Of the client's signature. */
  readonly presigned: boolean;
}

const SHA256 = /^[0-9a-f]{64}$/;
const LENGTH = /^\d{1,15}$/;
const TRAILER_NAME = /^[a-z0-9-]{1,64}$/;
const EMPTY_SHA256 = hash("sha256", "", "hex");
const UNSIGNED = "UNSIGNED-PAYLOAD";
const SIGNED_FRAMES = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const UNSIGNED_FRAMES = "STREAMING-UNSIGNED-PAYLOAD";
const FRAMED = /^STREAMING-(?:AWS4-HMAC-SHA256-PAYLOAD|AWS4-ECDSA-P256-SHA256-PAYLOAD|UNSIGNED-PAYLOAD)(-TRAILER)?$/;

/**
 * @throws ProxyRefusal for a payload that cannot be signed anew
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function planPayload(facts: PayloadFacts): PayloadPlan {
  const { declared, framing, isS3 } = facts;
  const framed = FRAMED.exec(declared ?? "");
  if (framed !== null) return framedPlan(facts, framed[1] !== undefined);
  if (declared !== undefined && declared !== UNSIGNED && !SHA256.test(declared)) {
    const what = declared.startsWith("STREAMING-") ? "signs every event with the client's key" : "is unknown";
    throw new ProxyRefusal("not-implemented", `The x-amz-content-sha256 of the request ${what}.`);
  }
  const isUnsigned = declared === UNSIGNED || (declared === undefined && facts.presigned && isS3);
  if (framing === "none") return { body: "none", payloadHash: isUnsigned ? UNSIGNED : (declared ?? EMPTY_SHA256) };
  // Over plain HTTP nothing but the signature guards the body, and services other than S3 insist on it.
  if (isUnsigned && (isS3 || facts.protocol === "https:")) return { body: "streamed", payloadHash: UNSIGNED };
  if (declared !== undefined && declared !== UNSIGNED) return { body: "streamed", payloadHash: declared };
  return { body: "held" };
}

/** Signed frames stay signed, and over plain HTTP all are; SigV4a goes over TLS only, and there frames need no signature. */
function framedPlan({ declared, headers, scheme, protocol, framing }: PayloadFacts, hasTrailer: boolean): PayloadPlan {
  const length = headers["x-amz-decoded-content-length"] ?? "";
  if (!LENGTH.test(length)) {
    throw new ProxyRefusal("incomplete-body", "The aws-chunked body has no x-amz-decoded-content-length.");
  }
  if (framing === "none") throw new ProxyRefusal("incomplete-body", "The aws-chunked body is empty.");
  const trailers = trailerNames(headers["x-amz-trailer"]);
  if (hasTrailer !== trailers.length > 0) {
    throw new ProxyRefusal("invalid", "x-amz-trailer and x-amz-content-sha256 contradict each other.");
  }
  const plan = { body: "framed", decodedLength: Number(length), trailers } as const;
  const isSigned = scheme === "sigv4" && (protocol === "http:" || declared?.startsWith(SIGNED_FRAMES) === true);
  const suffix = hasTrailer ? "-TRAILER" : "";
  if (isSigned) return { ...plan, form: "signed", payloadHash: SIGNED_FRAMES + suffix };
  if (hasTrailer) return { ...plan, form: "unsigned", payloadHash: UNSIGNED_FRAMES + suffix };
  return { ...plan, form: "plain", payloadHash: UNSIGNED };
}

function trailerNames(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const names = header.split(",").map((name) => name.trim().toLowerCase());
  if (names.some((name) => !TRAILER_NAME.test(name)) || new Set(names).size !== names.length) {
    throw new ProxyRefusal("invalid", "The x-amz-trailer of the request is no list of header names.");
  }
  return names;
}
