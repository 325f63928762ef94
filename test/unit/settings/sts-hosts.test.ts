/** Owns the comparison of every STS host that we know of with the one that AWS's own client finds. */
import assert from "node:assert/strict";
import { STSClient } from "@aws-sdk/client-sts";
import { describe, it } from "mocha";
import { stsAddress } from "../../../utils/settings/sts-endpoint";

const regionsByPartition: Readonly<Record<string, readonly string[]>> = {
  aws: [
    ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1"],
    ...[
      "eu-west-1",
      "eu-west-2",
      "eu-west-3",
      "eu-central-1",
      "eu-central-2",
      "eu-north-1",
      "eu-south-1",
      "eu-south-2",
    ],
    ...["af-south-1", "il-central-1", "me-central-1", "me-south-1", "ap-east-1", "ap-south-1", "ap-south-2"],
    ...["ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3"],
    ...["ap-southeast-4", "ap-southeast-5", "ap-southeast-7"],
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
  "aws-eusc": ["eusc-de-east-1"],
  "aws-iso": ["us-iso-east-1", "us-iso-west-1"],
  "aws-iso-b": ["us-isob-east-1", "us-isob-west-1"],
  "aws-iso-e": ["eu-isoe-west-1"],
  "aws-iso-f": ["us-isof-east-1", "us-isof-south-1"],
};

describe("the hosts of STS, as AWS's own client finds them", () => {
  const { endpointProvider } = new STSClient({ region: "us-east-1" }).config;
  for (const [partition, regions] of Object.entries(regionsByPartition)) {
    it(partition, () => {
      for (const region of [...regions, ...(partition === "aws" ? ["aws-global"] : [])]) {
        for (const useFips of [false, true]) {
          for (const useDualstack of [false, true]) {
            // The global host has no variants.
            if (region === "aws-global" && (useFips || useDualstack)) continue;
            const ours = stsAddress({ stsRegion: region, scheme: "https", useFips, useDualstack });
            const parameters = { UseFIPS: useFips, UseDualStack: useDualstack, UseGlobalEndpoint: false };
            const { url } = endpointProvider({ Region: region, ...parameters });
            assert.equal(`${ours.url}/`, url.href, `${region} fips ${useFips} dualstack ${useDualstack}`);
            assert.equal(ours.region, region === "aws-global" ? "us-east-1" : region);
          }
        }
      }
    });
  }
});
