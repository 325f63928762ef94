/** Owns the generators of hostile requests that the signers are compared on. */
import fc from "fast-check";
import type { HttpRequest } from "../../../utils/types/http";
import { percentEncode } from "../../../utils/types/percent-encoding";

const HOSTILE = ["a", "Z", "0", "-", "_", ".", "~", " ", "+", "/", "'", "(", ")", "*", "!", "%", "%2B", "%2F", "&"];
const MORE = [
  "=",
  "?",
  "#",
  "@",
  "$",
  ",",
  ";",
  ":",
  '"',
  "<",
  "|",
  "\\",
  "ä",
  "ሴ",
  "漢",
  "😀",
  "\u00a0",
  "\u0000",
  "\n",
];

/** Text of characters that URLs, encoders and signers trip over. */
export const hostileText = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...HOSTILE, ...MORE), { maxLength }).map((parts) => parts.join(""));

/** A wire path: what a protocol makes of hostile labels, with empty and dot segments left in. */
export const wirePath: fc.Arbitrary<string> = fc
  .array(fc.oneof(hostileText(6).map(percentEncode), fc.constantFrom("", ".", "..", "a", "b c".replace(" ", "%20"))), {
    maxLength: 6,
  })
  .map((segments) => `/${segments.join("/")}`);

const queryKey = fc.oneof(
  hostileText(5),
  fc.constantFrom("Param", "Param-3", "Param.1", "Action", "prefix", "X-Amz-A"),
);
export const query: fc.Arbitrary<Record<string, string | string[]>> = fc.dictionary(
  queryKey.filter((key) => key !== "" && key !== "__proto__"),
  fc.oneof(hostileText(8), fc.array(hostileText(4), { maxLength: 4 })),
  { maxKeys: 6, noNullPrototype: true },
);

const visible = "ab  ,;=\"'\t%/+ Zä";
const headerValue = fc.array(fc.constantFrom(...visible), { maxLength: 24 }).map((parts) => parts.join(""));

/** Headers, of names as any service uses them and of names that a signer must leave out. */
export const headersOf = (names: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc.dictionary(fc.constantFrom(...names), headerValue, { maxKeys: 8, noNullPrototype: true });

export const SIGNED_NAMES = [
  "content-type",
  "content-length",
  "content-md5",
  "accept",
  "range",
  "if-match",
  "x-amz-target",
  "x-amz-meta-note",
  "x-amz-acl",
  "my-header1",
  "my.header",
  "x-amzn-other",
] as const;

export const UNSIGNED_NAMES = [
  ...["authorization", "cache-control", "connection", "expect", "from", "keep-alive", "max-forwards", "pragma"],
  ...["referer", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"],
  ...["proxy-authorization", "proxy-connection", "sec-fetch-mode", "date", "x-amz-date", "x-amz-security-token"],
] as const;

export const body: fc.Arbitrary<string | Uint8Array | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant(""),
  hostileText(40),
  fc.uint8Array({ maxLength: 40 }),
);

export interface SignerCase {
  readonly request: HttpRequest;
  readonly identity: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly path: "double-encoded" | "as-is";
  readonly service: string;
  readonly region: string;
  readonly dateMs: number;
}

/** Whole cases over `headerNames`. */
export const signerCase = (headerNames: readonly string[]): fc.Arbitrary<SignerCase> =>
  fc
    .record({
      method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"),
      path: wirePath,
      query,
      headers: headersOf(headerNames),
      body,
      port: fc.option(fc.constantFrom(443, 8443, 5000), { nil: undefined }),
      secret: fc.string({ minLength: 1, maxLength: 44 }),
      token: fc.option(fc.constantFrom("AQoDYXdzEPT//////////wEXAMPLE==", "token with  spaces"), { nil: undefined }),
      form: fc.constantFrom("double-encoded" as const, "as-is" as const),
      service: fc.constantFrom("s3", "ec2", "execute-api"),
      region: fc.constantFrom("us-east-1", "eu-central-1", "cn-north-1"),
      dateMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    })
    .map((made) => ({
      request: {
        method: made.method,
        protocol: "https:" as const,
        hostname: "example.amazonaws.com",
        ...(made.port !== undefined && { port: made.port }),
        path: made.path,
        query: made.query,
        headers: made.headers,
        ...(made.body !== undefined && { body: made.body }),
      },
      identity: {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: made.secret,
        ...(made.token !== undefined && { sessionToken: made.token }),
      },
      path: made.form,
      service: made.service,
      region: made.region,
      dateMs: made.dateMs,
    }));
