/** Owns the canonical request: the one text that every algorithm of the Signature Version 4 family signs. */
import type { HttpRequest } from "../types/http";
import { percentEncode } from "../types/percent-encoding";

/** How a service expects the path in the canonical request: `as-is` for S3, `double-encoded` for all others. */
export type CanonicalPath = "double-encoded" | "as-is";

export interface CanonicalRequest {
  /** Holds the session token where one is signed: mask before it is logged. */
  readonly text: string;
  /** Names joined with `;`, in order. */
  readonly signedHeaders: string;
}

/**
 * Headers that a proxy or the HTTP layer may change or add under way. The list is that of `@smithy/signature-v4`.
 * `content-length` is not in it: as in the SDK, it is signed when it is there at signing time.
 */
const UNSIGNABLE: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
]);

const NEEDS_FOLDING = /[\r\n\t]| {2}|^ | $/;
/** A path whose canonical form is itself: unreserved characters, no dot, no empty segment. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9\-_~]+)*\/?$/;

const isSignable = (name: string, unsigned: ReadonlySet<string> | undefined): boolean =>
  !UNSIGNABLE.has(name) && !name.startsWith("proxy-") && !name.startsWith("sec-") && unsigned?.has(name) !== true;

/** Searching for single characters is twice as fast as the expression, and most values hold none of them. */
const hasSpace = (value: string): boolean =>
  value.includes(" ") || value.includes("\t") || value.includes("\n") || value.includes("\r");

const fold = (value: string): string =>
  hasSpace(value) && NEEDS_FOLDING.test(value)
    ? value
        .replace(/[\r\n]/g, " ")
        .replace(/[ \t]+/g, " ")
        .replace(/^ | $/g, "")
    : value;

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  return kept.length === 0 ? "/" : `/${kept.join("/")}${path.endsWith("/") ? "/" : ""}`;
}

/**
 * @param path - wire form, starting with `/`
 * @param form - `as-is` signs it unchanged; `double-encoded` removes dot and empty segments and encodes it once more
 */
export function canonicalPath(path: string, form: CanonicalPath): string {
  if (form === "as-is" || path === "/" || PLAIN_PATH.test(path)) return path;
  return percentEncode(removeDotSegments(path)).replaceAll("%2F", "/");
}

/**
 * Encoded pairs, sorted by key and then by value; a null value signs as empty.
 * `X-Amz-Signature` is left out, so that a presigned request can be checked.
 */
export function canonicalQuery(query: HttpRequest["query"]): string {
  if (query === undefined) return "";
  const names = Object.keys(query);
  if (names.length === 0) return "";
  const pairs = new Map<string, string>();
  for (const name of names) {
    if (name.toLowerCase() === "x-amz-signature") continue;
    const key = percentEncode(name);
    const value = query[name];
    if (Array.isArray(value)) {
      if (value.length === 0) continue;
      const texts = value.map(percentEncode).sort();
      pairs.set(key, texts.map((text) => `${key}=${text}`).join("&"));
    } else {
      pairs.set(key, `${key}=${value ? percentEncode(value) : ""}`);
    }
  }
  // Whole pairs must not be compared: `=` sorts after `-` and `.`, which may follow the same letters in a longer key.
  const keys = [...pairs.keys()];
  if (keys.length > 1) keys.sort();
  let text = "";
  for (const key of keys) text += text === "" ? pairs.get(key) : `&${pairs.get(key)}`;
  return text;
}

/** Which of a request's headers are signed, in order. */
export interface SignedNames {
  readonly sorted: readonly string[];
  /** Joined with `;`. */
  readonly joined: string;
}

/** @param unsigned - header names to leave out besides those that are never signed */
export function signedNames(headers: HttpRequest["headers"], unsigned?: ReadonlySet<string>): SignedNames {
  const sorted: string[] = [];
  for (const name of Object.keys(headers)) {
    if (headers[name] !== undefined && isSignable(name, unsigned)) sorted.push(name);
  }
  sorted.sort();
  return { sorted, joined: sorted.join(";") };
}

/**
 * Builds the canonical request from the exact parts that go on the wire.
 * @param request - header names in lower case, `host` among them
 * @param form - how the service expects the path
 * @param payloadHash - lower-case hex SHA-256 of the body, or one of AWS's literals such as `UNSIGNED-PAYLOAD`
 * @param names - of the headers to sign
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
export function canonicalRequest(
  request: HttpRequest,
  form: CanonicalPath,
  payloadHash: string,
  { sorted, joined: signedHeaders }: SignedNames = signedNames(request.headers),
): CanonicalRequest {
  const { headers } = request;
  let lines = "";
  for (const name of sorted) lines += `${name}:${fold(headers[name]!)}\n`;
  const text = `${request.method}\n${canonicalPath(request.path, form)}\n${canonicalQuery(request.query)}\n${lines}\n${signedHeaders}\n${payloadHash}`;
  return { text, signedHeaders };
}
