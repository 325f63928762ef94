/** Owns the proof that the functions of endpoint rules answer what the SDK's do. */
import assert from "node:assert/strict";
import { awsEndpointFunctions } from "@aws-sdk/core/client";
import fc from "fast-check";
import { endpointFunctions } from "../../../utils/client/endpoint-functions";

type Call = (...given: unknown[]) => unknown;
const [ours, sdk] = [endpointFunctions, awsEndpointFunctions] as unknown as [
  Record<string, Call>,
  Record<string, Call>,
];

const regions = [
  ...[
    "us-east-1",
    "eu-central-2",
    "ap-southeast-7",
    "sa-east-1",
    "ca-west-1",
    "me-south-1",
    "af-south-1",
    "il-central-1",
  ],
  ...[
    "mx-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    "us-iso-east-1",
  ],
  ...["us-iso-west-1", "us-isob-east-1", "us-isob-west-1", "eu-isoe-west-1", "us-isof-south-1", "us-isof-east-1"],
  ...["aws-global", "aws-cn-global", "aws-us-gov-global", "aws-iso-global", "aws-iso-b-global", "aws-iso-e-global"],
  ...["aws-iso-f-global", "aws-eusc-global", "", "nowhere", "us-east", "us-east-1\n", "US-EAST-1", "xx-us-east-1"],
];

/** Where a region is, in words, is for people. */
function facts(partition: unknown): object {
  const { description: _, ...all } = partition as Record<string, unknown>;
  return all;
}

describe("endpoint functions", () => {
  it("name the partition of every region as the SDK does, and of what is none", () => {
    for (const region of regions)
      assert.deepEqual(ours["partition"]?.(region), facts(sdk["partition"]?.(region)), region);
    const parts = fc.constantFrom(
      "us",
      "eu",
      "cn",
      "gov",
      "iso",
      "isob",
      "eusc",
      "de",
      "aws",
      "global",
      "east",
      "1",
      "x_9",
    );
    const made = fc.array(parts, { minLength: 1, maxLength: 5 }).map((some) => some.join("-"));
    fc.assert(
      fc.property(made, (region) =>
        assert.deepEqual(ours["partition"]?.(region), facts(sdk["partition"]?.(region)), region),
      ),
    );
  });

  it("are all that the SDK has, and the others are its own", () => {
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(sdk).sort());
    const arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/one";
    for (const given of [arn, "arn:aws:s3", "no"])
      assert.deepEqual(ours["parseArn"]?.(given), sdk["parseArn"]?.(given));
    for (const bucket of ["one", "One", "a.b", "127.0.0.1", "x"]) {
      for (const allowDots of [true, false]) {
        const [found, expected] = [ours, sdk].map((of) => of["isVirtualHostableS3Bucket"]?.(bucket, allowDots));
        assert.equal(found, expected, bucket);
      }
    }
  });
});
