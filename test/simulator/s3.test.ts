/** Reads and writes in the simulated S3, with the permissions of a reader and of a writer. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { assume, type Call, call, element, errorCode, type Keys } from "./simulator-client";

const elements = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map((match) => match[1] as string);

describe("simulator: S3", () => {
  let simulator: Simulator;
  let reader: Keys;
  let writer: Keys;
  beforeEach(async () => {
    simulator = await startSimulator();
    reader = await assume(simulator, "task-reader");
    writer = await assume(simulator, "task-writer");
  });
  afterEach(() => simulator.close());

  const s3 = (method: string, path: string, more: Partial<Call> = {}) =>
    call(simulator, { service: "s3", method, path, keys: writer, ...more });

  it("makes, lists and deletes buckets", async () => {
    assert.equal((await s3("PUT", "/new-bucket")).status, 200);
    assert.equal(errorCode(await s3("PUT", "/new-bucket")), "BucketAlreadyOwnedByYou");
    assert.equal(errorCode(await s3("PUT", "/New_Bucket")), "InvalidBucketName");
    assert.deepEqual(elements((await s3("GET", "/")).text, "Name"), [
      "example-archive",
      "example-configurations",
      "new-bucket",
    ]);
    assert.equal((await s3("HEAD", "/new-bucket")).status, 200);
    await s3("PUT", "/new-bucket/key", { body: "x" });
    assert.equal(errorCode(await s3("DELETE", "/new-bucket")), "BucketNotEmpty");
    await s3("DELETE", "/new-bucket/key");
    assert.equal((await s3("DELETE", "/new-bucket")).status, 204);
    const gone = await s3("HEAD", "/new-bucket");
    assert.deepEqual([gone.status, gone.text], [404, ""]);
  });

  it("a bucket answers in its own region only", async () => {
    const wrong = await s3("GET", "/example-archive", { query: { "list-type": "2" } });
    assert.match(wrong.text, /the region 'us-east-1' is wrong; expecting 'eu-west-1'/);
    assert.equal(wrong.headers["x-amz-bucket-region"], "eu-west-1");
    assert.equal(
      (await s3("GET", "/example-archive", { query: { "list-type": "2" }, region: "eu-west-1" })).status,
      200,
    );
  });

  it("gives objects back with their headers, whole and in part", async () => {
    const headers = { "content-type": "text/x", "x-amz-meta-owner": "ops", "cache-control": "no-store" };
    const put = await s3("PUT", "/example-configurations/a", { body: "0123456789", headers });
    assert.equal(put.headers["etag"], `"${createHash("md5").update("0123456789").digest("hex")}"`);
    const got = await s3("GET", "/example-configurations/a");
    assert.deepEqual(
      [got.text, got.headers["content-type"], got.headers["x-amz-meta-owner"]],
      ["0123456789", "text/x", "ops"],
    );
    const range = async (value: string) => {
      const reply = await s3("GET", "/example-configurations/a", { headers: { range: `bytes=${value}` } });
      return [reply.status, reply.text, reply.headers["content-range"]];
    };
    assert.deepEqual(await range("2-4"), [206, "234", "bytes 2-4/10"]);
    assert.deepEqual(await range("7-"), [206, "789", "bytes 7-9/10"]);
    assert.deepEqual(await range("-2"), [206, "89", "bytes 8-9/10"]);
    assert.equal((await range("10-"))[0], 416);
    const head = await s3("HEAD", "/example-configurations/a");
    assert.deepEqual([head.text, head.headers["content-length"]], ["", "10"]);
    assert.equal(
      (await s3("GET", "/example-configurations/a", { headers: { "if-none-match": put.headers["etag"] as string } }))
        .status,
      304,
    );
    assert.equal(
      errorCode(await s3("PUT", "/example-configurations/a", { body: "x", headers: { "if-none-match": "*" } })),
      "PreconditionFailed",
    );
    assert.equal(errorCode(await s3("GET", "/example-configurations/b")), "NoSuchKey");
    const copied = await s3("PUT", "/example-configurations/c%20d", {
      headers: { "x-amz-copy-source": "/example-configurations/a" },
    });
    assert.equal(copied.status, 200);
    assert.equal((await s3("GET", "/example-configurations/c%20d")).headers["x-amz-meta-owner"], "ops");
  });

  it("finds the bucket in the host name as well", async () => {
    const headers = { host: `example-configurations.s3.us-east-1.amazonaws.com` };
    assert.equal((await s3("GET", "/routers/edge-1.cfg", { headers })).text, "hostname edge-1\n");
    const dotted = { host: `example-configurations.localhost:${simulator.port}` };
    assert.equal((await s3("GET", "/routers/edge-2.cfg", { headers: dotted })).text, "hostname edge-2\n");
  });

  it("lists with prefix, delimiter and pages", async () => {
    const list = async (query: Record<string, string>) =>
      (await s3("GET", "/example-configurations", { query: { "list-type": "2", ...query } })).text;
    assert.deepEqual(elements(await list({}), "Key"), ["README.txt", "routers/edge-1.cfg", "routers/edge-2.cfg"]);
    assert.deepEqual(elements(await list({ prefix: "routers/" }), "Key").length, 2);
    const grouped = await list({ delimiter: "/" });
    assert.deepEqual([elements(grouped, "Key"), elements(grouped, "KeyCount")], [["README.txt"], ["2"]]);
    assert.match(grouped, /<CommonPrefixes><Prefix>routers\/<\/Prefix><\/CommonPrefixes>/);
    const first = await list({ "max-keys": "2" });
    const token = elements(first, "NextContinuationToken")[0] as string;
    assert.deepEqual(elements(await list({ "max-keys": "2", "continuation-token": token }), "Key"), [
      "routers/edge-2.cfg",
    ]);
    assert.deepEqual(elements(await list({ "start-after": "routers/edge-1.cfg" }), "Key"), ["routers/edge-2.cfg"]);
    await s3("PUT", "/example-configurations/%01%20%C3%A9", { body: "x" });
    assert.ok(elements(await list({ "encoding-type": "url" }), "Key").includes("%01%20%C3%A9"));
    assert.match(await list({}), /<Key>&#x1; é<\/Key>/);
  });

  it("checks every checksum that it is sent", async () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html; values of "123456789" are the catalogue's check values.
    const right: Record<string, string> = {
      crc32: Buffer.from("cbf43926", "hex").toString("base64"),
      crc32c: Buffer.from("e3069283", "hex").toString("base64"),
      crc64nvme: Buffer.from("ae8b14860a799888", "hex").toString("base64"),
      sha1: createHash("sha1").update("123456789").digest("base64"),
      sha256: createHash("sha256").update("123456789").digest("base64"),
    };
    for (const [algorithm, value] of Object.entries(right)) {
      const headers = { [`x-amz-checksum-${algorithm}`]: value };
      assert.equal(
        (await s3("PUT", "/example-configurations/sum", { body: "123456789", headers })).status,
        200,
        algorithm,
      );
      const wrong = await s3("PUT", "/example-configurations/sum", { body: "12345678", headers });
      assert.deepEqual([wrong.status, errorCode(wrong)], [400, "BadDigest"], algorithm);
      const asked = await s3("GET", "/example-configurations/sum", { headers: { "x-amz-checksum-mode": "ENABLED" } });
      assert.equal(asked.headers[`x-amz-checksum-${algorithm}`], value);
    }
    const md5 = { "content-md5": createHash("md5").update("other").digest("base64") };
    assert.equal(errorCode(await s3("PUT", "/example-configurations/sum", { body: "x", headers: md5 })), "BadDigest");
  });

  it("takes an upload in parts", async () => {
    const path = "/example-configurations/big";
    const UploadId = element(await s3("POST", path, { query: { uploads: "" } }), "UploadId") as string;
    const large = Buffer.alloc(5 * 1024 * 1024, "a");
    const part = async (partNumber: string, body: Buffer) =>
      (await s3("PUT", path, { query: { partNumber, uploadId: UploadId }, body })).headers["etag"] as string;
    const etags = [await part("1", large), await part("2", Buffer.from("end"))];
    const complete = (list: string[]) =>
      s3("POST", path, {
        query: { uploadId: UploadId },
        body: `<CompleteMultipartUpload>${list.map((etag, index) => `<Part><ETag>${etag}</ETag><PartNumber>${index + 1}</PartNumber></Part>`).join("")}</CompleteMultipartUpload>`,
      });
    assert.equal(errorCode(await complete([...etags].reverse())), "InvalidPart");
    assert.match(element(await complete(etags), "ETag") as string, /^&quot;[0-9a-f]{32}-2&quot;$/);
    assert.equal((await s3("GET", path)).body.length, large.length + 3);
    assert.equal(errorCode(await complete(etags)), "NoSuchUpload");
  });

  it("a reader may read and not write", async () => {
    assert.equal((await s3("GET", "/example-configurations/README.txt", { keys: reader })).text, "Simulated.\n");
    const refused = await s3("PUT", "/example-configurations/README.txt", { keys: reader, body: "x" });
    assert.deepEqual([refused.status, errorCode(refused)], [403, "AccessDenied"]);
    assert.match(
      refused.text,
      /perform: s3:PutObject on resource: arn:aws:s3:::example-configurations\/README\.txt because/,
    );
    assert.equal(errorCode(await s3("GET", "/example-configurations/%FF", {})), "InvalidURI");
  });
});
