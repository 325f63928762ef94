/** Owns the telling of successes that AWS never gave: a portal's page, a proxy's text, or nothing at all from somebody else. */
import type { NormalizedSchema } from "@smithy/core/schema";

type Headers = Readonly<Record<string, string>>;

const LOOKED_AT_BYTES = 256;
const PAGE =
  /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta)[\s>/]/i;
const DOCUMENT = /^\ufeff?\s*(?:$|[<{["])/;
const OPENING_BRACE = 0x7b;

/** Every service names the request in a header, and so do the stores and emulators that speak its protocols. */
const namesRequest = (headers: Headers): boolean => Object.keys(headers).some((name) => name.startsWith("x-amz"));

/**
 * Something that stands in between (a portal, a proxy, a wrong port) may answer any request with a success, and where
 * the body is not read by shape, nobody would notice.
 * @throws SyntaxError that says what was found
 */
export function refuseForeign(
  { headers, body }: { readonly headers: Headers; readonly body: Buffer },
  output: NormalizedSchema,
): void {
  if (body[0] === OPENING_BRACE) return;
  const expected = bodyOf(output);
  if (expected === "bytes") {
    refusePageInPlaceOfBytes(headers, body);
    return;
  }
  const start = body.toString("utf8", 0, LOOKED_AT_BYTES);
  if (PAGE.test(start)) throw new SyntaxError("a page of HTML");
  if (expected !== "nothing" || DOCUMENT.test(start) || namesRequest(headers)) return;
  throw new SyntaxError("text that no AWS service writes");
}

/**
 * Of bytes that somebody stored, a page may well be what was asked for.
 * @param body - undefined where it is on its way into a file
 * @throws SyntaxError for a page that nothing says AWS sent
 */
export function refusePageInPlaceOfBytes(headers: Headers, body: Uint8Array | undefined): void {
  if (namesRequest(headers)) return;
  const isPage =
    body === undefined
      ? /^text\/html\b/i.test(headers["content-type"] ?? "")
      : PAGE.test(Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, LOOKED_AT_BYTES)).toString("utf8"));
  if (isPage) throw new SyntaxError("a page of HTML");
}

/**
 * An output with members in its body is at least `{}` or an element.
 * @throws SyntaxError when nothing came, and nothing says that AWS sent it
 */
export function refuseNothing(
  { statusCode, headers }: { readonly statusCode: number; readonly headers: Headers },
  output: NormalizedSchema,
): void {
  if (statusCode === 200 && bodyOf(output) === "members" && !namesRequest(headers))
    throw new SyntaxError("no document");
}

/** What the body of an output holds: members, a structure or bytes as the whole of it, or nothing at all. */
function bodyOf(output: NormalizedSchema): "members" | "structure" | "bytes" | "nothing" {
  if (output.isUnitSchema()) return "nothing";
  for (const [, member] of output.structIterator()) {
    const { httpHeader, httpPrefixHeaders, httpResponseCode, httpPayload } = member.getMergedTraits();
    if (httpPayload) return member.isStructSchema() ? "structure" : "bytes";
    if (httpHeader === undefined && httpPrefixHeaders === undefined && !httpResponseCode) return "members";
  }
  return "nothing";
}
