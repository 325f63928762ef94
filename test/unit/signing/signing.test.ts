/** Owns what the signers promise beside their figures. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { canonicalPath, canonicalQuery } from "../../../utils/signing/canonical-request";
import { HttpSigner, type SigningOptions } from "../../../utils/signing/http-signer";
import { presign } from "../../../utils/signing/presign";
import { signSigV4 } from "../../../utils/signing/sign-sigv4";
import { SigningKey } from "../../../utils/signing/signing-key";
import { SigningKeyCache } from "../../../utils/signing/signing-key-cache";
import type { HttpRequest } from "../../../utils/types/http";

const identity = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const options: SigningOptions = {
  scheme: "sigv4",
  service: "s3",
  region: "us-east-1",
  dateMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  path: "as-is",
  payload: "sha256",
};
const request = (parts: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "PUT",
  protocol: "https:",
  hostname: "bucket.s3.amazonaws.com",
  path: "/key",
  headers: {},
  ...parts,
});
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

describe("SigningKey", () => {
  it("equals HMAC-SHA256 of the platform for every secret and text", () => {
    fc.assert(
      fc.property(fc.string(), fc.oneof(fc.string(), fc.string({ minLength: 150, maxLength: 700 })), (secret, text) => {
        const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, "20260102"), "r"), "s"), "aws4_request");
        assert.equal(new SigningKey(secret, "20260102", "r", "s").sign(text), hmac(key, text).toString("hex"));
      }),
    );
  });
});

describe("SigningKeyCache", () => {
  it("never answers the key of another secret under the same access key id", () => {
    const keys = new SigningKeyCache();
    const sign = (secretAccessKey: string) =>
      keys.key("AK/d/r/s", { accessKeyId: "AK", secretAccessKey }, "d", "r", "s");
    const first = sign("one").sign("text");
    assert.notEqual(sign("two").sign("text"), first);
    assert.equal(sign("one").sign("text"), first);
  });

  it("stays bounded and keeps the key that is in use", () => {
    const keys = new SigningKeyCache(2);
    const get = (credential: string) => keys.key(credential, identity, "d", "r", "s");
    const kept = get("a");
    get("b");
    get("a");
    get("c");
    assert.equal(get("a"), kept);
    const b = get("b");
    assert.equal(get("b"), b);
  });

  it("formats whole seconds in UTC", () => {
    const keys = new SigningKeyCache();
    assert.equal(keys.timestamp(0), "19700101T000000Z");
    assert.equal(keys.timestamp(Date.UTC(2024, 1, 29, 23, 59, 59, 999)), "20240229T235959Z");
    assert.equal(keys.timestamp(Date.UTC(2024, 2, 1)), "20240301T000000Z");
  });
});

describe("the canonical request", () => {
  it("sorts by key before value, so that a key that continues another comes after it", () => {
    assert.equal(canonicalQuery({ "a-b": "1", a: ["2", "1"], "a.b": "3" }), "a=1&a=2&a-b=1&a.b=3");
  });

  it("signs a key without a value as empty, as servers read it", () => {
    assert.equal(canonicalQuery({ acl: null }), "acl=");
  });

  it("keeps S3 keys to the byte and encodes all others once more", () => {
    for (const path of ["/a//b", "/a%20b", "/%2B", "/a+b", "/'()*!", "/./a/../b/"]) {
      assert.equal(canonicalPath(path, "as-is"), path);
    }
    assert.equal(canonicalPath("/a%20b/%2B", "double-encoded"), "/a%2520b/%252B");
    assert.equal(canonicalPath("/a//b/./c/../d/", "double-encoded"), "/a/b/d/");
  });
});

describe("signSigV4", () => {
  const keys = new SigningKeyCache();

  it("writes the port into Host unless it is the protocol's own, and signs it", () => {
    const ported = request({ port: 8443 });
    signSigV4(ported, identity, options, keys);
    assert.equal(ported.headers["host"], "bucket.s3.amazonaws.com:8443");
    const plain = request({ port: 443 });
    signSigV4(plain, identity, options, keys);
    assert.equal(plain.headers["host"], "bucket.s3.amazonaws.com");
    const six = request({ hostname: "fd00:ec2::254", protocol: "http:", port: 80 });
    signSigV4(six, identity, options, keys);
    assert.equal(six.headers["host"], "[fd00:ec2::254]");
  });

  it("refuses an identity without keys instead of signing as nobody", () => {
    for (const empty of [
      { accessKeyId: "", secretAccessKey: "s" },
      { accessKeyId: "AK", secretAccessKey: "" },
    ]) {
      assert.throws(
        () => signSigV4(request(), empty, options, keys),
        (error) => error instanceof AdapterError && error.code === "NO_CREDENTIALS",
      );
    }
  });

  it("signs UNSIGNED-PAYLOAD when told to, and a given hash as it is", () => {
    const unsigned = request({ body: "x" });
    signSigV4(unsigned, identity, { ...options, payload: "unsigned" }, keys);
    assert.equal(unsigned.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    const given = request({ body: "x", headers: { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" } });
    const record = signSigV4(given, identity, options, keys);
    assert.match(record.canonicalRequest, /\nSTREAMING-UNSIGNED-PAYLOAD-TRAILER$/);
  });
});

describe("HttpSigner", () => {
  const signer = new HttpSigner();

  it("signs a body in memory at once and a stream through the SDK, with the same intermediates", async () => {
    const buffered = request({ body: "", headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } });
    const streamed = request({ body: Readable.from(["x"]), query: { partNumber: "1", acl: null } });
    const own = signer.sign({ ...buffered, query: { partNumber: "1", acl: null } }, identity, options);
    assert.ok(own && !(own instanceof Promise));
    const pending = signer.sign(streamed, identity, options);
    assert.ok(pending instanceof Promise);
    assert.deepEqual(await pending, own);
    assert.match(streamed.headers["authorization"]!, new RegExp(own.signature));
    assert.equal(streamed.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
  });

  it("leaves an unsigned operation as it is", () => {
    const plain = request();
    assert.equal(signer.sign(plain, identity, { ...options, scheme: "none" }), undefined);
    assert.deepEqual(plain.headers, {});
  });

  it("signs for several regions with SigV4a and records what it signed", async () => {
    const plain = request({ body: "x" });
    const withToken = { ...identity, sessionToken: "token" };
    const record = await signer.sign(plain, withToken, { ...options, scheme: "sigv4a", region: "*" });
    assert.match(
      plain.headers["authorization"]!,
      /^AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE\/20260102\/s3\/aws4_request, /,
    );
    assert.equal(plain.headers["x-amz-region-set"], "*");
    assert.equal(record?.credentialScope, "20260102/s3/aws4_request");
    assert.match(record?.canonicalRequest ?? "", /\nx-amz-region-set:\*\n/);
    assert.match(record?.signature ?? "", /^30[0-9a-f]+$/);
    // Signed again as somebody else, nothing of the first identity stays.
    await signer.sign(plain, identity, options);
    assert.equal(plain.headers["x-amz-security-token"], undefined);
  }).timeout(20_000);
});

describe("presign", () => {
  it("carries the token once, in the query, and leaves content headers to whoever uses the URL", async () => {
    const put = request({ headers: { "content-type": "text/plain" }, path: "/a%20b" });
    const url = await presign(put, { ...identity, sessionToken: "to/ken+=" }, { ...options, payload: "unsigned" }, 60);
    const { searchParams, pathname } = new URL(url);
    assert.equal(pathname, "/a%20b");
    assert.deepEqual(searchParams.getAll("X-Amz-Security-Token"), ["to/ken+="]);
    assert.equal(searchParams.get("x-amz-security-token"), null);
    assert.equal(searchParams.get("X-Amz-SignedHeaders"), "host");
    assert.equal(searchParams.get("X-Amz-Expires"), "60");
  });

  it("refuses a lifetime that AWS refuses", async () => {
    for (const seconds of [0, 604_801, 1.5, Number.NaN]) {
      await assert.rejects(
        presign(request(), identity, options, seconds),
        (error) => error instanceof AdapterError && error.code === "INVALID_INPUT",
      );
    }
  });
});
