/** The S3 connection as a workflow uses it, against the simulator. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { systemClock } from "../../../utils/runtime/system-clock";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import { event } from "../../support/event-stream";
import { Connection } from "./world";

const MEBIBYTE = 1024 * 1024;
const Bucket = "example-archive";

describe("cases: S3 connection", () => {
  let simulator: Simulator;
  let connection: Connection;
  const folder = mkdtempSync(join(tmpdir(), "s3-connection-"));
  const properties = (more: object = {}) => ({
    ...simulatorServiceInstance(simulator, { globalRole: "task-writer" }),
    file_access: { root: folder },
    ...more,
  });
  before(async () => {
    simulator = await startSimulator();
    connection = new Connection(properties());
  });
  beforeEach(() => simulator.clearRequests());
  afterEach(() => simulator.faults.clear());
  after(async () => {
    rmSync(folder, { recursive: true });
    await simulator.close();
  });
  const counts = () => simulator.counts();

  it("writes, reads, lists and deletes in a bucket of another region, which it finds by itself, once", async () => {
    await connection.call("s3ConnectionUpsert", { Bucket, Key: "a/1.txt", Body: "one", ContentType: "text/plain" });
    await connection.call("s3ConnectionUpsert", { Bucket, Key: "a/1.txt", Body: "uno" });
    assert.equal((await connection.response("s3ConnectionGet", { Bucket, Key: "a/1.txt" }))["Body"], "uno");
    const listed = await connection.response<{ Contents: { Key: string }[] }>("s3ConnectionList", { Bucket });
    assert.deepEqual(
      listed.Contents.map(({ Key }) => Key),
      ["a/1.txt"],
    );
    await connection.call("s3ConnectionDelete", { Bucket, Key: "a/1.txt" });
    const gone = await connection.refusal("s3ConnectionGet", { Bucket, Key: "a/1.txt" });
    assert.equal(gone.aws?.code, "NoSuchKey");
    // Asked once, and once more where the refusal pointed to; every other request went there directly.
    assert.equal(counts()["s3.HeadBucket"], 2);
    assert.deepEqual([counts()["s3.PutObject"], counts()["s3.GetObject"]], [2, 2]);
  });

  it("asks once for the region of a bucket that many calls want at once, and again under other properties", async () => {
    const own = new Connection(properties());
    const key = { Bucket: "example-configurations", Key: "README.txt" };
    await Promise.all(Array.from({ length: 20 }, () => own.call("s3ConnectionGet", key)));
    assert.equal(counts()["s3.HeadBucket"], 1);
    own.adapter.refreshProperties(properties());
    await own.call("s3ConnectionGet", key);
    assert.equal(counts()["s3.HeadBucket"], 2);
  });

  it("goes where the call says, without asking", async () => {
    const metadata = { callProperties: { region: "us-east-1" } };
    const { aws } = await connection.refusal("s3ConnectionGet", { Bucket, Key: "x" }, metadata);
    // The client itself follows S3 to the bucket.
    assert.equal(aws?.code, "NoSuchKey");
    assert.equal(counts()["s3.HeadBucket"], undefined);
  });

  it("acts as the role of the task", async () => {
    const plain = new Connection(simulatorServiceInstance(simulator));
    const key = { Bucket: "example-configurations", Key: "README.txt" };
    assert.equal((await plain.refusal("s3ConnectionGet", key)).aws?.code, "AccessDenied");
    const roleName = simulatedRoleArn(simulator.world, "task-reader");
    const { metrics, response } = await plain.call("s3ConnectionGetSTSRole", key, null, roleName);
    assert.equal((response as { Body: string }).Body, "Simulated.\n");
    assert.equal(metrics.roleChain.length, 1);
  });

  for (const [name, size, parts] of [
    ["a part's size exactly", 5 * MEBIBYTE, undefined],
    ["one byte more", 5 * MEBIBYTE + 1, 2],
    ["several parts", 11 * MEBIBYTE, 3],
  ] as const) {
    it(`uploads ${name}, whatever form it comes in`, async () => {
      const body = randomBytes(size);
      writeFileSync(join(folder, "body.bin"), body);
      const forms = [body, { file: "body.bin" }, Readable.from([body.subarray(0, 70_000), body.subarray(70_000)])];
      for (const Body of forms) {
        const params = { Bucket, Key: "large", Body, PartSize: 5 * MEBIBYTE };
        const { response, metrics } = await connection.call("s3ConnectionUpsert", params);
        assert.equal((response as { Parts?: number }).Parts, parts);
        assert.ok(metrics.attempts >= (parts === undefined ? 1 : parts + 2));
        const head = { Bucket, Key: "large" };
        const got = await connection.response<{ Body: string }>("s3ConnectionGet", head);
        assert.ok(Buffer.from(got.Body, "base64").equals(body), "what came back is not what was sent");
      }
    });
  }

  it("uploads nothing at all as an empty object", async () => {
    await connection.call("s3ConnectionUpsert", { Bucket, Key: "empty", Body: Readable.from([]) });
    assert.equal((await connection.response("s3ConnectionGet", { Bucket, Key: "empty" }))["Body"], "");
  });

  it("aborts an upload whose part fails, and tells of the part", async () => {
    const Body = Readable.from(
      (async function* () {
        yield randomBytes(6 * MEBIBYTE);
        throw new Error("the source broke");
      })(),
    );
    const error = await connection.refusal("s3ConnectionUpsert", { Bucket, Key: "x", Body, PartSize: 5 * MEBIBYTE });
    assert.match(error.message, /the source broke/);
    const { "s3.CreateMultipartUpload": begun, "s3.AbortMultipartUpload": aborted } = counts();
    assert.equal(begun, aborted);
  });

  it("refuses a part size that S3 would, and a checksum of a body that goes in parts", async () => {
    const given = { Bucket, Key: "x", Body: "x" };
    assert.match((await connection.refusal("s3ConnectionUpsert", { ...given, PartSize: 1 })).message, /PartSize/);
    const large = { ...given, Body: randomBytes(6 * MEBIBYTE), PartSize: 5 * MEBIBYTE, ContentMD5: "x" };
    assert.match((await connection.refusal("s3ConnectionUpsert", large)).message, /ContentMD5/);
    assert.match((await connection.refusal("s3ConnectionUpsert", { ...given, Body: 5 })).message, /params\.Body/);
  });

  it("keeps objects under a key of the customer's, in one request and in parts", async () => {
    const SSECustomerKey = randomBytes(32).toString("base64");
    for (const Body of ["text", randomBytes(6 * MEBIBYTE)]) {
      const Key = "under-key";
      await connection.call("s3ConnectionUpsert", { Bucket, Key, Body, SSECustomerKey, PartSize: 5 * MEBIBYTE });
      assert.equal((await connection.refusal("s3ConnectionGet", { Bucket, Key })).aws?.code, "InvalidRequest");
      const wrong = { Bucket, Key, SSECustomerKey: randomBytes(32).toString("base64") };
      const refused = await connection.refusal("s3ConnectionGet", wrong);
      assert.equal(refused.aws?.code, "AccessDenied");
      assert.ok(!JSON.stringify(refused.toEnvelope()).includes(wrong.SSECustomerKey));
      const { Body: got } = await connection.response<{ Body: string }>("s3ConnectionGet", {
        Bucket,
        Key,
        SSECustomerKey,
      });
      assert.equal(got, typeof Body === "string" ? Body : Body.toString("base64"));
    }
  });

  it("lists page after page up to MaxItems, and says where to go on", async () => {
    for (let index = 0; index < 5; index++) {
      await connection.call("s3ConnectionUpsert", { Bucket, Key: `pages/${index}`, Body: "x" });
    }
    interface Listing {
      readonly Contents: readonly { readonly Key: string }[];
      readonly CommonPrefixes: readonly { readonly Prefix: string }[];
      readonly IsTruncated: boolean;
      readonly NextContinuationToken?: string;
    }
    const first = await connection.response<Listing>("s3ConnectionQuery", { Bucket, Prefix: "pages/", MaxItems: 3 });
    assert.deepEqual([first.Contents.length, first.IsTruncated], [3, true]);
    const next = { Bucket, Prefix: "pages/", ContinuationToken: first.NextContinuationToken };
    const second = await connection.response<Listing>("s3ConnectionQuery", next);
    assert.deepEqual(
      second.Contents.map(({ Key }) => Key),
      ["pages/3", "pages/4"],
    );
    assert.deepEqual([second.IsTruncated, second.NextContinuationToken], [false, undefined]);
    const folders = await connection.response<Listing>("s3ConnectionList", { Bucket, Delimiter: "/" });
    assert.ok(folders.CommonPrefixes.some(({ Prefix }) => Prefix === "pages/"));
    const { Buckets } = await connection.response<{ Buckets: { Name: string }[] }>("s3ConnectionList");
    assert.ok(Buckets.some(({ Name }) => Name === Bucket));
  });

  it("says what a query needs, and that S3 Select is not offered", async () => {
    assert.match((await connection.refusal("s3ConnectionQuery", { Bucket })).message, /Prefix or Expression/);
    const select = { Bucket, Key: "a.csv", Expression: "SELECT * FROM S3Object", InputSerialization: { CSV: {} } };
    const { aws, IAPerror } = await connection.refusal("s3ConnectionQuery", select);
    assert.equal(aws?.code, "MethodNotAllowed");
    assert.match(IAPerror.recommendation, /closed it to new customers.*Athena/);
  });

  describe("with an S3 that offers S3 Select", () => {
    let frames: readonly Buffer[];
    const server = createServer((request, response) => {
      request.resume();
      request.on("end", () => response.end(request.method === "POST" ? Buffer.concat(frames) : ""));
    });
    let select: Connection;
    before((done) => {
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const authentication = {
          auth_method: "aws_authentication",
          aws_access_key: "AKIA0",
          aws_secret_key: "0".repeat(40),
        };
        select = new Connection({ host: "127.0.0.1", port, protocol: "http", region: "us-east-1", authentication });
        done();
      });
    });
    after((done) => {
      server.closeAllConnections();
      server.close(done);
    });
    const stats =
      "<Stats><BytesScanned>10</BytesScanned><BytesProcessed>10</BytesProcessed><BytesReturned>9</BytesReturned></Stats>";
    const query = { Bucket, Key: "a.csv", Expression: "SELECT *", InputSerialization: { CSV: {} } };

    it("answers records, which events may cut anywhere", async () => {
      const records = event("Records", '{"a":1}\n{"a"', "application/octet-stream");
      const rest = event("Records", ":2}\n", "application/octet-stream");
      frames = [records, event("Cont", ""), rest, event("Stats", stats), event("End", "")];
      const { Records, Stats } = await select.response("s3ConnectionQuery", query);
      assert.deepEqual(Records, [{ a: 1 }, { a: 2 }]);
      assert.deepEqual(Stats, { BytesScanned: 10, BytesProcessed: 10, BytesReturned: 9 });
      const asText = { ...query, OutputSerialization: { CSV: {} } };
      assert.equal((await select.response("s3ConnectionQuery", asText))["Records"], '{"a":1}\n{"a":2}\n');
    });

    it("takes nothing for a result that was cut off", async () => {
      frames = [event("Records", '{"a":1}\n', "application/octet-stream")];
      assert.match((await select.refusal("s3ConnectionQuery", query)).message, /broke off before End/);
    });
  });

  it("repeats at the connector's times where asked, and not what was refused", async () => {
    const waits: number[] = [];
    const clock = { ...systemClock, sleep: async (ms: number) => void waits.push(ms) };
    const own = new Connection(properties({ s3: { retry: "connector" } }), { clock });
    const params = { Bucket: "example-configurations", Key: "README.txt" };
    await own.call("s3ConnectionGet", params);
    simulator.faults.set("s3", { kind: "503", times: 4 });
    await own.call("s3ConnectionGet", params);
    assert.deepEqual(waits, [10_000, 30_000, 60_000, 120_000]);
    waits.length = 0;
    simulator.faults.set("s3", { kind: "503" });
    const failed = await own.refusal("s3ConnectionGet", params);
    assert.equal(failed.IAPerror.code, 503);
    assert.equal(failed.metrics.attempts, 6);
    assert.deepEqual(waits, [10_000, 30_000, 60_000, 120_000, 300_000]);
    simulator.faults.clear();
    waits.length = 0;
    await own.refusal("s3ConnectionGet", { ...params, Key: "none" });
    assert.deepEqual(waits, []);
  });
});
