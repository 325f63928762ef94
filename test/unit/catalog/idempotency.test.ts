/** Owns the trial of which operations may be repeated. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { idempotencyOf } from "../../../utils/catalog/idempotency";

const facts = { traits: 0, boundMethod: undefined, hasIdempotencyToken: false };

describe("idempotencyOf", () => {
  for (const name of [
    "DescribeInstances",
    "GetSessionToken",
    "GetPasswordData",
    "ListBuckets",
    "BatchGetItem",
    "Query",
    "HeadObject",
    "ValidateTemplate",
  ]) {
    it(`repeats ${name}, which only reads`, () => assert.equal(idempotencyOf({ ...facts, name }), "idempotent"));
  }
  for (const name of [
    "RunInstances",
    "ReceiveMessage",
    "SendMessage",
    "Invoke",
    "AssumeRole",
    "GetActivityTask",
    "CheckoutLicense",
    "CheckInLicense",
    "VerifyEmailIdentity",
    "TestInvokeMethod",
    "Getaway",
    "DetectStackDrift",
  ]) {
    it(`does not repeat ${name}`, () => assert.equal(idempotencyOf({ ...facts, name }), "unsafe"));
  }
  it("repeats what the model calls idempotent, as bits or as an object", () => {
    assert.equal(idempotencyOf({ ...facts, name: "Frob", traits: 2 }), "idempotent");
    assert.equal(idempotencyOf({ ...facts, name: "Frob", traits: { idempotent: 1 } }), "idempotent");
    assert.equal(idempotencyOf({ ...facts, name: "Frob", traits: 8 }), "unsafe");
  });
  it("repeats what carries an idempotency token", () => {
    assert.equal(idempotencyOf({ ...facts, name: "Frob", hasIdempotencyToken: true }), "idempotent");
  });
  it("repeats PUT and DELETE where the protocol binds to HTTP, but no POST", () => {
    assert.equal(idempotencyOf({ ...facts, name: "Frob", boundMethod: "PUT" }), "idempotent");
    assert.equal(idempotencyOf({ ...facts, name: "Frob", boundMethod: "DELETE" }), "idempotent");
    assert.equal(idempotencyOf({ ...facts, name: "Frob", boundMethod: "POST" }), "unsafe");
  });

  const shipped: readonly (readonly [service: string, operation: string, expected: string])[] = [
    ["ec2", "DescribeInstances", "idempotent"],
    ["ec2", "RunInstances", "idempotent"],
    ["ec2", "TerminateInstances", "unsafe"],
    ["ec2", "CreateVpc", "unsafe"],
    ["sqs", "ReceiveMessage", "unsafe"],
    ["sqs", "SendMessage", "unsafe"],
    ["lambda", "Invoke", "unsafe"],
    ["lambda", "GetFunction", "idempotent"],
    ["dynamodb", "UpdateItem", "unsafe"],
    ["dynamodb", "Query", "idempotent"],
    ["sts", "AssumeRole", "unsafe"],
    ["sts", "GetCallerIdentity", "idempotent"],
    ["s3", "PutObject", "idempotent"],
    ["s3", "CompleteMultipartUpload", "unsafe"],
    ["route-53", "ChangeResourceRecordSets", "unsafe"],
  ];
  for (const [service, operation, expected] of shipped) {
    it(`marks ${service} ${operation} ${expected} in entities/`, () => {
      const file = resolve(__dirname, "../../../entities", service, "action.json");
      const { operations } = JSON.parse(readFileSync(file, "utf8")) as {
        operations: Record<string, { idempotency: string }>;
      };
      assert.equal(operations[operation]?.idempotency, expected);
    });
  }
});
