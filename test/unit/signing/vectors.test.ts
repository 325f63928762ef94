/** Owns the judgement of our SigV4 by AWS's published figures. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { canonicalRequest } from "../../../utils/signing/canonical-request";
import { presign } from "../../../utils/signing/presign";
import { type SigV4Options, signSigV4 } from "../../../utils/signing/sign-sigv4";
import { SigningKey } from "../../../utils/signing/signing-key";
import { SigningKeyCache } from "../../../utils/signing/signing-key-cache";
import type { HttpRequest } from "../../../utils/types/http";
import suite from "../../vectors/sigv4.json";

interface Case {
  readonly name: string;
  readonly pathForm: SigV4Options["path"];
  readonly request: Pick<HttpRequest, "method" | "path" | "query" | "headers" | "body">;
  readonly sessionToken?: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
}

const keys = new SigningKeyCache();

describe("AWS's Signature Version 4 test suite", () => {
  const { accessKeyId, secretAccessKey, region, service } = suite;
  const dateMs = Date.parse(suite.date);
  for (const example of suite.cases as unknown as Case[]) {
    it(example.name, () => {
      const request: HttpRequest = {
        protocol: "https:",
        hostname: "example.amazonaws.com",
        ...example.request,
        headers: { ...example.request.headers },
      };
      const identity = {
        accessKeyId,
        secretAccessKey,
        ...(example.sessionToken && { sessionToken: example.sessionToken }),
      };
      const path = example.pathForm;
      const options = { service, region, dateMs, path, payload: "sha256", payloadHeader: "omitted" } as const;
      const record = signSigV4(request, identity, options, keys);
      assert.equal(record.canonicalRequest, example.canonicalRequest);
      assert.equal(record.stringToSign, example.stringToSign);
      assert.equal(record.signature, example.signature);
      assert.equal(request.headers["x-amz-date"], "20150830T123600Z");
      assert.match(request.headers["authorization"]!, new RegExp(`Signature=${example.signature}$`));
    });
  }
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
describe("the worked examples of the Amazon S3 API Reference", () => {
  const identity = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
  const dateMs = Date.UTC(2013, 4, 24);
  const options = { service: "s3", region: "us-east-1", dateMs, path: "as-is", payload: "sha256" } as const;
  const request = (parts: Partial<HttpRequest>): HttpRequest => ({
    method: "GET",
    protocol: "https:",
    hostname: "examplebucket.s3.amazonaws.com",
    path: "/",
    headers: {},
    ...parts,
  });

  it("GET Object", () => {
    const get = request({ path: "/test.txt", headers: { range: "bytes=0-9" } });
    const record = signSigV4(get, identity, options, keys);
    assert.match(record.stringToSign, /7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972$/);
    assert.equal(record.signature, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    assert.equal(record.signedHeaders, "host;range;x-amz-content-sha256;x-amz-date");
  });

  it("PUT Object, from the canonical request on, as it signs the Date header that we leave out", () => {
    const hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    assert.equal(createHash("sha256").update("Welcome to Amazon S3.").digest("hex"), hash);
    const headers = {
      date: "Fri, 24 May 2013 00:00:00 GMT",
      host: "examplebucket.s3.amazonaws.com",
      "x-amz-content-sha256": hash,
      "x-amz-date": "20130524T000000Z",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    };
    const { text } = canonicalRequest(request({ method: "PUT", path: "/test%24file.text", headers }), "as-is", hash);
    const textHash = createHash("sha256").update(text).digest("hex");
    const key = new SigningKey(identity.secretAccessKey, "20130524", "us-east-1", "s3");
    assert.equal(
      key.sign(`AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n${textHash}`),
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
  });

  it("GET Bucket Lifecycle: a key without a value", () => {
    for (const value of [null, ""]) {
      const record = signSigV4(request({ query: { lifecycle: value } }), identity, options, keys);
      assert.equal(record.signature, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    }
  });

  it("GET Bucket (List Objects)", () => {
    const list = request({ query: { "max-keys": "2", prefix: "J" } });
    const record = signSigV4(list, identity, options, keys);
    assert.equal(record.signature, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  it("a presigned URL", async () => {
    const get = request({ path: "/test.txt" });
    const url = await presign(get, identity, { ...options, payload: "unsigned" }, 86_400);
    assert.equal(
      new URL(url).searchParams.get("X-Amz-Signature"),
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    );
    assert.deepEqual(get.headers, {}, "the request given stays as it is");
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
describe("the worked example of the IAM ListUsers request", () => {
  it("gives the published intermediates and signature", () => {
    const request: HttpRequest = {
      method: "GET",
      protocol: "https:",
      hostname: "iam.amazonaws.com",
      path: "/",
      query: { Action: "ListUsers", Version: "2010-05-08" },
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    };
    const identity = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
    const record = signSigV4(
      request,
      identity,
      {
        service: "iam",
        region: "us-east-1",
        dateMs: Date.parse("2015-08-30T12:36:00Z"),
        path: "double-encoded",
        payload: "sha256",
        payloadHeader: "omitted",
      },
      keys,
    );
    assert.equal(
      record.stringToSign,
      "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\nf536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
    );
    assert.equal(
      request.headers["authorization"],
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
  });
});
