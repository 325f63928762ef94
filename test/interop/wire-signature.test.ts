/** Owns the proof, by botocore's signers on the recorded bytes, for requests that moto refuses whoever signed them. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { judgeByMoto } from "./judge";
import { bringOnline, type LoadedAdapter, serviceInstance } from "./platform";
import { type RecordedCall, type RecordingProxy, startRecordingProxy } from "./recording-proxy";

describe("interop: signatures on the wire, judged by botocore", () => {
  const moto = judgeByMoto();
  let wire: RecordingProxy;
  let adapter: LoadedAdapter;
  before(async () => {
    await moto().setEnforcement("off");
    wire = await startRecordingProxy(moto().port);
    const { operator } = moto().world.users;
    adapter = await bringOnline(
      "wire",
      serviceInstance("keys", { port: wire.port, stsEndpoint: moto().url, ...operator }),
    );
  });
  beforeEach(() => wire.clear());
  after(() => wire?.close());

  /** Every recorded request carries the signature that botocore makes of the same bytes. */
  function assertSignedLikeBotocore(calls: readonly RecordedCall[]) {
    const { accessKeyId, secretAccessKey } = moto().world.users.operator;
    const input = calls.map(({ method, url, headers, body }) => {
      return { method, url, headers, body: body.toString("base64"), accessKeyId, secretAccessKey };
    });
    const script = join(__dirname, "world", "botocore_signatures.py");
    const { stdout, stderr, status } = spawnSync("python3", [script], {
      input: JSON.stringify(input),
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const expected = JSON.parse(stdout) as string[];
    assert.equal(expected.length, calls.length);
    calls.forEach((call, index) => {
      const found = /Signature=([0-9a-f]{64})/.exec(call.headers["authorization"] ?? "")?.[1];
      assert.equal(found, expected[index], `${call.method} ${call.url}`);
    });
  }

  it("route-53", async () => {
    const made = await adapter.answer("route53CreateHostedZone", { Name: "example.org", CallerReference: "wire" });
    const { Id } = made["HostedZone"] as { Id: string };
    await adapter.call("route53ListResourceRecordSets", {
      HostedZoneId: Id,
      StartRecordName: "a b.example.org",
      StartRecordType: "A",
    });
    await adapter.answer("route53ListHostedZones", {});
    assert.equal(wire.calls.length, 3);
    assertSignedLikeBotocore(wire.calls);
  });

  it("lambda", async () => {
    await adapter.answer("lambdaListFunctions", { MaxItems: 5 });
    await adapter.call("lambdaGetFunction", {
      FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:none:$LATEST",
    });
    await adapter.call("lambdaInvoke", { FunctionName: "none", Payload: '{"a":"ü"}' });
    assert.ok(wire.calls.length >= 3);
    assertSignedLikeBotocore(wire.calls);
  });

  it("S3 keys and queries that are hard to encode", async () => {
    const Bucket = "wire-bucket";
    await adapter.answer("s3CreateBucket", { Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
    const keys = [
      "a b",
      "a+b",
      "a//b",
      "/a",
      "ü/日本",
      "it's (1)!*",
      "100%25",
      "a%2Bb",
      "q?x=1&y",
      "#frag",
      "~t_-.x",
      "a:b@c",
      "trailing/",
    ];
    for (const Key of keys) {
      await adapter.answer("s3PutObject", { Bucket, Key, Body: `body of ${Key}` });
      await adapter.answer("s3GetObject", { Bucket, Key });
    }
    await adapter.answer("s3ListObjectsV2", { Bucket, Prefix: "a/ +&=ü", Delimiter: "/", StartAfter: "" });
    assert.ok(wire.calls.length >= 2 * keys.length + 2);
    assertSignedLikeBotocore(wire.calls);
  });
});
