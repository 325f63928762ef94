/** Owns the trial of the name that was probably meant. */
import assert from "node:assert/strict";
import { nearestName } from "../../../utils/models/nearest-name";

describe("nearestName", () => {
  const names = ["DescribeInstances", "DescribeInstanceStatus", "RunInstances", "route-53"];
  const cases: readonly (readonly [found: string, name: string | undefined])[] = [
    ["describeinstances", "DescribeInstances"],
    ["DescribeInstanses", "DescribeInstances"],
    ["RunInstance", "RunInstances"],
    ["route53", "route-53"],
    ["Frobnicate", undefined],
    ["", undefined],
    ["x".repeat(5000), undefined],
  ];
  for (const [found, name] of cases)
    it(`${found.slice(0, 20)} → ${name}`, () => assert.equal(nearestName(found, names), name));
});
