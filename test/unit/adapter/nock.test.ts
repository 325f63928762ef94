/** Owns the proof that nock stands in for AWS, as it does in the tests of those who build on this adapter. */
import assert from "node:assert/strict";
import nock from "nock";

import AwsAdapter = require("../../../adapter");

import { silentLogger } from "../../support/silent-logger";

const ROLE = "arn:aws:iam::123456789012:role/task-reader";
const STS = "https://sts.eu-west-1.amazonaws.com";
const EC2 = "https://ec2.eu-west-1.amazonaws.com";

const properties = {
  region: "eu-west-1",
  authentication: {
    auth_method: "aws_authentication",
    aws_access_key: "AKIAIOSFODNN7EXAMPLE",
    aws_secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    aws_sts: { region: "eu-west-1" },
  },
  healthcheck: { type: "none" },
  request: { number_retries: 2 },
};
const vpcs = "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>";
const session = (accessKeyId: string): string =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

type Method = (...given: unknown[]) => Promise<{ readonly response: Record<string, unknown> }>;

// Importing it takes node:http over, for whatever runs in the same process.
nock.restore();

describe("AwsAdapter against nock", () => {
  const ask = (method: string, ...given: unknown[]) => {
    const adapter = new AwsAdapter("aws", properties, { environment: {}, logger: silentLogger });
    return (adapter as unknown as Record<string, Method>)[method]?.(...given);
  };

  before(() => {
    nock.activate();
    nock.disableNetConnect();
  });
  afterEach(() => {
    assert.deepEqual(nock.pendingMocks(), [], "nothing that was expected was left out");
    nock.cleanAll();
  });
  after(() => {
    nock.enableNetConnect();
    nock.restore();
  });

  it("assumes the role at STS, and signs as its session", async () => {
    const isOfRole = ({ Action, RoleArn }: Record<string, unknown>): boolean =>
      Action === "AssumeRole" && RoleArn === ROLE;
    nock(STS, { reqheaders: { authorization: /Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/sts\/aws4_request/ } })
      .post("/", isOfRole)
      .reply(200, session("ASIAOFTASK"));
    nock(EC2, { reqheaders: { authorization: /Credential=ASIAOFTASK\//, "x-amz-security-token": "token" } })
      .post("/", "Action=DescribeVpcs&Version=2016-11-15")
      .reply(200, vpcs);
    const answer = await ask("ec2DescribeVpcsSTSRole", {}, { RoleArn: ROLE }, null);
    assert.deepEqual(answer?.response["Vpcs"], [{ VpcId: "vpc-1" }]);
  });

  it("repeats what fails on the way and what AWS cannot serve now", async () => {
    nock(EC2)
      .post("/")
      .replyWithError(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    nock(EC2).post("/").reply(503, "<Response><Errors><Error><Code>Unavailable</Code></Error></Errors></Response>");
    nock(EC2).post("/").reply(200, vpcs);
    assert.deepEqual((await ask("ec2DescribeVpcs", {}))?.response["Vpcs"], [{ VpcId: "vpc-1" }]);
  });

  it("tells whose answer it was when a role is refused", async () => {
    nock(STS)
      .post("/")
      .reply(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error></ErrorResponse>");
    const step = `step 1 of 1, AssumeRole ${ROLE} (stsParams)`;
    await assert.rejects(ask("ec2DescribeVpcsSTSRole", {}, { RoleArn: ROLE }, null) ?? Promise.resolve(), {
      icode: "AD.402",
      aws: { code: "AccessDenied", message: "No.", operation: "AssumeRole", service: "sts", step },
    });
  });
});
