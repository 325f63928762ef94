/** Owns the trial of what services have to themselves. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { HttpRequest } from "../../../utils/types/http";
import { type Answer, answers, type Fixture, fixture } from "./client-fixture";

const sendWith = async (f: Fixture, service: string, operation: string, input: unknown): Promise<HttpRequest> => {
  await f.client.send(service, operation, input, f.options());
  return f.handler.requests[0] as HttpRequest;
};
const sent = (service: string, operation: string, input: unknown, answer: Answer = {}): Promise<HttpRequest> =>
  sendWith(fixture(answers(answer)), service, operation, input);
const isMismatch = (error: unknown): boolean => error instanceof AdapterError && error.code === "CHECKSUM_MISMATCH";
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const crcOf = (body: string): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
};

describe("S3", () => {
  const object = { Bucket: "bucket-1", Key: "k", Body: "123456789" };

  it("gets a CRC32 unless another checksum is asked for or given", async () => {
    const plain = await sent("s3", "PutObject", object);
    assert.equal(plain.headers["x-amz-checksum-crc32"], "y/Q5Jg==", "the check value of CRC-32, cbf43926");
    assert.equal(plain.headers["x-amz-sdk-checksum-algorithm"], "CRC32");
    // Check values of the catalogue at https://reveng.sourceforge.io/crc-catalogue/
    assert.equal(
      (await sent("s3", "PutObject", { ...object, ChecksumAlgorithm: "CRC32C" })).headers["x-amz-checksum-crc32c"],
      "4waSgw==",
    );
    assert.equal(
      (await sent("s3", "PutObject", { ...object, ChecksumAlgorithm: "CRC64NVME" })).headers[
        "x-amz-checksum-crc64nvme"
      ],
      "rosUhgp5mIg=",
    );
    const sha256 = createHash("sha256").update(object.Body).digest("base64");
    assert.equal(
      (await sent("s3", "PutObject", { ...object, ChecksumAlgorithm: "SHA256" })).headers["x-amz-checksum-sha256"],
      sha256,
    );
    const given = await sent("s3", "PutObject", { ...object, ChecksumSHA1: "given" });
    assert.equal(given.headers["x-amz-checksum-sha1"], "given");
    assert.equal(given.headers["x-amz-checksum-crc32"], undefined);
    await assert.rejects(
      sent("s3", "PutObject", { ...object, ChecksumAlgorithm: "XXHASH64" }),
      /XXHASH64 is not supported/,
    );
  });

  it("signs its checksum", async () => {
    assert.match((await sent("s3", "PutObject", object)).headers["authorization"] ?? "", /x-amz-checksum-crc32/);
  });

  it("has its answers checked, but not a multipart upload's checksum of checksums", async () => {
    const get = { Bucket: "bucket-1", Key: "k" };
    const asked = await sent("s3", "GetObject", get, {
      headers: { "x-amz-checksum-crc32": crcOf("abc") },
      body: "abc",
    });
    assert.equal(asked.headers["x-amz-checksum-mode"], "ENABLED");
    await sent("s3", "GetObject", get, { headers: { "x-amz-checksum-crc32": "AAAAAA==-3" }, body: "abc" });
    await sent("s3", "GetObject", get, {
      statusCode: 206,
      headers: { "x-amz-checksum-crc32": crcOf("whole") },
      body: "part",
    });
    const wrong = fixture(answers({ headers: { "x-amz-checksum-crc32": crcOf("abc") }, body: "abX" }));
    await assert.rejects(wrong.client.send("s3", "GetObject", get, wrong.options()), isMismatch);
    assert.equal(wrong.handler.requests.length, 4, "a read is repeated");
  });

  it("keeps keys to the byte", async () => {
    for (const [key, path] of [
      ["a//b", "/a//b"],
      ["/a", "//a"],
      ["a/../b", "/a/../b"],
      ["a b+c%20ü!'()*", "/a%20b%2Bc%2520%C3%BC%21%27%28%29%2A"],
      ["a/", "/a/"],
    ] as const) {
      assert.equal((await sent("s3", "GetObject", { Bucket: "bucket-1", Key: key })).path, path);
    }
  });

  it("puts bucket names into the path that cannot be host names", async () => {
    for (const Bucket of ["My_Bucket", "a.b.c", "1.2.3.4"]) {
      const { hostname, path } = await sent("s3", "GetObject", { Bucket, Key: "k" });
      assert.equal(`${hostname}${path}`, `s3.eu-west-1.amazonaws.com/${Bucket}/k`);
    }
    await assert.rejects(sent("s3", "GetObject", { Bucket: "bucket/key", Key: "k" }), /params\.Bucket/);
  });

  it("is told where a bucket shall be, except in us-east-1", async () => {
    const body = async (region: string): Promise<string> =>
      String(
        (await sendWith(fixture(answers({}), { endpoint: { region } }), "s3", "CreateBucket", { Bucket: "bucket-1" }))
          .body ?? "",
      );
    assert.match(await body("eu-west-1"), /<LocationConstraint>eu-west-1<\/LocationConstraint>/);
    assert.equal(await body("us-east-1"), "");
  });

  it("gets customer keys as base64 with their MD5", async () => {
    const key = "k".repeat(32);
    const { headers } = await sent("s3", "PutObject", {
      ...object,
      SSECustomerAlgorithm: "AES256",
      SSECustomerKey: key,
    });
    assert.equal(headers["x-amz-server-side-encryption-customer-key"], Buffer.from(key).toString("base64"));
    assert.equal(
      headers["x-amz-server-side-encryption-customer-key-md5"],
      createHash("md5").update(key).digest("base64"),
    );
  });

  it("is asked before a large body is sent", async () => {
    assert.equal(
      (await sent("s3", "PutObject", { ...object, Body: Buffer.alloc(2 * 1024 * 1024) })).headers["expect"],
      "100-continue",
    );
    assert.equal((await sent("s3", "PutObject", object)).headers["expect"], undefined);
  });

  it("may say anything about when an object expires", async () => {
    const f = fixture(answers({ headers: { expires: "never" }, body: "x" }));
    const { output } = await f.client.send("s3", "GetObject", { Bucket: "bucket-1", Key: "k" }, f.options());
    assert.equal((output as { ExpiresString?: string }).ExpiresString, "never");
  });
});

describe("SQS", () => {
  const QueueUrl = "https://sqs.eu-central-1.amazonaws.com/1/q";

  it("is asked where the queue is", async () => {
    assert.equal(
      (await sent("sqs", "GetQueueAttributes", { QueueUrl }, { body: "{}" })).hostname,
      "sqs.eu-central-1.amazonaws.com",
    );
  });

  it("is not asked anywhere else: what is sent is signed", async () => {
    for (const url of [
      "https://evil.example/1/q",
      "https://sqs.eu-west-1.amazonaws.com.evil.example/1/q",
      "http://sqs.eu-central-1.amazonaws.com/1/q",
      "https://evilamazonaws.com/",
      "https://sqs.eu-central-1.amazonaws.com:8443/1/q",
      "q",
    ]) {
      assert.equal(
        (await sent("sqs", "GetQueueAttributes", { QueueUrl: url }, { body: "{}" })).hostname,
        "sqs.eu-west-1.amazonaws.com",
        url,
      );
    }
    const own = fixture(answers({ body: "{}" }), { endpoint: { host: "127.0.0.1", protocol: "http" } });
    assert.equal((await sendWith(own, "sqs", "GetQueueAttributes", { QueueUrl })).hostname, "127.0.0.1");
  });

  it("has its digests checked, and a message is never sent twice for it", async () => {
    const message = { QueueUrl, MessageBody: "hü" };
    await sent("sqs", "SendMessage", message, {
      body: JSON.stringify({ MessageId: "m", MD5OfMessageBody: md5("hü") }),
    });
    const wrong = fixture(answers({ body: JSON.stringify({ MessageId: "m", MD5OfMessageBody: md5("h") }) }));
    await assert.rejects(wrong.client.send("sqs", "SendMessage", message, wrong.options()), isMismatch);
    assert.equal(wrong.handler.requests.length, 1);
    const Entries = [{ Id: "1", MessageBody: "a" }];
    const batch = (digest: string): Answer => ({
      body: JSON.stringify({ Successful: [{ Id: "1", MessageId: "m", MD5OfMessageBody: digest }], Failed: [] }),
    });
    await sent("sqs", "SendMessageBatch", { QueueUrl, Entries }, batch(md5("a")));
    await assert.rejects(sent("sqs", "SendMessageBatch", { QueueUrl, Entries }, batch(md5("b"))), isMismatch);
    const received = (digest: string): Answer => ({
      body: JSON.stringify({ Messages: [{ Body: "a", MD5OfBody: digest }] }),
    });
    await sent("sqs", "ReceiveMessage", { QueueUrl }, received(md5("a")));
    await assert.rejects(sent("sqs", "ReceiveMessage", { QueueUrl }, received(md5("b"))), isMismatch);
  });

  it("may take its time where it was asked to", async () => {
    for (const [input, timeoutMs] of [
      [{ QueueUrl, WaitTimeSeconds: 7 }, 12_000],
      [{ QueueUrl }, 25_000],
    ] as const) {
      const f = fixture(answers({ body: "{}" }));
      await sendWith(f, "sqs", "ReceiveMessage", input);
      assert.equal(f.handler.options[0]?.timeoutMs, timeoutMs);
    }
  });
});

describe("EC2 CopySnapshot", () => {
  const input = { SourceRegion: "us-west-2", SourceSnapshotId: "snap-1" };

  it("carries a request that the source region accepts", async () => {
    const fields = new URLSearchParams(
      String((await sent("ec2", "CopySnapshot", input, { body: "<CopySnapshotResponse/>" })).body),
    );
    assert.equal(fields.get("DestinationRegion"), "eu-west-1");
    const url = new URL(fields.get("PresignedUrl") ?? "");
    assert.equal(url.host, "ec2.us-west-2.amazonaws.com");
    assert.equal(url.searchParams.get("Action"), "CopySnapshot");
    assert.equal(url.searchParams.get("SourceSnapshotId"), "snap-1");
    assert.match(
      url.searchParams.get("X-Amz-Credential") ?? "",
      /^AKIDEXAMPLE\/20260102\/us-west-2\/ec2\/aws4_request$/,
    );
    assert.match(url.searchParams.get("X-Amz-Signature") ?? "", /^[0-9a-f]{64}$/);
  });

  it("keeps one that is given", async () => {
    const { body } = await sent(
      "ec2",
      "CopySnapshot",
      { ...input, PresignedUrl: "https://x" },
      { body: "<CopySnapshotResponse/>" },
    );
    assert.equal(new URLSearchParams(String(body)).get("PresignedUrl"), "https://x");
  });
});
