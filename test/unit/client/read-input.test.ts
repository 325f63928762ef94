/** Owns the trial of inputs: each wrong one is named by its path. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { FileAccess } from "../../../utils/client/file-access";
import { InputReader } from "../../../utils/client/read-input";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { models } from "./client-fixture";

const noFiles = new FileAccess(undefined, {
  realPath: () => assert.fail("a file was looked at"),
  read: () => assert.fail("a file was read"),
  size: () => 0,
  readInPieces: () => assert.fail(),
  replace: () => assert.fail(),
});
let made = 0;
const reader = new InputReader(
  noFiles,
  (text) => text.replaceAll("hunter2", "** masked **"),
  () => `token ${++made}`,
);
const read = (service: string, operation: string, input: unknown): Record<string, unknown> =>
  reader.read(models.service(service).operation(operation), input);

function refusal(service: string, operation: string, input: unknown): AdapterError {
  try {
    read(service, operation, input);
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.equal(error.code, "INVALID_INPUT");
    return error;
  }
  return assert.fail(`${operation} took ${JSON.stringify(input)}`);
}

describe("InputReader", () => {
  it("takes no input for an empty one, and null for absent", () => {
    assert.deepEqual(read("ec2", "DescribeInstances", undefined), {});
    assert.deepEqual(read("ec2", "DescribeInstances", null), {});
    assert.deepEqual(read("ec2", "DescribeInstances", { MaxResults: null, Filters: [{ Name: null, Values: ["a"] }] }), {
      Filters: [{ Values: ["a"] }],
    });
  });

  it("leaves the given input alone", () => {
    const input = Object.freeze({
      Filters: Object.freeze([Object.freeze({ Name: "a", Values: Object.freeze(["b"]) })]),
    });
    assert.deepEqual(read("ec2", "DescribeInstances", input), input);
  });

  it("takes numbers and booleans as clean text, and keeps integers beyond 2^53", () => {
    assert.deepEqual(read("ec2", "DescribeInstances", { MaxResults: "5", DryRun: "true" }), {
      MaxResults: 5,
      DryRun: true,
    });
    const long = read("ec2", "CreateVpnConnection", {
      CustomerGatewayId: "c",
      Type: "ipsec.1",
      Options: { TunnelOptions: [{ Phase1LifetimeSeconds: "9007199254740993" }] },
    });
    assert.deepEqual((long["Options"] as { TunnelOptions: unknown }).TunnelOptions, [
      { Phase1LifetimeSeconds: 9007199254740993n },
    ]);
    for (const text of ["", " 5", "5x", "0x5", "1e", "--1", "five"]) {
      assert.equal(refusal("ec2", "DescribeInstances", { MaxResults: text }).detail["parameter"], "params.MaxResults");
    }
    for (const text of ["yes", "TRUE", "1", ""]) refusal("ec2", "DescribeInstances", { DryRun: text });
    refusal("ec2", "DescribeInstances", { MaxResults: Number.NaN });
  });

  it("takes timestamps as ISO 8601 text, epoch seconds or Date", () => {
    const at = (StartTime: unknown): unknown => read("ec2", "DescribeSpotPriceHistory", { StartTime })["StartTime"];
    const expected = new Date("2026-01-02T03:04:05.000Z");
    for (const given of [
      "2026-01-02T03:04:05Z",
      "2026-01-02T03:04:05.000Z",
      "2026-01-02T04:04:05+01:00",
      "2026-01-02T03:04:05",
      "2026-01-02 03:04:05Z",
      expected.getTime() / 1000,
      String(expected.getTime() / 1000),
      expected,
    ]) {
      assert.deepEqual(at(given), expected, String(given));
    }
    assert.deepEqual(at("2026-01-02"), new Date("2026-01-02T00:00:00Z"));
    for (const given of ["", "tomorrow", "02/01/2026", "2026-13-01", new Date(Number.NaN), true, {}, 1e300]) {
      assert.match(refusal("ec2", "DescribeSpotPriceHistory", { StartTime: given }).message, /ISO 8601/, String(given));
    }
  });

  it("takes blobs as bytes, base64, a Buffer that went through JSON, or text", () => {
    const payload = (Payload: unknown): unknown => read("lambda", "Invoke", { FunctionName: "f", Payload })["Payload"];
    const bytes = Buffer.from("hü");
    for (const given of [
      bytes,
      new Uint8Array(bytes),
      { base64: bytes.toString("base64") },
      JSON.parse(JSON.stringify(bytes)),
      "hü",
    ]) {
      assert.deepEqual(Buffer.from(payload(given) as Uint8Array), bytes);
    }
    for (const given of [
      { base64: "h*" },
      { base64: "aGk=", file: "x" },
      { text: "x" },
      5,
      [],
      { stream: Readable.from([]) },
    ]) {
      assert.match(refusal("lambda", "Invoke", { FunctionName: "f", Payload: given }).message, /bytes as text/);
    }
  });

  it("takes a stream where the body is streamed", () => {
    const stream = Readable.from(["x"]);
    assert.equal(read("s3", "PutObject", { Bucket: "b", Key: "k", Body: { stream } })["Body"], stream);
    assert.equal(read("s3", "PutObject", { Bucket: "b", Key: "k", Body: stream })["Body"], stream);
  });

  it("refuses files without file_access.root, before any file is looked at", () => {
    assert.throws(
      () => read("s3", "PutObject", { Bucket: "b", Key: "k", Body: { file: "/etc/passwd" } }),
      (error) =>
        error instanceof AdapterError &&
        error.code === "FILE_REFUSED" &&
        error.detail["parameter"] === "params.Body.file",
    );
  });

  it("tells an unknown member by its path, with the nearest name", () => {
    const error = refusal("ec2", "DescribeInstances", { Filters: [{ Nam: "x" }] });
    assert.equal(error.detail["parameter"], "params.Filters[0].Nam");
    assert.match(error.message, /did you mean Name\?/);
    assert.match(refusal("sts", "GetCallerIdentity", { Account: 1 }).message, /params\.Account: .*no parameters/);
  });

  it("takes any text for the key of a map", () => {
    const attributes = JSON.parse('{"__proto__":{"DataType":"String","StringValue":"v"}}');
    const { MessageAttributes } = read("sns", "Publish", { Message: "m", MessageAttributes: attributes });
    assert.deepEqual(Object.entries(MessageAttributes as object), Object.entries(attributes));
    assert.equal(Object.getPrototypeOf(MessageAttributes), Object.prototype);
  });

  it("does not take what every object has for a member", () => {
    for (const name of ["constructor", "toString", "hasOwnProperty"])
      refusal("ec2", "DescribeInstances", { [name]: "x" });
    refusal("ec2", "DescribeInstances", JSON.parse('{"__proto__":{"x":1}}'));
  });

  it("tells a missing required member, but makes idempotency tokens", () => {
    assert.match(refusal("ec2", "TerminateInstances", {}).message, /params\.InstanceIds: found nothing/);
    assert.match(refusal("iam", "GetRole", { RoleName: null }).message, /params\.RoleName: found nothing/);
    const [first, second] = [made + 1, made + 2].map((count) => ({ ClientToken: `token ${count}`, SubnetId: "s" }));
    assert.deepEqual(read("ec2", "CreateNatGateway", { SubnetId: "s" }), first);
    assert.deepEqual(read("ec2", "CreateNatGateway", { SubnetId: "s", ClientToken: null }), second);
    for (const ClientToken of ["mine", ""]) {
      const given = { ClientToken, SubnetId: "s" };
      assert.deepEqual(read("ec2", "CreateNatGateway", given), given);
    }
    assert.equal(made, second?.ClientToken && Number(second.ClientToken.slice(6)));
  });

  it("refuses an empty label: it would address something else", () => {
    assert.match(
      refusal("s3", "DeleteObject", { Bucket: "b", Key: "" }).message,
      /params\.Key: found text "", expected text that is not empty/,
    );
  });

  it("wants exactly one member of a union", () => {
    const put = (item: unknown): unknown => read("dynamodb", "PutItem", { TableName: "t", Item: { a: item } })["Item"];
    assert.deepEqual(put({ S: "x" }), { a: { S: "x" } });
    assert.deepEqual(put({ S: "x", N: null }), { a: { S: "x" } });
    assert.deepEqual(put({ M: { b: { L: [{ N: "1" }, { NULL: true }] } } }), {
      a: { M: { b: { L: [{ N: "1" }, { NULL: true }] } } },
    });
    for (const item of [{}, { S: "x", N: "1" }, { Q: "x" }, "x"]) {
      assert.match(refusal("dynamodb", "PutItem", { TableName: "t", Item: { a: item } }).message, /params\.Item\.a/);
    }
  });

  it("lets enum values pass that the model does not know", () => {
    assert.deepEqual(
      read("ec2", "RunInstances", { MinCount: 1, MaxCount: 1, InstanceType: "x99.future" })["InstanceType"],
      "x99.future",
    );
  });

  it("reports up to five problems in one error and counts the rest", () => {
    const error = refusal("ec2", "DescribeInstances", { Filters: Array.from({ length: 7 }, () => ({ Name: 5 })) });
    assert.equal(error.detail["parameter"], "params.Filters[0].Name");
    assert.equal(error.detail["problems"], 7);
    assert.match(error.message, /params\.Filters\[4\]\.Name.*and 2 more/);
    assert.doesNotMatch(error.message, /Filters\[5\]/);
  });

  it("never shows what may be secret", () => {
    const text = (error: AdapterError): string => `${error.message} ${JSON.stringify(error.detail)}`;
    const secret = refusal("secrets-manager", "CreateSecret", { Name: "n", SecretString: 12345678 });
    assert.match(text(secret), /found a number,/);
    assert.doesNotMatch(text(secret), /12345678/);
    assert.doesNotMatch(text(refusal("ec2", "DescribeInstances", { MaxResults: "hunter2" })), /hunter2/);
    assert.doesNotMatch(text(refusal("iam", "CreateUser", { UserName: { password: "geheim" } })), /geheim/);
    assert.doesNotMatch(text(refusal("ec2", "DescribeInstances", { Passwort: "geheim" })), /geheim/);
  });

  it("survives hostile shapes of input", () => {
    for (const input of ["text", 5, true, [], [[]], Buffer.from("x"), new Date()])
      refusal("ec2", "DescribeInstances", input);
    let deep: unknown = { NULL: true };
    for (let depth = 0; depth < 500; depth++) deep = { L: [deep] };
    assert.ok(read("dynamodb", "PutItem", { TableName: "t", Item: { a: deep } }));
  });

  it("refuses a circle, and more depth than can be read", () => {
    const circle: Record<string, unknown> = {};
    circle["M"] = { a: circle };
    const deep: Record<string, unknown> = {};
    let at = deep;
    for (let depth = 0; depth < 50_000; depth += 1) {
      const inner = {};
      at["M"] = { a: inner };
      at = inner;
    }
    for (const value of [circle, deep]) {
      const error = refusal("dynamodb", "PutItem", { TableName: "t", Item: { a: value } });
      assert.match(error.message, /^params: found values nested without end/);
    }
  });
});
