/** Owns the cases of text that UTF-8 cannot hold: nothing is sent, and the error names the parameter. */
import assert from "node:assert/strict";
import { illFormedInput } from "../../../utils/client/ill-formed-text";
import type { AdapterError } from "../../../utils/errors/adapter-error";
import { fixture, models } from "./client-fixture";

async function refusal(service: string, operation: string, input: object): Promise<AdapterError> {
  const { client, handler, options } = fixture(() => ({ body: "<a/>" }));
  const failure = await client.send(service, operation, input, options()).then(
    () => assert.fail("it was sent"),
    (error: unknown) => error as AdapterError,
  );
  assert.equal(handler.requests.length, 0);
  return failure;
}

const HALF = "with half of a surrogate pair at its character";

describe("text that UTF-8 cannot hold", () => {
  it("is refused by the name of its parameter in a query, wherever it stands", async () => {
    const filters = [{ Name: "tag:😀", Values: ["whole 😀", "hunter2 \udc00"] }];
    const error = await refusal("ec2", "DescribeInstances", { Filters: filters });
    const place = `params.Filters[0].Values[1]: found text ${HALF} 9`;
    assert.deepEqual([error.code, error.message], ["INVALID_INPUT", `${place}, expected text that UTF-8 can hold.`]);
    assert.match(error.recommendation, /DescribeInstances/);

    const attributes = { "a\ud800": { DataType: "String", StringValue: "\ud800\ud800" } };
    const both = await refusal("sns", "Publish", { Message: "m", MessageAttributes: attributes });
    assert.ok(both.message.startsWith(`params.MessageAttributes["a\\ud800"]: found a key ${HALF} 2`), both.message);
    assert.ok(both.message.includes(`params.MessageAttributes["a\\ud800"].StringValue: found text ${HALF} 1`));
  });

  it("is refused by the name of its parameter in a path", async () => {
    const error = await refusal("lambda", "GetFunction", { FunctionName: "f\ud83d" });
    assert.deepEqual([error.code, error.detail["parameter"]], ["INVALID_INPUT", "params.FunctionName"]);
  });

  it("is refused by the name of its parameter in the name of a host", async () => {
    const error = await refusal("s3", "ListObjectsV2", { Bucket: "bucket\ud83d" });
    assert.deepEqual([error.code, error.detail["parameter"]], ["INVALID_INPUT", "params.Bucket"]);
  });

  it("is looked for in plain values alone, in each once, and over what cannot be encoded alone", () => {
    const operation = models.service("ec2").operation("DescribeInstances");
    const circle: Record<string, unknown> = { bytes: Buffer.from("\ud800"), at: new Date(0), none: null };
    Object.assign(circle, { circle, also: [circle, "\udfff"] });
    const found = illFormedInput(operation, circle, new URIError("URI malformed"));
    assert.deepEqual([found?.detail["parameter"], found?.detail["problems"]], ["params.also[1]", 1]);
    assert.equal(illFormedInput(operation, circle, new TypeError("another")), undefined);
    assert.equal(illFormedInput(operation, { "😀": ["😀", 1, true, undefined] }, new URIError("another")), undefined);
  });
});
