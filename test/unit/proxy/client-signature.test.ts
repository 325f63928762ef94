/** Owns the cases of a client's signature: which are read, and what every other one is told. */
import assert from "node:assert/strict";
import { readClientSignature, withoutSignature } from "../../../utils/proxy/client-signature";
import { ProxyRefusal } from "../../../utils/proxy/proxy-refusal";

const NOW = Date.parse("2026-01-01T00:10:00Z");
const hex = "a".repeat(64);
const header = (
  credential = "SELECTOR/20260101/eu-west-1/s3/aws4_request",
  signed = "host;x-amz-date",
  signature = hex,
  algorithm = "AWS4-HMAC-SHA256",
) => `${algorithm} Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`;
const headers = (authorization: string, more: Record<string, string> = {}) => ({
  host: "127.0.0.1:1",
  "x-amz-date": "20260101T000000Z",
  authorization,
  ...more,
});
const query = (changes: Record<string, string> = {}) =>
  Object.entries({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "SELECTOR%2F20260101%2Feu-west-1%2Fs3%2Faws4_request",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Expires": "900",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": hex,
    ...changes,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
const kindOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof ProxyRefusal) return error.kind;
    throw error;
  }
  return "read";
};

describe("a client's signature", () => {
  it("is read from the header, spaces or not", () => {
    for (const text of [header(), header().replaceAll(", ", ",")]) {
      const { accessKeyId, region, service, signedHeaders, form } = readClientSignature(headers(text), "", NOW);
      assert.deepEqual(
        { accessKeyId, region, service, form, signed: [...signedHeaders] },
        { accessKeyId: "SELECTOR", region: "eu-west-1", service: "s3", form: "header", signed: ["host", "x-amz-date"] },
      );
    }
  });

  it("of SigV4a has a set of regions in place of one", () => {
    const text = header(
      "SELECTOR/20260101/s3/aws4_request",
      "host;x-amz-region-set",
      "3045aa".repeat(20),
      "AWS4-ECDSA-P256-SHA256",
    );
    const read = readClientSignature(headers(text, { "x-amz-region-set": "us-*,eu-west-1" }), "", NOW);
    assert.deepEqual([read.algorithm, read.region, read.regionSet], ["sigv4a", undefined, "us-*,eu-west-1"]);
  });

  it("is read from a query, and goes out of it without a trace", () => {
    const raw = `list-type=2&prefix=a%2Fb+c&${query({ "X-Amz-Security-Token": "t%2F1" })}&acl`;
    const read = readClientSignature({ host: "127.0.0.1:1" }, raw, NOW);
    assert.deepEqual([read.form, read.accessKeyId, read.sessionToken], ["query", "SELECTOR", "t/1"]);
    assert.equal(withoutSignature(raw), "list-type=2&prefix=a%2Fb+c&acl");
  });

  const refused: Readonly<Record<string, readonly [kind: string, read: () => unknown]>> = {
    "no signature": ["unsigned", () => readClientSignature({ host: "h" }, "a=b", NOW)],
    "two signatures": ["invalid", () => readClientSignature(headers(header()), query(), NOW)],
    "basic authentication": ["malformed-signature", () => readClientSignature(headers("Basic YTpi"), "", NOW)],
    "signature version 2": ["malformed-signature", () => readClientSignature(headers("AWS AKIA:c2ln"), "", NOW)],
    "a scope that is too short": [
      "malformed-signature",
      () => readClientSignature(headers(header("A/20260101/s3/aws4_request")), "", NOW),
    ],
    "a scope that is too long": [
      "malformed-signature",
      () => readClientSignature(headers(header("A/20260101/r/s3/x/aws4_request")), "", NOW),
    ],
    "a region with a dot": [
      "malformed-signature",
      () => readClientSignature(headers(header("A/20260101/evil.example/s3/aws4_request")), "", NOW),
    ],
    "a member twice": [
      "malformed-signature",
      () => readClientSignature(headers(`${header()}, Signature=${hex}`), "", NOW),
    ],
    "a host that is not signed": [
      "malformed-signature",
      () => readClientSignature(headers(header(undefined, "x-amz-date")), "", NOW),
    ],
    "a signed header that is not there": [
      "malformed-signature",
      () => readClientSignature(headers(header(undefined, "host;x-none")), "", NOW),
    ],
    "a signature of another form": [
      "malformed-signature",
      () => readClientSignature(headers(header(undefined, undefined, "abc")), "", NOW),
    ],
    "no date": [
      "malformed-signature",
      () => readClientSignature({ host: "h", authorization: header(undefined, "host") }, "", NOW),
    ],
    "an expired URL": ["expired-url", () => readClientSignature({ host: "h" }, query({ "X-Amz-Expires": "599" }), NOW)],
    "a URL for longer than a week": [
      "malformed-signature",
      () => readClientSignature({ host: "h" }, query({ "X-Amz-Expires": "604801" }), NOW),
    ],
    "a URL with a member twice": [
      "malformed-signature",
      () => readClientSignature({ host: "h" }, `${query()}&x-amz-credential=B`, NOW),
    ],
    "an algorithm named like a member of every object": [
      "malformed-signature",
      () => readClientSignature(headers(header(undefined, undefined, undefined, "constructor")), "", NOW),
    ],
  };
  for (const [name, [kind, read]] of Object.entries(refused)) {
    it(`is refused: ${name}`, () => assert.equal(kindOf(read), kind));
  }
});
