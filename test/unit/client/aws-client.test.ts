/** Owns the trial of a call from its input to its answer, in every protocol that AWS speaks. */
import assert from "node:assert/strict";
import type { AdapterError } from "../../../utils/errors/adapter-error";
import { refused, sent } from "./one-call";

describe("AwsClient", () => {
  it("speaks ec2Query", async () => {
    const { request, body, result } = await sent(
      "ec2",
      "DescribeInstances",
      { Filters: [{ Name: "tag:Name", Values: ["a b", "c"] }], MaxResults: 5 },
      {
        headers: { "content-type": "text/xml" },
        body: "<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item></instancesSet></item></reservationSet></DescribeInstancesResponse>",
      },
    );
    assert.equal(
      `${request.method} ${request.protocol}//${request.hostname}${request.path}`,
      "POST https://ec2.eu-west-1.amazonaws.com/",
    );
    assert.equal(
      body,
      "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=a%20b&Filter.1.Value.2=c&MaxResults=5",
    );
    assert.equal(request.headers["content-type"], "application/x-www-form-urlencoded");
    assert.equal(request.headers["content-length"], String(body?.length));
    assert.equal(request.headers["user-agent"], "adapter-aws/test");
    assert.match(
      request.headers["authorization"] ?? "",
      /Credential=AKIDEXAMPLE\/20260102\/eu-west-1\/ec2\/aws4_request/,
    );
    assert.deepEqual(result.output, { Reservations: [{ Instances: [{ InstanceId: "i-1" }] }] });
  });

  it("speaks awsQuery", async () => {
    const { body, request, result } = await sent(
      "sts",
      "GetCallerIdentity",
      {},
      {
        headers: { "x-amzn-requestid": "q-1" },
        body: "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
      },
    );
    assert.equal(request.hostname, "sts.eu-west-1.amazonaws.com");
    assert.equal(body, "Action=GetCallerIdentity&Version=2011-06-15");
    assert.deepEqual(result.output, { Account: "1" });
    assert.equal(result.requestId, "q-1");
    assert.deepEqual(result.metrics, {
      roundTripMs: 0,
      attempts: 1,
      queueMs: 0,
      credentialSource: "static keys",
      roleChain: [],
    });
  });

  it("speaks awsJson", async () => {
    const { body, request, result } = await sent(
      "dynamodb",
      "PutItem",
      { TableName: "t", Item: { id: { N: "1" }, data: { B: { base64: "aGk=" } } } },
      {
        body: '{"Attributes":{"b":{"B":"aGk="},"n":{"N":"12345678901234567890"}},"ConsumedCapacity":{"CapacityUnits":0.5}}',
      },
    );
    assert.equal(request.headers["x-amz-target"], "DynamoDB_20120810.PutItem");
    assert.deepEqual(JSON.parse(body ?? ""), { TableName: "t", Item: { id: { N: "1" }, data: { B: "aGk=" } } });
    assert.deepEqual(result.output, {
      Attributes: { b: { B: "aGk=" }, n: { N: "12345678901234567890" } },
      ConsumedCapacity: { CapacityUnits: 0.5 },
    });
  });

  it("speaks restJson", async () => {
    const { body, request, result } = await sent(
      "lambda",
      "Invoke",
      { FunctionName: "my function", InvocationType: "Event", Payload: '{"a":1}' },
      { statusCode: 202, headers: { "x-amz-executed-version": "$LATEST" }, body: '{"b":2}' },
    );
    assert.equal(`${request.method} ${request.path}`, "POST /2015-03-31/functions/my%20function/invocations");
    assert.equal(request.headers["x-amz-invocation-type"], "Event");
    assert.equal(body, '{"a":1}');
    assert.deepEqual(result.output, {
      StatusCode: 202,
      ExecutedVersion: "$LATEST",
      Payload: Buffer.from('{"b":2}').toString("base64"),
    });
  });

  it("speaks restXml, with Route 53's ids as its answers give them", async () => {
    const { body, request } = await sent(
      "route-53",
      "ChangeResourceRecordSets",
      {
        HostedZoneId: "/hostedzone/Z1",
        ChangeBatch: {
          Changes: [
            {
              Action: "UPSERT",
              ResourceRecordSet: {
                Name: "a.",
                Type: "A",
                AliasTarget: { HostedZoneId: "/hostedzone/Z2", DNSName: "d", EvaluateTargetHealth: false },
              },
            },
          ],
        },
      },
      { headers: { "x-amzn-requestid": "r" } },
    );
    assert.equal(
      `${request.method} https://${request.hostname}${request.path}`,
      "POST https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/rrset",
    );
    assert.match(
      body ?? "",
      /^<\?xml version="1.0" encoding="UTF-8"\?><ChangeResourceRecordSetsRequest .*<HostedZoneId>Z2<\/HostedZoneId>/,
    );
    assert.match(
      request.headers["authorization"] ?? "",
      /\/us-east-1\/route53\//,
      "the region of the partition's one endpoint signs",
    );
  });

  it("keeps integers of a JSON answer that a double cannot hold", async () => {
    const { result } = await sent(
      "dynamodb",
      "DescribeTable",
      { TableName: "t" },
      {
        body: '{"Table":{"TableName":"9007199254740993","ItemCount":9007199254740993,"TableSizeBytes":5}}',
      },
    );
    assert.deepEqual(result.output, {
      Table: { TableName: "9007199254740993", ItemCount: "9007199254740993", TableSizeBytes: 5 },
    });
  });

  it("writes timestamps of JSON answers as ISO 8601", async () => {
    const { result } = await sent(
      "secrets-manager",
      "DescribeSecret",
      { SecretId: "s" },
      { body: '{"CreatedDate":1.767323045E9}' },
    );
    assert.deepEqual(result.output, { CreatedDate: "2026-01-02T03:04:05.000Z" });
  });

  it("reads an answer without a body as an empty output", async () => {
    assert.deepEqual(
      (await sent("s3", "DeleteObject", { Bucket: "bucket-1", Key: "k" }, { statusCode: 204 })).result.output,
      {},
    );
    assert.deepEqual(
      (await sent("sqs", "DeleteQueue", { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/q" }, {})).result.output,
      {},
    );
  });

  it("reads members of headers beside members of an XML body", async () => {
    const { result } = await sent(
      "s3",
      "CopyObject",
      { Bucket: "bucket-1", Key: "k", CopySource: "b/k" },
      {
        headers: { "x-amz-version-id": "v" },
        body: "<CopyObjectResult><ETag>&quot;e&quot;</ETag><LastModified>2026-01-02T03:04:05Z</LastModified></CopyObjectResult>",
      },
    );
    assert.deepEqual(result.output, {
      VersionId: "v",
      CopyObjectResult: { ETag: '"e"', LastModified: "2026-01-02T03:04:05.000Z" },
    });
  });

  for (const [service, operation, input, body] of [
    ["ec2", "DescribeInstances", {}, ""],
    ["sts", "GetCallerIdentity", {}, ""],
    ["ec2", "CreateTags", { Resources: ["i-1"], Tags: [{ Key: "a", Value: "b" }] }, ""],
    ["ec2", "CreateTags", { Resources: ["i-1"], Tags: [{ Key: "a", Value: "b" }] }, "<html>Log in</html>"],
    ["sqs", "DeleteMessage", { QueueUrl: "https://q.example/1/q", ReceiptHandle: "r" }, "<html>Log in</html>"],
  ] as const) {
    it(`takes ${body || "nothing"} for no answer of ${operation}: it does not say that AWS did it`, async () => {
      const error = await sent(service, operation, input, { body }).then(
        () => assert.fail("it was a success"),
        (thrown: unknown) => thrown as AdapterError,
      );
      assert.equal(error.code, "RESPONSE_UNREADABLE");
    });
  }

  it("reads the document that answers an operation without output", async () => {
    const tags = { Resources: ["i-1"], Tags: [{ Key: "a", Value: "b" }] };
    const ec2 = "<CreateTagsResponse><requestId>r-1</requestId><return>true</return></CreateTagsResponse>";
    assert.deepEqual((await sent("ec2", "CreateTags", tags, { body: ec2 })).result.output, {});
    const iam =
      "<DeleteUserResponse><ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></DeleteUserResponse>";
    assert.deepEqual((await sent("iam", "DeleteUser", { UserName: "u" }, { body: iam })).result.output, {});
  });

  it("names what does not exist, before anything is sent", async () => {
    assert.equal((await refused("ec3", "DescribeInstances", {})).code, "UNKNOWN_SERVICE");
    assert.equal((await refused("ec2", "DescribeInstance", {})).code, "UNKNOWN_OPERATION");
  });
});
