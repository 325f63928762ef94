/** Judges the verifier by the signatures that AWS prints in its own documentation. */
import assert from "node:assert/strict";
import { CredentialStore } from "../../utils/simulator/credential-store";
import { defaultWorld } from "../../utils/simulator/default-world";
import { presentedSignature } from "../../utils/simulator/presented-signature";
import { Refusal } from "../../utils/simulator/service-fault";
import { SignatureVerifier } from "../../utils/simulator/signature-verifier";
import type { WireRequest } from "../../utils/simulator/wire-request";

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const nowMs = Date.UTC(2013, 4, 24);
const scope = "20130524/us-east-1/s3/aws4_request";

function verifier(accessKeyId: string, secretAccessKey: string): SignatureVerifier {
  const world = {
    ...defaultWorld(),
    users: [
      {
        accountId: "123456789012",
        name: "example",
        userId: "AIDAEXAMPLE",
        accessKeys: [{ accessKeyId, secretAccessKey }],
        permissions: [],
      },
    ],
  };
  return new SignatureVerifier(
    new CredentialStore(
      world,
      (size) => Buffer.alloc(size),
      () => nowMs,
      undefined,
    ),
  );
}

const s3 = verifier("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

function request(method: string, target: string, headers: Record<string, string>, body = ""): WireRequest {
  const [rawPath, rawQuery = ""] = target.split("?") as [string, string?];
  return { method, rawPath, rawQuery, headers: new Map(Object.entries(headers)), body: Buffer.from(body) };
}

const authorization = (signedHeaders: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope},SignedHeaders=${signedHeaders},Signature=${signature}`;
const common = {
  host: "examplebucket.s3.amazonaws.com",
  "x-amz-content-sha256": emptyHash,
  "x-amz-date": "20130524T000000Z",
};

function verify(wire: WireRequest, service = "s3", by = s3, atMs = nowMs) {
  const presented = presentedSignature(wire);
  assert.ok(presented);
  return by.verify(wire, presented, { service, regions: ["us-east-1"], nowMs: atMs });
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const vectors: Readonly<Record<string, WireRequest>> = {
  "GET Object": request("GET", "/test.txt", {
    ...common,
    range: "bytes=0-9",
    authorization: authorization(
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
  }),
  "PUT Object": request(
    "PUT",
    "/test$file.text",
    {
      ...common,
      "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      authorization: authorization(
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
      ),
    },
    "Welcome to Amazon S3.",
  ),
  "GET Bucket Lifecycle": request("GET", "/?lifecycle", {
    ...common,
    authorization: authorization(
      "host;x-amz-content-sha256;x-amz-date",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
  }),
  "GET Bucket (List Objects)": request("GET", "/?max-keys=2&prefix=J", {
    ...common,
    authorization: authorization(
      "host;x-amz-content-sha256;x-amz-date",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
  }),
};

describe("simulator: signatures that AWS publishes", () => {
  for (const [name, wire] of Object.entries(vectors)) {
    it(`accepts ${name}`, () => {
      assert.equal(verify(wire).key.accessKeyId, "AKIAIOSFODNN7EXAMPLE");
    });
    it(`refuses ${name} with another method`, () => {
      assert.throws(
        () => verify({ ...wire, method: "PATCH" }),
        (error) => error instanceof Refusal && error.kind === "signature-mismatch",
      );
    });
  }

  it("accepts the presigned URL, and says when it has expired", () => {
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`;
    const wire = request("GET", `/test.txt?${query}`, { host: "examplebucket.s3.amazonaws.com" });
    assert.equal(verify(wire).key.accessKeyId, "AKIAIOSFODNN7EXAMPLE");
    assert.throws(() => verify(wire, "s3", s3, nowMs + 86_401_000), /Request has expired/);
  });

  it("accepts the signed chunks of a streaming upload and nothing else in their place", () => {
    const signatures = [
      "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ];
    const frames = [65536, 1024, 0].map(
      (size, index) => `${size.toString(16)};chunk-signature=${signatures[index]}\r\n${"a".repeat(size)}\r\n`,
    );
    const wire = request(
      "PUT",
      "/examplebucket/chunkObject.txt",
      {
        host: "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "content-length": "66824",
        authorization: authorization(
          "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        ),
      },
      frames.join(""),
    );
    assert.deepEqual(verify(wire).payload, Buffer.alloc(66560, "a"));
    const tampered = Buffer.from(wire.body);
    tampered[200] = "b".charCodeAt(0);
    assert.throws(
      () => verify({ ...wire, body: tampered }),
      (error) => error instanceof Refusal && error.kind === "signature-mismatch",
    );
  });

  it("accepts the IAM ListUsers example of the signing guide", () => {
    const iam = verifier("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    const wire = request("GET", "/?Action=ListUsers&Version=2010-05-08", {
      host: "iam.amazonaws.com",
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      "x-amz-date": "20150830T123600Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    });
    assert.equal(verify(wire, "iam", iam, Date.UTC(2015, 7, 30, 12, 36)).key.accessKeyId, "AKIDEXAMPLE");
  });
});
