/** Owns the cases of hosts: which the proxy signs for, and where AWS's names end. */
import assert from "node:assert/strict";
import { HostRules, parseAuthority } from "../../../utils/proxy/host-rules";

describe("hosts that the proxy signs for", () => {
  const rules = new HostRules([{ host: "minio.example", port: 9000 }]);
  const isAllowed = (text: string): boolean => {
    const target = parseAuthority(text, 443);
    if (target === undefined) return false;
    try {
      rules.check(target);
      return true;
    } catch {
      return false;
    }
  };

  for (const host of [
    "s3.amazonaws.com",
    "S3.EU-WEST-1.amazonaws.com:443",
    "bucket.with.dots.s3.us-east-1.amazonaws.com",
    "my_old_bucket.s3.amazonaws.com",
    "compute.s3.us-east-1.amazonaws.com",
    "elb.s3.amazonaws.com",
    "rds.us-east-1.amazonaws.com",
    "rds.amazonaws.com",
    "ec2.us-west-2.amazonaws.com",
    "sts.cn-north-1.amazonaws.com.cn",
    "s3.dualstack.eu-west-1.amazonaws.com",
    "ec2.us-east-1.api.aws",
    "abc.execute-api.us-east-1.amazonaws.com",
    "vpce-1-a.s3.us-east-1.vpce.amazonaws.com",
    "minio.example:9000",
  ]) {
    it(`allows ${host}`, () => assert.ok(isAllowed(host)));
  }

  for (const host of [
    "",
    "amazonaws.com.evil.example",
    "s3.amazonaws.com.evil.example",
    "xamazonaws.com",
    "s3.amazonaws.com.",
    "s3..amazonaws.com",
    ".amazonaws.com",
    "s3.amazonaws.com:80",
    "s3.amazonaws.com:0",
    "s3.amazonaws.com:99999",
    "s3.amazonaws.com:443:443",
    "a@s3.amazonaws.com",
    "s3.amazonaws.com/x",
    "s3.amazonaws.com#.example",
    "s3%2eamazonaws.com",
    "ec2-1-2-3-4.compute-1.amazonaws.com",
    "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com",
    "ec2-1-2-3-4.cn-north-1.compute.amazonaws.com.cn",
    "minio.example",
    "minio.example:443",
    "sub.minio.example:9000",
    "127.0.0.1",
    "localhost",
    "[::1]",
    "[fe80::1%eth0]",
    "0x7f000001",
  ]) {
    it(`allows not ${JSON.stringify(host)}`, () => assert.ok(!isAllowed(host)));
  }
});
