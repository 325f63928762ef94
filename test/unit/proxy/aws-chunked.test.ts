/** Owns the cases of aws-chunked bodies: AWS's published example, any split of any body, and everything that is broken. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { ChunkReader } from "../../../utils/proxy/chunk-reader";
import { ChunkWriter, encodedLength } from "../../../utils/proxy/chunk-writer";
import { SigningKey } from "../../../utils/signing/signing-key";
import { decodeStreamingPayload } from "../../../utils/simulator/aws-chunked";

const EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const scope = "20130524/us-east-1/s3/aws4_request";
const seed = {
  key: new SigningKey(EXAMPLE_SECRET, "20130524", "us-east-1", "s3"),
  signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  timestamp: "20130524T000000Z",
  scope,
};

async function through(body: Uint8Array, stage: ChunkReader | ChunkWriter, size = 1000): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) parts.push(Buffer.from(body.subarray(at, at + size)));
  const collected = buffer(stage);
  const [whole] = await Promise.all(
    [collected, pipeline(Readable.from(parts, { objectMode: false }), stage, { end: true })].map((promise) =>
      promise.catch((error: unknown) => error),
    ),
  );
  if (whole instanceof Error) throw whole;
  return whole as Buffer;
}

describe("aws-chunked bodies", () => {
  it("are signed as in AWS's published example", async () => {
    const written = (await through(Buffer.alloc(66_560, "a"), new ChunkWriter(() => [], seed))).toString("latin1");
    const signatures = [...written.matchAll(/chunk-signature=([0-9a-f]{64})/g)].map(([, signature]) => signature);
    assert.deepEqual(signatures, [
      "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ]);
    assert.equal(written.length, 66_824);
    assert.equal(encodedLength(66_560, [], "signed"), 66_824);
  });

  it("have the announced length, come back whole, and their signatures and trailers hold", async () => {
    const signingKey = ["20130524", "us-east-1", "s3", "aws4_request"].reduce<Buffer | string>(
      (key, text) => createHmac("sha256", key).update(text).digest(),
      `AWS4${EXAMPLE_SECRET}`,
    ) as Buffer;
    const trailers = [["x-amz-checksum-crc32", "AAAAAA=="]] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 200_000 }),
        fc.integer({ min: 50, max: 70_000 }),
        fc.boolean(),
        fc.boolean(),
        async (length, size, signed, trailing) => {
          const body = Buffer.alloc(length, "0123456789abcdef");
          const names = trailing ? ["x-amz-checksum-crc32"] : [];
          const written = await through(
            body,
            new ChunkWriter(() => (trailing ? trailers : []), signed ? seed : undefined),
            size,
          );
          assert.equal(written.length, encodedLength(length, names, signed ? "signed" : "unsigned"));
          const reader = new ChunkReader(length, names);
          assert.ok((await through(written, reader, size)).equals(body));
          assert.deepEqual(reader.trailers, trailing ? trailers : []);
          if (!signed) return;
          const headers = new Map([["x-amz-decoded-content-length", String(length)]]);
          const declared = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailing ? "-TRAILER" : ""}`;
          const request = { method: "PUT", rawPath: "/", rawQuery: "", headers, body: written };
          const streaming = { signingKey, seed: seed.signature, scope, timestamp: seed.timestamp };
          assert.ok(decodeStreamingPayload(request, declared, streaming).equals(body));
        },
      ),
      { numRuns: 15 },
    );
  });

  it("are read in frames of any size, split anywhere, with or without the last line end", async () => {
    const text = `3;chunk-signature=${"0".repeat(64)}\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Amz-Checksum-Crc32: AAAAAA== \r\n`;
    for (const body of [text, `${text}\r\n`]) {
      for (let size = 1; size < body.length; size += 7) {
        const reader = new ChunkReader(13, ["x-amz-checksum-crc32"]);
        assert.equal((await through(Buffer.from(body), reader, size)).toString(), "abc0123456789");
        assert.deepEqual(reader.trailers, [["x-amz-checksum-crc32", "AAAAAA=="]]);
      }
    }
  });

  const broken: Readonly<
    Record<string, readonly [body: string, length: number, trailers: readonly string[], words: RegExp]>
  > = {
    "a frame longer than it says": ["3\r\nabcd\r\n0\r\n\r\n", 3, [], /longer than it says/],
    "a frame shorter than it says": ["5\r\nabc\r\n0\r\n\r\n", 5, [], /longer than it says|ends before/],
    "a length that is no number": ["zz\r\nabc\r\n0\r\n\r\n", 3, [], /how long it is/],
    "a negative length": ["-3\r\nabc\r\n0\r\n\r\n", 3, [], /how long it is/],
    "a length beyond counting": [`${"f".repeat(14)}\r\nabc`, 3, [], /how long it is/],
    "more than was announced": ["4\r\nabcd\r\n0\r\n\r\n", 3, [], /longer than x-amz-decoded/],
    "less than was announced": ["3\r\nabc\r\n0\r\n\r\n", 4, [], /shorter than x-amz-decoded/],
    "an end in the middle": ["3\r\nab", 3, [], /ends before/],
    "no last frame": ["3\r\nabc\r\n", 3, [], /ends before/],
    "something behind the end": ["3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 3, [], /follows its end/],
    "lines that end in LF alone": ["3\nabc\n0\n\n", 3, [], /does not end as it should/],
    "a line without end": ["0".repeat(10_000), 3, [], /too long/],
    "a trailer that nobody announced": ["0\r\nx-amz-acl:public-read\r\n\r\n", 0, [], /does not name/],
    "a trailer twice": ["0\r\na:1\r\na:2\r\n\r\n", 0, ["a"], /twice/],
    "a trailer that is missing": ["0\r\n\r\n", 0, ["a"], /missing/],
  };
  for (const [name, [body, length, trailers, words]] of Object.entries(broken)) {
    it(`are refused with ${name}`, async () => {
      for (const size of [1, 1000]) {
        await assert.rejects(through(Buffer.from(body), new ChunkReader(length, trailers), size), words);
      }
    });
  }
});
