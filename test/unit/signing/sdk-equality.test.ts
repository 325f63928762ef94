/** Owns the comparison of our SigV4 with the SDK's signer on generated requests. */
import assert from "node:assert/strict";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { Sha256, watch } from "../../../utils/signing/sdk-signers";
import { signSigV4 } from "../../../utils/signing/sign-sigv4";
import { SigningKeyCache } from "../../../utils/signing/signing-key-cache";
import { hostHeader } from "../../../utils/types/host-header";
import type { HttpRequest } from "../../../utils/types/http";
import { SIGNED_NAMES, type SignerCase, signerCase, UNSIGNED_NAMES } from "./requests";

const keys = new SigningKeyCache(50);

async function bySdk(example: SignerCase, unsigned?: Set<string>) {
  const { request, identity, service, region } = example;
  const uriEscapePath = example.path === "double-encoded";
  const signer = new SignatureV4({ credentials: identity, region, service, sha256: Sha256, uriEscapePath });
  const seen = watch(signer);
  const headers: Record<string, string> = { ...request.headers, host: hostHeader(request) };
  delete headers["x-amz-security-token"]; // The SDK signs a fresh copy each time and never meets an old token.
  const { method, protocol, hostname, path, query = {}, body } = request;
  const toSign = { method, protocol, hostname, path, query: query as Record<string, string | string[]>, headers, body };
  const signed = await signer.sign(toSign, {
    signingDate: new Date(example.dateMs),
    ...(unsigned && { unsignableHeaders: unsigned }),
  });
  return { ...seen, headers: signed.headers };
}

describe("our SigV4 and the SDK's", () => {
  it("agree on canonical request, string to sign and every header of generated requests", async () => {
    await fc.assert(
      fc.asyncProperty(signerCase([...SIGNED_NAMES, ...UNSIGNED_NAMES]), async (example) => {
        const expected = await bySdk(example);
        const request: HttpRequest = { ...example.request, headers: { ...example.request.headers } };
        const record = signSigV4(request, example.identity, { ...example, payload: "sha256" }, keys);
        assert.equal(record.canonicalRequest, expected.canonicalRequest);
        assert.equal(record.stringToSign, expected.stringToSign);
        assert.equal(record.credentialScope, expected.credentialScope);
        assert.deepEqual(request.headers, expected.headers);
      }),
      { numRuns: 3000 },
    );
  }).timeout(60_000);

  it("agree when more headers are left unsigned", async () => {
    const unsigned = new Set(["content-length", "content-type", "x-amz-acl"]);
    await fc.assert(
      fc.asyncProperty(signerCase(SIGNED_NAMES), async (example) => {
        const expected = await bySdk(example, unsigned);
        const request: HttpRequest = { ...example.request, headers: { ...example.request.headers } };
        const options = { ...example, payload: "sha256", unsignedHeaders: unsigned } as const;
        signSigV4(request, example.identity, options, keys);
        assert.equal(request.headers["authorization"], expected.headers["authorization"]);
      }),
      { numRuns: 300 },
    );
  }).timeout(20_000);

  it("agree on a request that was signed before as somebody else", async () => {
    await fc.assert(
      fc.asyncProperty(signerCase(SIGNED_NAMES), signerCase(SIGNED_NAMES), async (first, second) => {
        const expected = await bySdk({ ...second, request: first.request });
        const request: HttpRequest = { ...first.request, headers: { ...first.request.headers } };
        signSigV4(request, first.identity, { ...first, payload: "sha256" }, keys);
        signSigV4(request, second.identity, { ...second, payload: "sha256" }, keys);
        assert.deepEqual(request.headers, expected.headers);
      }),
      { numRuns: 300 },
    );
  }).timeout(20_000);
});
