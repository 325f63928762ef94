/** Owns the cases of methods that are made of data. */
import assert from "node:assert/strict";
import { bindOperations, methodName } from "../../../utils/platform/bind-operations";

describe("bindOperations", () => {
  class Parent {}
  class Adapter extends Parent {}
  const index = {
    "route-53": { prefix: "route53", version: "1", reach: "methods", operations: ["listTags"] },
  } as const;
  const methods = bindOperations(Parent.prototype, index, (...given) => given);
  Object.setPrototypeOf(Adapter.prototype, methods);
  const adapter = new Adapter() as Adapter & Record<string, (...given: unknown[]) => unknown>;

  it("makes two methods an operation, which pass on their arguments", () => {
    const callback = () => {};
    assert.deepEqual(adapter["route53ListTags"]?.({ a: 1 }, callback), [
      adapter,
      "route53ListTags",
      "route-53",
      "listTags",
      "plain",
      [{ a: 1 }, callback],
    ]);
    assert.deepEqual(adapter["route53ListTagsSTSRole"]?.(1, 2, 3, 4, 5, 6), [
      adapter,
      "route53ListTagsSTSRole",
      "route-53",
      "listTags",
      "STSRole",
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it("names their parameters as pronghorn.json does, and hides them as class methods are", () => {
    const method = adapter["route53ListTagsSTSRole"];
    assert.match(String(method), /^function\s*\(params,\s*stsParams,\s*roleName,\s*iapMetadata,\s*callback\)/);
    assert.match(String(adapter["route53ListTags"]), /^function\s*\(params,\s*iapMetadata,\s*callback\)/);
    assert.deepEqual(Object.keys(methods), []);
    assert.ok(adapter instanceof Parent && adapter instanceof Adapter);
  });

  it("makes names", () => {
    assert.equal(methodName("ec2", "DescribeInstances", "plain"), "ec2DescribeInstances");
    assert.equal(methodName("ec2", "DescribeInstances", "STSRole"), "ec2DescribeInstancesSTSRole");
  });
});
