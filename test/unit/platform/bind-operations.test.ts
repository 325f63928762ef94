/** Owns the cases of methods that are made of data. */
import assert from "node:assert/strict";
import { bindOperations, methodName } from "../../../utils/platform/bind-operations";

describe("bindOperations", () => {
  class Adapter {}
  bindOperations(
    Adapter.prototype,
    { "route-53": { prefix: "route53", version: "1", operations: ["listTags"] } },
    (...given) => given,
  );
  const adapter = new Adapter() as Adapter & Record<string, (...given: unknown[]) => unknown>;

  it("makes two methods an operation, which pass on their arguments", () => {
    const callback = () => {};
    assert.deepEqual(adapter["route53ListTags"]?.({ a: 1 }, callback), [
      adapter,
      "route53ListTags",
      "route-53",
      "listTags",
      "plain",
      [{ a: 1 }, callback, undefined],
    ]);
    assert.deepEqual(adapter["route53ListTagsSTSRole"]?.(1, 2, 3, 4, 5), [
      adapter,
      "route53ListTagsSTSRole",
      "route-53",
      "listTags",
      "STSRole",
      [1, 2, 3, 4, 5],
    ]);
  });

  it("names them and their parameters as pronghorn.json does, and hides them as class methods are", () => {
    const method = adapter["route53ListTagsSTSRole"];
    assert.equal(method?.name, "route53ListTagsSTSRole");
    assert.match(String(method), /^function\s*\(params,\s*stsParams,\s*roleName,\s*iapMetadata,\s*callback\)/);
    assert.match(String(adapter["route53ListTags"]), /^function\s*\(params,\s*iapMetadata,\s*callback\)/);
    assert.deepEqual(Object.keys(Adapter.prototype), []);
  });

  it("makes names", () => {
    assert.equal(methodName("ec2", "DescribeInstances", "plain"), "ec2DescribeInstances");
    assert.equal(methodName("ec2", "DescribeInstances", "STSRole"), "ec2DescribeInstancesSTSRole");
  });
});
