/** Owns the reading of what AWS itself computed, which it tells along with the refusal of a signature. */

/** The two intermediates of Signature Version 4, as far as the answer holds them. */
export interface SignedByAws {
  readonly canonicalRequest?: string;
  readonly stringToSign?: string;
}

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const xmlDecoded = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex: string, decimal: string, name: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

function element(body: string, name: string): string | undefined {
  const start = body.indexOf(`<${name}>`);
  if (start === -1) return undefined;
  const end = body.indexOf(`</${name}>`, start);
  return end === -1 ? undefined : xmlDecoded(body.slice(start + name.length + 2, end));
}

/** JSON services put the whole explanation into one member, lines escaped. */
function messageOf(body: string): string {
  const start = body.search(/"message"\s*:/i);
  if (start === -1) return xmlDecoded(body);
  try {
    const { message, Message } = JSON.parse(body) as { message?: unknown; Message?: unknown };
    return String(message ?? Message ?? "");
  } catch {
    return body;
  }
}

const quoted = (message: string, heading: string): string | undefined => {
  const start = message.indexOf(heading);
  if (start === -1) return undefined;
  const open = message.indexOf("'", start + heading.length);
  // A canonical request may hold an apostrophe; the closing one ends its line.
  const end = /'\s*(?:\n\s*\n|$|<)/.exec(message.slice(open + 1));
  return open === -1 || end === null ? undefined : message.slice(open + 1, open + 1 + end.index);
};

/**
 * @param body - of the refusal: S3 has elements of their own for it, STS, SQS and the JSON services tell it in the message,
 * EC2 tells nothing
 * @returns what the answer holds, session token and all; undefined when it holds neither
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function signedByAws(body: string): SignedByAws | undefined {
  let canonicalRequest = element(body, "CanonicalRequest");
  let stringToSign = element(body, "StringToSign");
  if (canonicalRequest === undefined && stringToSign === undefined) {
    if (!/should have been/.test(body)) return undefined;
    const message = messageOf(body);
    canonicalRequest = quoted(message, "Canonical String for this request should have been");
    stringToSign = quoted(message, "String-to-Sign should have been");
  }
  if (canonicalRequest === undefined && stringToSign === undefined) return undefined;
  return {
    ...(canonicalRequest === undefined ? {} : { canonicalRequest }),
    ...(stringToSign === undefined ? {} : { stringToSign }),
  };
}
