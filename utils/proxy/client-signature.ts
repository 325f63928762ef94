/** Owns the reading of a client's signature: who it asks to be, for which service and region, and which headers it vouched for. */
import { queryOf } from "../types/query";
import { ProxyRefusal } from "./proxy-refusal";

/** The client's secret key is a dummy, so its signature proves nothing: it is read, and then thrown away. */
export interface ClientSignature {
  readonly form: "header" | "query";
  readonly algorithm: "sigv4" | "sigv4a";
  /** The selector of a credential provider. */
  readonly accessKeyId: string;
  readonly service: string;
  /** Of the credential scope; SigV4a has none. */
  readonly region?: string;
  /** `X-Amz-Region-Set` of SigV4a. */
  readonly regionSet?: string;
  /** Names in lower case. */
  readonly signedHeaders: ReadonlySet<string>;
  /** What stands where a session token would. */
  readonly sessionToken?: string;
}

type Headers = Readonly<Record<string, string>>;

const ALGORITHMS: Readonly<Record<string, ClientSignature["algorithm"]>> = {
  "AWS4-HMAC-SHA256": "sigv4",
  "AWS4-ECDSA-P256-SHA256": "sigv4a",
};
const SIGNATURE = { sigv4: /^[0-9a-f]{64}$/, sigv4a: /^[0-9a-f]{16,160}$/ } as const;
const ACCESS_KEY_ID = /^\w{1,128}$/;
const DATE = /^\d{8}$/;
const TIMESTAMP = /^\d{8}T\d{6}Z$/;
const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const REGION = /^(?:\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;
const REGION_SET = /^[a-z0-9*,-]{1,512}$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** Seven days, AWS's own limit of a presigned URL. */
const LONGEST_SECONDS = 604_800;

const malformed = (what: string): ProxyRefusal => new ProxyRefusal("malformed-signature", `The signature ${what}.`);

interface Parts {
  readonly algorithm: string;
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

/**
 * @param headers - names in lower case
 * @param rawQuery - behind the `?`, as it came
 * @param nowMs - epoch milliseconds, for the end of a presigned URL
 * @throws ProxyRefusal for no signature, two of them, or one that is not well-formed
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export function readClientSignature(headers: Headers, rawQuery: string, nowMs: number): ClientSignature {
  const authorization = headers["authorization"];
  const query = /x-amz-(?:signature|credential|algorithm)=/i.test(rawQuery) ? presignedMembers(rawQuery) : undefined;
  if (authorization !== undefined && query !== undefined) {
    throw new ProxyRefusal("invalid", "The request has a signature in its header and one in its query: give one.");
  }
  if (authorization !== undefined) return fromHeader(authorization, headers);
  if (query !== undefined) return fromQuery(query, headers, nowMs);
  throw new ProxyRefusal(
    "unsigned",
    "The request has no AWS Signature Version 4: sign it with a selector's dummy keys.",
  );
}

function fromHeader(authorization: string, headers: Headers): ClientSignature {
  const space = authorization.indexOf(" ");
  const members = new Map<string, string>();
  for (const part of authorization.slice(space + 1).split(",")) {
    const text = part.trim();
    const at = text.indexOf("=");
    const name = text.slice(0, Math.max(at, 0));
    if (at < 1 || members.has(name)) throw malformed("is not of the form Credential=…, SignedHeaders=…, Signature=…");
    members.set(name, text.slice(at + 1));
  }
  const signature = checked(
    {
      algorithm: authorization.slice(0, Math.max(space, 0)),
      credential: members.get("Credential") ?? "",
      signedHeaders: members.get("SignedHeaders") ?? "",
      signature: members.get("Signature") ?? "",
    },
    headers,
  );
  const timestamp = headers["x-amz-date"];
  if (timestamp === undefined ? headers["date"] === undefined : !TIMESTAMP.test(timestamp)) {
    throw malformed("has no date: X-Amz-Date is YYYYMMDD'T'HHMMSS'Z'");
  }
  return { ...signature, form: "header", ...sent(headers["x-amz-region-set"], headers["x-amz-security-token"]) };
}

function fromQuery(query: ReadonlyMap<string, string>, headers: Headers, nowMs: number): ClientSignature {
  const member = (name: string): string => query.get(name) ?? "";
  const signature = checked(
    {
      algorithm: member("x-amz-algorithm"),
      credential: member("x-amz-credential"),
      signedHeaders: member("x-amz-signedheaders"),
      signature: member("x-amz-signature"),
    },
    headers,
  );
  const timestamp = member("x-amz-date");
  if (!TIMESTAMP.test(timestamp)) throw malformed("has no X-Amz-Date");
  const seconds = Number(query.get("x-amz-expires") ?? Number.NaN);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_SECONDS) throw malformed("has no X-Amz-Expires");
  const signedMs = Date.parse(timestamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  if (!(signedMs + seconds * 1000 > nowMs)) throw new ProxyRefusal("expired-url", "Request has expired");
  return { ...signature, form: "query", ...sent(query.get("x-amz-region-set"), query.get("x-amz-security-token")) };
}

function sent(regionSet: string | undefined, sessionToken: string | undefined) {
  if (regionSet !== undefined && !REGION_SET.test(regionSet)) throw malformed("has a malformed X-Amz-Region-Set");
  return {
    ...(regionSet === undefined ? {} : { regionSet }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function checked(parts: Parts, headers: Headers): Omit<ClientSignature, "form"> {
  const algorithm = Object.hasOwn(ALGORITHMS, parts.algorithm) ? ALGORITHMS[parts.algorithm] : undefined;
  if (algorithm === undefined) {
    throw malformed("is of no algorithm known here: AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256 are");
  }
  const fields = parts.credential.split("/");
  const [accessKeyId = "", date = ""] = fields;
  const [region, service = "", end] = algorithm === "sigv4" ? fields.slice(2) : [undefined, ...fields.slice(2)];
  const isScope =
    fields.length === (algorithm === "sigv4" ? 5 : 4) &&
    ACCESS_KEY_ID.test(accessKeyId) &&
    DATE.test(date) &&
    (region === undefined || REGION.test(region)) &&
    SERVICE.test(service) &&
    end === "aws4_request";
  if (!isScope) throw malformed("has no credential scope of the form KEY/YYYYMMDD/region/service/aws4_request");
  if (!SIGNATURE[algorithm].test(parts.signature)) throw malformed("itself is not of the algorithm's form");
  const names = parts.signedHeaders.split(";");
  if (!names.includes("host")) throw malformed("does not cover the host header");
  for (const name of names) {
    if (!HEADER_NAME.test(name)) throw malformed("has a malformed list of signed headers");
    if (headers[name] === undefined) throw malformed("covers a header that the request does not have");
  }
  return {
    algorithm,
    accessKeyId,
    service,
    ...(region === undefined ? {} : { region }),
    signedHeaders: new Set(names),
  };
}

/** Names in lower case, as SDKs do not agree on them. */
function presignedMembers(rawQuery: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const [name, value] of Object.entries(queryOf(rawQuery))) {
    const lower = name.toLowerCase();
    if (!SIGNATURE_MEMBERS.has(lower)) continue;
    if (Array.isArray(value) || members.has(lower)) throw malformed("has a member twice");
    members.set(lower, value ?? "");
  }
  return members;
}

const SIGNATURE_MEMBERS: ReadonlySet<string> = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-signedheaders",
  "x-amz-signature",
  "x-amz-security-token",
  "x-amz-region-set",
  "x-amz-content-sha256",
]);

const nameOf = (pair: string): string => {
  const at = pair.indexOf("=");
  try {
    return decodeURIComponent(at === -1 ? pair : pair.slice(0, at)).toLowerCase();
  } catch {
    return "";
  }
};

/** @returns the query without the signature, every other byte as it was */
export function withoutSignature(rawQuery: string): string {
  return rawQuery
    .split("&")
    .filter((pair) => !SIGNATURE_MEMBERS.has(nameOf(pair)))
    .join("&");
}

/** @returns `X-Amz-Content-Sha256` of a presigned query */
export function presignedPayloadHash(rawQuery: string): string | undefined {
  return presignedMembers(rawQuery).get("x-amz-content-sha256");
}
