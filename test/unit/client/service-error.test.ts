/** Owns the trial of the errors that services answer, and what is said of them. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { Masker } from "../../../utils/logging/masker";
import { type Answer, answers, fixture } from "./client-fixture";

const INPUTS: Readonly<Record<string, readonly [string, unknown]>> = {
  ec2: ["DescribeVpcs", {}],
  iam: ["GetRole", { RoleName: "r" }],
  sts: ["GetCallerIdentity", {}],
  s3: ["GetObject", { Bucket: "bucket-1", Key: "k" }],
  "route-53": ["GetHostedZone", { Id: "Z" }],
  dynamodb: ["GetItem", { TableName: "t", Key: { id: { S: "1" } } }],
  lambda: ["Invoke", { FunctionName: "f" }],
  sqs: ["GetQueueUrl", { QueueName: "q" }],
};

async function failed(service: string, answer: Answer, operation?: string, input?: unknown): Promise<AdapterError> {
  const f = fixture(answers(answer), {
    request: { maxRetries: 0 },
    masker: Object.assign(new Masker(), { maskText: (text: string) => text.replaceAll("hunter2", "** masked **") }),
  });
  const [name, given] = INPUTS[service] as readonly [string, unknown];
  try {
    await f.client.send(service, operation ?? name, input ?? given, f.options());
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    return error;
  }
  return assert.fail("it did not fail");
}

describe("errors of AWS", () => {
  for (const [service, answer, code, message, requestId] of [
    [
      "ec2",
      {
        statusCode: 403,
        body: "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no &amp; no</Message></Error></Errors><RequestID>R1</RequestID></Response>",
      },
      "UnauthorizedOperation",
      "no & no",
      "R1",
    ],
    [
      "iam",
      {
        statusCode: 404,
        body: "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message></Error><RequestId>R2</RequestId></ErrorResponse>",
      },
      "NoSuchEntity",
      "m",
      "R2",
    ],
    [
      "sts",
      {
        statusCode: 403,
        headers: { "x-amzn-requestid": "H3" },
        body: "<ErrorResponse><Error><Code>AccessDenied</Code><Message>m</Message></Error><RequestId>R3</RequestId></ErrorResponse>",
      },
      "AccessDenied",
      "m",
      "H3",
    ],
    [
      "s3",
      {
        statusCode: 404,
        headers: { "x-amz-request-id": "H4" },
        body: "<Error><Code>NoSuchKey</Code><Message>m</Message><Key>k</Key></Error>",
      },
      "NoSuchKey",
      "m",
      "H4",
    ],
    [
      "route-53",
      {
        statusCode: 404,
        body: "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchHostedZone</Code><Message>m</Message></Error><RequestId>R5</RequestId></ErrorResponse>",
      },
      "NoSuchHostedZone",
      "m",
      "R5",
    ],
    [
      "dynamodb",
      {
        statusCode: 400,
        headers: { "x-amzn-requestid": "H6" },
        body: '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"m"}',
      },
      "ResourceNotFoundException",
      "m",
      "H6",
    ],
    [
      "lambda",
      {
        statusCode: 429,
        headers: { "x-amzn-errortype": "TooManyRequestsException:http://x/", "x-amzn-requestid": "H7" },
        body: '{"Reason":"R","message":"m"}',
      },
      "TooManyRequestsException",
      "m",
      "H7",
    ],
    [
      "sqs",
      {
        statusCode: 400,
        headers: { "x-amzn-requestid": "H8", "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender" },
        body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"}',
      },
      "AWS.SimpleQueueService.NonExistentQueue",
      "m",
      "H8",
    ],
  ] as const) {
    it(`of ${service} keep AWS's code, message and request id`, async () => {
      const error = await failed(service, answer);
      assert.equal(error.code, "SERVICE_ERROR");
      assert.deepEqual(error.aws, {
        ...{
          service,
          operation: (INPUTS[service] as readonly [string, unknown])[0],
          code,
          message,
          statusCode: answer.statusCode,
          requestId,
        },
      });
      assert.ok(error.displayString.includes(code) && error.displayString.includes(message));
      assert.equal(error.rawResponse, answer.body);
    });
  }

  for (const [statusCode, code] of [
    [404, "NotFound"],
    [403, "Forbidden"],
    [400, "BadRequest"],
    [301, "MovedPermanently"],
    [412, "PreconditionFailed"],
    [503, "ServiceUnavailable"],
  ] as const) {
    it(`to HEAD are named by their status: ${statusCode} ${code}`, async () => {
      const error = await failed("s3", { statusCode, headers: { "x-amz-request-id": "H" } }, "HeadObject");
      assert.equal(error.aws?.code, code);
      assert.equal(error.aws?.requestId, "H");
      assert.match(error.aws?.message ?? "", new RegExp(`HTTP ${statusCode}`));
    });
  }

  for (const [service, statusCode, body] of [
    ["ec2", 502, "<html><body>Bad Gateway hunter2</body></html>"],
    ["ec2", 503, "<html><head><title>x</title><body>not closed hunter2"],
    ["s3", 500, "plain hunter2"],
    ["dynamodb", 502, "<html>hunter2</html>"],
    ["dynamodb", 403, '{"reason":"hunter2"}'],
    ["lambda", 407, "Proxy Authentication Required hunter2"],
    ["iam", 403, "<Error>hunter2</Error>"],
  ] as const) {
    it(`that AWS did not write keep status ${statusCode} and a masked excerpt (${service}, ${body.slice(0, 10)})`, async () => {
      const error = await failed(service, { statusCode, headers: { "content-type": "text/html" }, body });
      assert.equal(error.code, "RESPONSE_UNREADABLE");
      assert.equal(error.statusCode, statusCode);
      assert.match(error.message, new RegExp(`HTTP ${statusCode}.*masked`));
      assert.doesNotMatch(JSON.stringify(error) + error.message + String(error.cause), /hunter2/);
    });
  }

  for (const [service, body] of [
    ["ec2", "<DescribeVpcsResponse><vpcSet>"],
    ["ec2", "<html><body>login</body></html>"],
    ["iam", "hello"],
    ["dynamodb", "{broken"],
    ["dynamodb", "<html/>"],
    ["route-53", "<html><body/></html>"],
  ] as const) {
    it(`are no success: 200 with ${body} of ${service}`, async () => {
      const error = await failed(service, { body });
      assert.equal(error.code, "RESPONSE_UNREADABLE");
      assert.match(error.message, /HTTP 200/);
    });
  }

  it("are found under status 200, where S3 puts them", async () => {
    const copy = { Bucket: "bucket-1", Key: "k", CopySource: "b/k" };
    const inside = await failed(
      "s3",
      { body: "<?xml version='1.0'?>\n<Error><Code>SlowDown</Code><Message>m</Message></Error>\n" },
      "CopyObject",
      copy,
    );
    assert.equal(inside.aws?.code, "SlowDown");
    const cutOff = await failed("s3", { body: "" }, "CopyObject", copy);
    assert.equal(cutOff.aws?.statusCode, 503);
  });

  it("do not repeat the session token that AWS explains a signature with", async () => {
    const message = "The Canonical String should have been 'GET\n/\n\nx-amz-security-token:FwoGSECRET\n\nhost'";
    const body = `<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>${message}</Message></Error></ErrorResponse>`;
    const error = await failed("iam", { statusCode: 403, body });
    assert.match(error.message, /x-amz-security-token:\*\* masked \*\*/);
    assert.doesNotMatch(JSON.stringify(error) + error.message, /FwoGSECRET/);
  });

  it("say what to change: the action to allow, and for whom", async () => {
    const body =
      "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>m</Message></Error></Errors></Response>";
    const error = await failed("ec2", { statusCode: 403, body });
    assert.match(error.recommendation, /Allow ec2:DescribeVpcs .*static keys/);
  });

  it("say where a bucket is", async () => {
    const headers = { "x-amz-bucket-region": "us-west-2" };
    const body = "<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>";
    assert.match(
      (await failed("s3", { statusCode: 301, headers, body })).recommendation,
      /callProperties\.region to us-west-2/,
    );
  });
});
