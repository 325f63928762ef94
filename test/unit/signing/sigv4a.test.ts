/** Owns the judgement of SigV4a: AWS's published signatures judge the verifier, and the verifier judges ours. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { HttpSigner } from "../../../utils/signing/http-signer";
import type { HttpRequest } from "../../../utils/types/http";
import { isSignedBy, publicPoint, type WireRequest } from "../../support/verify-sigv4a";
import suite from "../../vectors/sigv4a.json";

interface Vector {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly body?: string;
}

const { accessKeyId, secretAccessKey, publicKey, service, regionSet, host } = suite;
const vectors = suite.cases as unknown as readonly Vector[];
const dateMs = Date.parse("2015-08-30T12:36:00Z");
const signer = new HttpSigner();

const published = (vector: Vector): WireRequest => ({
  ...vector,
  headers: {
    ...vector.headers,
    Host: host,
    "X-Amz-Date": suite.date,
    "X-Amz-Region-Set": regionSet,
    Authorization: `AWS4-ECDSA-P256-SHA256 Credential=${accessKeyId}/20150830/${service}/aws4_request, SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`,
  },
});

const identity = { accessKeyId, secretAccessKey };
const options = { scheme: "sigv4a", service, dateMs, payload: "sha256" } as const;

async function ours(request: HttpRequest, region: string, path: "double-encoded" | "as-is"): Promise<WireRequest> {
  await signer.sign(request, identity, { ...options, region, path });
  const pairs = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
  );
  const target = pairs.length === 0 ? request.path : `${request.path}?${pairs.join("&")}`;
  return { method: request.method, target, headers: request.headers, body: request.body as string };
}

describe("AWS's Signature Version 4A test suite", () => {
  it("gives the public key that AWS published", () => {
    assert.deepEqual(publicPoint(accessKeyId, secretAccessKey), publicKey);
  });

  for (const vector of vectors) {
    it(`${vector.name}: the published signature is accepted, and ours of the same request`, async () => {
      assert.ok(isSignedBy(publicKey, published(vector), "twice"), "AWS's own");
      assert.ok(!isSignedBy(publicKey, { ...published(vector), method: "PUT" }, "twice"), "a changed method");
      const [path = "", query = ""] = vector.target.split("?");
      const request: HttpRequest = {
        method: vector.method,
        protocol: "https:",
        hostname: host,
        path: encodeURI(path),
        query: Object.fromEntries(new URLSearchParams(query)),
        headers: Object.fromEntries(Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value])),
        body: vector.body ?? "",
      };
      const signed = await ours(request, regionSet, "double-encoded");
      assert.ok(isSignedBy(publicKey, signed, "twice"));
      assert.ok(!isSignedBy(publicKey, { ...signed, target: `${signed.target}x` }, "twice"));
      assert.equal(signed.headers["x-amz-region-set"], regionSet);
    });
  }

  it("holds for any request", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "Z", "0", "-", "_", ".", "~", " ", "+", "é", "/", "*", "'") });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "PUT", "DELETE"),
        fc.array(
          text.filter((one) => one !== "." && one !== ".." && !one.includes("/")),
          { maxLength: 3 },
        ),
        fc.dictionary(
          text.filter((one) => one !== ""),
          text,
          { maxKeys: 3, noNullPrototype: true },
        ),
        text,
        async (method, segments, query, body) => {
          const path = `/${segments.map((one) => encodeURIComponent(one).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)).join("/")}`;
          const request: HttpRequest = { method, protocol: "https:", hostname: host, path, query, headers: {}, body };
          assert.ok(isSignedBy(publicKey, await ours(request, "*", "as-is"), "once"));
        },
      ),
      { numRuns: 25 },
    );
  });
});
