/** Owns the proof that what signatures share makes none of them another: each is what a signer without a past makes. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { signSigV4 } from "../../../utils/signing/sign-sigv4";
import { SigningKey } from "../../../utils/signing/signing-key";
import { SigningKeyCache } from "../../../utils/signing/signing-key-cache";
import type { HttpRequest } from "../../../utils/types/http";

/** Few of each, so that they come again, alone and together. */
const headerNames = fc.uniqueArray(
  fc.constantFrom("content-type", "x-amz-target", "user-agent", "x-amz-meta-b", "x-amz-meta-a", "x-amzn-trace-id"),
  { maxLength: 5 },
);
const call = fc.record({
  names: headerNames,
  missing: fc.constantFrom("", "x-amz-meta-a", "x-amz-meta-b"),
  body: fc.constantFrom("", "Action=A", "{}"),
  identity: fc.record({
    accessKeyId: fc.constantFrom("AKIDONE", "AKIDTWO"),
    secretAccessKey: fc.constantFrom("first", "second"),
    sessionToken: fc.constantFrom(undefined, "token", "another"),
  }),
  dateMs: fc.constantFrom(0, 999, 86_399_999, 86_400_000, 1_764_000_000_000),
  region: fc.constantFrom("eu-west-1", "us-east-1"),
  service: fc.constantFrom("ec2", "sts"),
  unsignedHeaders: fc.constantFrom(undefined, new Set(["x-amz-meta-a"])),
});

describe("Signatures that share a cache", () => {
  it("are those that a cache of their own gives them", () => {
    const shared = new SigningKeyCache(3);
    const check = (calls: readonly (typeof call extends fc.Arbitrary<infer Call> ? Call : never)[]): void => {
      for (const { names, missing, body, identity, unsignedHeaders, ...options } of calls) {
        const signed = [shared, new SigningKeyCache()].map((keys) => {
          const headers: Record<string, string | undefined> = {};
          for (const name of names) headers[name] = name === missing ? undefined : `value of ${name}`;
          const parts = { method: "POST", protocol: "https:", hostname: "ec2.example", path: "/", body } as const;
          const request = { ...parts, headers: headers as Record<string, string> } as HttpRequest;
          const { sessionToken, ...pair } = identity;
          const who = sessionToken === undefined ? pair : { ...pair, sessionToken };
          const given = { ...options, path: "double-encoded", payload: "sha256" } as const;
          const record = signSigV4(request, who, unsignedHeaders ? { ...given, unsignedHeaders } : given, keys);
          return { record, headers: request.headers };
        });
        assert.deepEqual(signed[0], signed[1]);
      }
    };
    fc.assert(fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), check), { numRuns: 300 });
  });

  it("are HMAC-SHA256, whatever the same key signed before", () => {
    const key = new SigningKey("secret", "20260101", "eu-west-1", "ec2");
    const derive = (from: string | Buffer, text: string) => createHmac("sha256", from).update(text).digest();
    const parts = ["20260101", "eu-west-1", "ec2", "aws4_request"];
    const derived = parts.reduce<string | Buffer>(derive, "AWS4secret");
    const text = fc.string({ unit: "binary", maxLength: 300 });
    const check = (texts: readonly string[]): void => {
      for (const one of texts) assert.equal(key.sign(one), createHmac("sha256", derived).update(one).digest("hex"));
    };
    fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), check), { numRuns: 300 });
  });
});
