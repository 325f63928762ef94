/** Owns the percent-encoding that a signature and the wire must share: everything but RFC 3986 unreserved characters. */

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const LEFT_BY_JAVASCRIPT = /[!'()*]/g;
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

const encodeByte = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * Encodes one key, value or path segment as UTF-8, a space as `%20`, hex in upper case.
 * A lone surrogate becomes U+FFFD, as it does when a body is encoded.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (UriEncode)
 */
export function percentEncode(text: string): string {
  try {
    return percentEncodeExactly(text);
  } catch {
    return percentEncodeExactly(text.replace(LONE_SURROGATES, "\uFFFD"));
  }
}

/**
 * The same for text that must arrive as it is.
 * @throws URIError for a lone surrogate
 */
export function percentEncodeExactly(text: string): string {
  return UNRESERVED.test(text) ? text : encodeURIComponent(text).replace(LEFT_BY_JAVASCRIPT, encodeByte);
}
