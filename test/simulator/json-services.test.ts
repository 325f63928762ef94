/** Reads and writes in the simulated services that speak JSON. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { assume, call, errorCode, form, json, type Keys } from "./simulator-client";

describe("simulator: JSON services", () => {
  let simulator: Simulator;
  let reader: Keys;
  let writer: Keys;
  beforeEach(async () => {
    simulator = await startSimulator();
    reader = await assume(simulator, "task-reader");
    writer = await assume(simulator, "task-writer");
  });
  afterEach(() => simulator.close());

  const ask = async (service: "dynamodb" | "secretsmanager" | "sqs", action: string, input: unknown, keys = writer) => {
    const reply = await call(simulator, { ...json(service, action, input), keys });
    return { status: reply.status, headers: reply.headers, body: JSON.parse(reply.text) as Record<string, unknown> };
  };

  it("Secrets Manager keeps versions", async () => {
    const found = await ask("secretsmanager", "GetSecretValue", { SecretId: "network/router-login" }, reader);
    assert.match(found.body["SecretString"] as string, /netops/);
    await ask("secretsmanager", "PutSecretValue", { SecretId: "network/router-login", SecretString: "new" });
    const get = async (VersionStage?: string) =>
      (await ask("secretsmanager", "GetSecretValue", { SecretId: "network/router-login", VersionStage })).body[
        "SecretString"
      ] as string;
    assert.equal(await get(), "new");
    assert.match(await get("AWSPREVIOUS"), /netops/);
    const exists = await ask("secretsmanager", "CreateSecret", { Name: "network/router-login", SecretString: "x" });
    assert.equal(exists.body["__type"], "ResourceExistsException");
    assert.equal(
      (await ask("secretsmanager", "GetSecretValue", { SecretId: "none" })).body["__type"],
      "ResourceNotFoundException",
    );
    const denied = await ask("secretsmanager", "CreateSecret", { Name: "a" }, reader);
    assert.deepEqual([denied.status, denied.body["__type"]], [400, "AccessDeniedException"]);
    assert.match(
      denied.body["message"] as string,
      /perform: secretsmanager:CreateSecret on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:a because/,
    );
  });

  it("DynamoDB keeps items by key and queries them in order", async () => {
    const item = { site: { S: "lab" }, name: { S: "edge-0" }, blob: { B: "AA==" } };
    await ask("dynamodb", "PutItem", { TableName: "devices", Item: item });
    const Key = { site: { S: "lab" }, name: { S: "edge-0" } };
    assert.deepEqual((await ask("dynamodb", "GetItem", { TableName: "devices", Key }, reader)).body["Item"], item);
    const query = (more: object) =>
      ask("dynamodb", "Query", {
        TableName: "devices",
        KeyConditionExpression: "site = :site AND #name > :name",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":site": { S: "lab" }, ":name": { S: "edge-0" } },
        ...more,
      });
    const names = (body: Record<string, unknown>) =>
      (body["Items"] as { name: { S: string } }[]).map((one) => one.name.S);
    assert.deepEqual(names((await query({})).body), ["edge-1", "edge-2"]);
    assert.deepEqual(names((await query({ ScanIndexForward: false, Limit: 1 })).body), ["edge-2"]);
    const start = (await query({ Limit: 1 })).body["LastEvaluatedKey"];
    assert.deepEqual(names((await query({ ExclusiveStartKey: start })).body), ["edge-2"]);
    const once = { TableName: "devices", Item: item, ConditionExpression: "attribute_not_exists(site)" };
    assert.match(
      (await ask("dynamodb", "PutItem", once)).body["__type"] as string,
      /#ConditionalCheckFailedException$/,
    );
    assert.match(
      (await ask("dynamodb", "GetItem", { TableName: "devices", Key: { site: { S: "lab" } } })).body[
        "__type"
      ] as string,
      /#ValidationException$/,
    );
    assert.match(
      (await ask("dynamodb", "DescribeTable", { TableName: "none" })).body["__type"] as string,
      /#ResourceNotFoundException$/,
    );
    assert.equal(
      (await ask("dynamodb", "DeleteItem", { TableName: "devices", Key }, reader)).body["__type"],
      "AccessDeniedException",
    );
  });

  it("SQS gives a message once until its visibility ends", async () => {
    const QueueUrl = (await ask("sqs", "GetQueueUrl", { QueueName: "changes" })).body["QueueUrl"] as string;
    assert.equal(QueueUrl, `${simulator.url}/123456789012/changes`);
    const sent = await ask("sqs", "SendMessage", { QueueUrl, MessageBody: "hé" });
    assert.equal(sent.body["MD5OfMessageBody"], createHash("md5").update("hé").digest("hex"));
    const received = (await ask("sqs", "ReceiveMessage", { QueueUrl })).body["Messages"] as {
      Body: string;
      ReceiptHandle: string;
    }[];
    assert.equal(received[0]?.Body, "hé");
    assert.deepEqual((await ask("sqs", "ReceiveMessage", { QueueUrl })).body, {});
    await ask("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle: received[0]?.ReceiptHandle });
    const missing = await ask("sqs", "GetQueueUrl", { QueueName: "none" });
    assert.equal(missing.headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
  });

  it("refuses what is no JSON object, and services that it does not have", async () => {
    const broken = await call(simulator, { ...json("dynamodb", "ListTables", {}), body: "[", keys: writer });
    assert.equal(errorCode(broken), "SerializationException");
    const unknown = await call(simulator, { ...form("sts", { Action: "ListUsers" }), service: "iam", keys: writer });
    assert.match(unknown.text, /The simulator has no service 'iam'; it has sts, ec2, s3/);
  });
});
