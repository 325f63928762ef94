/** Owns the cases of the names of methods. */
import assert from "node:assert/strict";
import { methodName } from "../../../utils/platform/bind-operations";

describe("methodName", () => {
  it("is the prefix, the operation with a capital letter, and what tells that it acts as a role", () => {
    assert.equal(methodName("ec2", "DescribeInstances", "plain"), "ec2DescribeInstances");
    assert.equal(methodName("ec2", "DescribeInstances", "STSRole"), "ec2DescribeInstancesSTSRole");
    assert.equal(methodName("route53", "listTags", "plain"), "route53ListTags");
  });
});
