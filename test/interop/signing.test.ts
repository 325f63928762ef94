/** Owns the comparison of our signatures with botocore's, an independent signer, on the exact wire bytes. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import path from "node:path";
import readline from "node:readline";
import { Readable } from "node:stream";
import fc from "fast-check";
import { wirePath } from "../../utils/http/wire-path";
import { HttpSigner } from "../../utils/signing/http-signer";
import { hostHeader } from "../../utils/types/host-header";
import type { HttpRequest } from "../../utils/types/http";
import { need, pythonWith } from "../support/needs";
import { SIGNED_NAMES, type SignerCase, signerCase } from "../unit/signing/requests";

const signer = new HttpSigner();
const RUNS = 600;

/** botocore keeps folding to spaces that Python knows, which are more than those of HTTP; both agree on these. */
const plainSpaces = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, "x")]));

describe("our signatures and botocore's", function () {
  this.timeout(60_000);
  let python: ChildProcessWithoutNullStreams;
  let answers: AsyncIterableIterator<string>;

  need(pythonWith("botocore"));
  before(() => {
    python = spawn("python3", [path.join(__dirname, "botocore_sign.py")]);
    python.stderr.pipe(process.stderr);
    answers = readline.createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  });

  after(() => {
    python?.stdin.end();
  });

  /** What botocore makes of the bytes that we send. */
  async function byBotocore(
    request: HttpRequest,
    example: SignerCase,
  ): Promise<{ authorization: string; date: string }> {
    const { authorization: _, ...headers } = request.headers;
    const body = typeof request.body === "string" || request.body instanceof Uint8Array ? request.body : "";
    const { method } = request;
    const url = `https://${hostHeader(request)}${wirePath(request)}`;
    const { path: form, service, region, dateMs, identity } = example;
    const line = {
      method,
      url,
      headers,
      body: Buffer.from(body).toString("base64"),
      ...identity,
      service,
      region,
      dateMs,
    };
    python.stdin.write(`${JSON.stringify({ ...line, path: form })}\n`);
    const answer = JSON.parse((await answers.next()).value as string) as { error?: string };
    assert.equal(answer.error, undefined);
    return answer as { authorization: string; date: string };
  }

  it(`agree on ${RUNS} hostile requests`, async () => {
    await fc.assert(
      fc.asyncProperty(signerCase(SIGNED_NAMES), async (example) => {
        const headers = plainSpaces(example.request.headers);
        const request: HttpRequest = { ...example.request, headers };
        const record = await signer.sign(request, example.identity, { ...example, scheme: "sigv4", payload: "sha256" });
        const expected = await byBotocore(request, example);
        assert.equal(request.headers["x-amz-date"], expected.date);
        assert.equal(request.headers["authorization"], expected.authorization, record?.canonicalRequest ?? "");
      }),
      { numRuns: RUNS },
    );
  });

  it("agree on keys that are known to trip signers", async () => {
    const keys = ["a b", "a+b", "a//b", "/a", "a/", "ü/漢/😀", "'()*!", "100%", "%2B", "a=b&c", "~x", "a;b", "@:,$"];
    for (const key of keys) {
      for (const form of ["as-is", "double-encoded"] as const) {
        const encoded = encodeURIComponent(key).replace(
          /[!'()*]/g,
          (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
        );
        const request: HttpRequest = {
          method: "PUT",
          protocol: "https:",
          hostname: "bucket.s3.eu-central-1.amazonaws.com",
          path: `/${encoded.replaceAll("%2F", "/")}`,
          query: { partNumber: "1", uploadId: "a/b+c==", tagging: null, empty: "" },
          headers: {},
          body: "x",
        };
        const identity = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/+=", sessionToken: "token/+==" };
        const example = {
          request,
          identity,
          path: form,
          service: "s3",
          region: "eu-central-1",
          dateMs: 1_700_000_000_000,
        };
        await signer.sign(request, identity, { ...example, scheme: "sigv4", payload: "sha256" });
        const expected = await byBotocore(request, example);
        assert.equal(request.headers["authorization"], expected.authorization, `${form} ${key}`);
      }
    }
  });

  it("agree on what the SDK signs for us, a stream of known hash", async () => {
    const hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    const request: HttpRequest = {
      method: "PUT",
      protocol: "https:",
      hostname: "example.amazonaws.com",
      path: "/a%20b",
      query: { acl: null },
      headers: { "x-amz-content-sha256": hash },
      body: Readable.from(["x"]),
    };
    const identity = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
    const example = { request, identity, service: "ec2", region: "us-east-1", dateMs: 1_700_000_000_000 };
    const options = { ...example, path: "double-encoded", scheme: "sigv4", payload: "sha256" } as const;
    await signer.sign(request, identity, options);
    const expected = await byBotocore(request, { ...example, path: "double-encoded" });
    assert.equal(request.headers["authorization"], expected.authorization);
  });
});
