/** Reads and writes in every simulated service, with the permissions of a reader and of a writer. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { assume, type Call, call, element, errorCode, form, json, type Keys } from "./simulator-client";

const elements = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map((match) => match[1] as string);

describe("simulator: services", () => {
  let simulator: Simulator;
  let reader: Keys;
  let writer: Keys;
  beforeEach(async () => {
    simulator = await startSimulator();
    [reader, writer] = await Promise.all([assume(simulator, "task-reader"), assume(simulator, "task-writer")]);
  });
  afterEach(() => simulator.close());

  describe("EC2", () => {
    const ec2 = (parameters: Record<string, string>, keys = writer, region = "us-east-1") =>
      call(simulator, { ...form("ec2", parameters), keys, region });
    const describeInstances = async (parameters: Record<string, string> = {}, keys = writer, region = "us-east-1") =>
      elements((await ec2({ Action: "DescribeInstances", ...parameters }, keys, region)).text, "instanceId");

    it("describes the instances of a region, filtered", async () => {
      assert.equal((await describeInstances({}, reader)).length, 5);
      assert.deepEqual(await describeInstances({}, reader, "eu-west-1"), ["i-0a1b2c3d4e5f60006"]);
      const stopped = { "Filter.1.Name": "instance-state-name", "Filter.1.Value.1": "stopped" };
      assert.deepEqual(await describeInstances(stopped), ["i-0a1b2c3d4e5f60005"]);
      const web = {
        "Filter.1.Name": "tag:Name",
        "Filter.1.Value.1": "web-?",
        "Filter.2.Name": "instance-type",
        "Filter.2.Value.1": "x",
        "Filter.2.Value.2": "t3.*",
      };
      assert.deepEqual(await describeInstances(web), ["i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60003"]);
      assert.equal(
        errorCode(await ec2({ Action: "DescribeInstances", "Filter.1.Name": "colour" })),
        "InvalidParameterValue",
      );
      assert.match(
        (await ec2({ Action: "DescribeInstances", "InstanceId.1": "i-00000000000000000" })).text,
        /The instance ID 'i-00000000000000000' does not exist/,
      );
      assert.equal(
        errorCode(await ec2({ Action: "DescribeInstances", "InstanceId.1": "web-1" })),
        "InvalidInstanceID.Malformed",
      );
    });

    it("pages", async () => {
      await ec2({ Action: "RunInstances", ImageId: "ami-12345678", MinCount: "3", MaxCount: "3" });
      const first = await ec2({ Action: "DescribeInstances", MaxResults: "5" });
      const NextToken = element(first, "nextToken") as string;
      const second = await ec2({ Action: "DescribeInstances", MaxResults: "5", NextToken });
      assert.equal(element(second, "nextToken"), undefined);
      const all = [...elements(first.text, "instanceId"), ...elements(second.text, "instanceId")];
      assert.deepEqual(all, await describeInstances());
      assert.equal(errorCode(await ec2({ Action: "DescribeInstances", MaxResults: "4" })), "InvalidParameterValue");
      assert.equal(
        errorCode(await ec2({ Action: "DescribeInstances", MaxResults: "5", "InstanceId.1": all[0] as string })),
        "InvalidParameterCombination",
      );
    });

    it("runs once for one client token, starts, stops, tags and terminates", async () => {
      const run = {
        Action: "RunInstances",
        ImageId: "ami-12345678",
        MinCount: "1",
        MaxCount: "1",
        ClientToken: "once",
      };
      const [id] = elements((await ec2(run)).text, "instanceId") as [string];
      assert.deepEqual(elements((await ec2(run)).text, "instanceId"), [id]);
      const states = async (action: string) =>
        elements((await ec2({ Action: action, "InstanceId.1": id })).text, "name");
      assert.deepEqual(await states("StopInstances"), ["stopping", "running"]);
      assert.deepEqual(await states("StartInstances"), ["pending", "stopped"]);
      await ec2({ Action: "CreateTags", "ResourceId.1": id, "Tag.1.Key": "a&b", "Tag.1.Value": "<c>" });
      assert.deepEqual(await describeInstances({ "Filter.1.Name": "tag:a&b", "Filter.1.Value.1": "<c>" }), [id]);
      assert.deepEqual(await states("TerminateInstances"), ["shutting-down", "running"]);
      assert.equal(errorCode(await ec2({ Action: "StartInstances", "InstanceId.1": id })), "IncorrectInstanceState");
    });

    it("a reader may not write, and a dry run says who could", async () => {
      const run = { Action: "RunInstances", ImageId: "ami-12345678", MinCount: "1", MaxCount: "1", DryRun: "true" };
      const refused = await ec2(run, reader);
      assert.equal(refused.status, 403);
      assert.equal(errorCode(refused), "UnauthorizedOperation");
      assert.match(
        refused.text,
        /User: arn:aws:sts::123456789012:assumed-role\/task-reader\/test is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance\/\* because no identity-based policy allows the ec2:RunInstances action/,
      );
      const allowed = await ec2(run);
      assert.deepEqual([allowed.status, errorCode(allowed)], [412, "DryRunOperation"]);
      assert.equal(errorCode(await ec2({ Action: "RunInstances" })), "MissingParameter");
      assert.equal(errorCode(await ec2({ Action: "LaunchRockets" })), "InvalidAction");
    });
  });

  describe("S3", () => {
    const s3 = (method: string, path: string, more: Partial<Call> = {}) =>
      call(simulator, { service: "s3", method, path, keys: writer, ...more });

    it("makes, lists and deletes buckets", async () => {
      assert.equal((await s3("PUT", "/new-bucket")).status, 200);
      assert.equal(errorCode(await s3("PUT", "/new-bucket")), "BucketAlreadyOwnedByYou");
      assert.equal(errorCode(await s3("PUT", "/New_Bucket")), "InvalidBucketName");
      assert.deepEqual(elements((await s3("GET", "/")).text, "Name"), [
        "example-archive",
        "example-configurations",
        "new-bucket",
      ]);
      assert.equal((await s3("HEAD", "/new-bucket")).status, 200);
      await s3("PUT", "/new-bucket/key", { body: "x" });
      assert.equal(errorCode(await s3("DELETE", "/new-bucket")), "BucketNotEmpty");
      await s3("DELETE", "/new-bucket/key");
      assert.equal((await s3("DELETE", "/new-bucket")).status, 204);
      const gone = await s3("HEAD", "/new-bucket");
      assert.deepEqual([gone.status, gone.text], [404, ""]);
    });

    it("a bucket answers in its own region only", async () => {
      const wrong = await s3("GET", "/example-archive", { query: { "list-type": "2" } });
      assert.match(wrong.text, /the region 'us-east-1' is wrong; expecting 'eu-west-1'/);
      assert.equal(wrong.headers["x-amz-bucket-region"], "eu-west-1");
      assert.equal(
        (await s3("GET", "/example-archive", { query: { "list-type": "2" }, region: "eu-west-1" })).status,
        200,
      );
    });

    it("gives objects back with their headers, whole and in part", async () => {
      const headers = { "content-type": "text/x", "x-amz-meta-owner": "ops", "cache-control": "no-store" };
      const put = await s3("PUT", "/example-configurations/a", { body: "0123456789", headers });
      assert.equal(put.headers["etag"], `"${createHash("md5").update("0123456789").digest("hex")}"`);
      const got = await s3("GET", "/example-configurations/a");
      assert.deepEqual(
        [got.text, got.headers["content-type"], got.headers["x-amz-meta-owner"]],
        ["0123456789", "text/x", "ops"],
      );
      const range = async (value: string) => {
        const reply = await s3("GET", "/example-configurations/a", { headers: { range: `bytes=${value}` } });
        return [reply.status, reply.text, reply.headers["content-range"]];
      };
      assert.deepEqual(await range("2-4"), [206, "234", "bytes 2-4/10"]);
      assert.deepEqual(await range("7-"), [206, "789", "bytes 7-9/10"]);
      assert.deepEqual(await range("-2"), [206, "89", "bytes 8-9/10"]);
      assert.equal((await range("10-"))[0], 416);
      const head = await s3("HEAD", "/example-configurations/a");
      assert.deepEqual([head.text, head.headers["content-length"]], ["", "10"]);
      assert.equal(
        (await s3("GET", "/example-configurations/a", { headers: { "if-none-match": put.headers["etag"] as string } }))
          .status,
        304,
      );
      assert.equal(
        errorCode(await s3("PUT", "/example-configurations/a", { body: "x", headers: { "if-none-match": "*" } })),
        "PreconditionFailed",
      );
      assert.equal(errorCode(await s3("GET", "/example-configurations/b")), "NoSuchKey");
      const copied = await s3("PUT", "/example-configurations/c%20d", {
        headers: { "x-amz-copy-source": "/example-configurations/a" },
      });
      assert.equal(copied.status, 200);
      assert.equal((await s3("GET", "/example-configurations/c%20d")).headers["x-amz-meta-owner"], "ops");
    });

    it("finds the bucket in the host name as well", async () => {
      const headers = { host: `example-configurations.s3.us-east-1.amazonaws.com` };
      assert.equal((await s3("GET", "/routers/edge-1.cfg", { headers })).text, "hostname edge-1\n");
      const dotted = { host: `example-configurations.localhost:${simulator.port}` };
      assert.equal((await s3("GET", "/routers/edge-2.cfg", { headers: dotted })).text, "hostname edge-2\n");
    });

    it("lists with prefix, delimiter and pages", async () => {
      const list = async (query: Record<string, string>) =>
        (await s3("GET", "/example-configurations", { query: { "list-type": "2", ...query } })).text;
      assert.deepEqual(elements(await list({}), "Key"), ["README.txt", "routers/edge-1.cfg", "routers/edge-2.cfg"]);
      assert.deepEqual(elements(await list({ prefix: "routers/" }), "Key").length, 2);
      const grouped = await list({ delimiter: "/" });
      assert.deepEqual([elements(grouped, "Key"), elements(grouped, "KeyCount")], [["README.txt"], ["2"]]);
      assert.match(grouped, /<CommonPrefixes><Prefix>routers\/<\/Prefix><\/CommonPrefixes>/);
      const first = await list({ "max-keys": "2" });
      const token = elements(first, "NextContinuationToken")[0] as string;
      assert.deepEqual(elements(await list({ "max-keys": "2", "continuation-token": token }), "Key"), [
        "routers/edge-2.cfg",
      ]);
      assert.deepEqual(elements(await list({ "start-after": "routers/edge-1.cfg" }), "Key"), ["routers/edge-2.cfg"]);
      await s3("PUT", "/example-configurations/%01%20%C3%A9", { body: "x" });
      assert.ok(elements(await list({ "encoding-type": "url" }), "Key").includes("%01%20%C3%A9"));
      assert.match(await list({}), /<Key>&#x1; é<\/Key>/);
    });

    it("checks every checksum that it is sent", async () => {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html; values of "123456789" are the catalogue's check values.
      const right: Record<string, string> = {
        crc32: Buffer.from("cbf43926", "hex").toString("base64"),
        crc32c: Buffer.from("e3069283", "hex").toString("base64"),
        crc64nvme: Buffer.from("ae8b14860a799888", "hex").toString("base64"),
        sha1: createHash("sha1").update("123456789").digest("base64"),
        sha256: createHash("sha256").update("123456789").digest("base64"),
      };
      for (const [algorithm, value] of Object.entries(right)) {
        const headers = { [`x-amz-checksum-${algorithm}`]: value };
        assert.equal(
          (await s3("PUT", "/example-configurations/sum", { body: "123456789", headers })).status,
          200,
          algorithm,
        );
        const wrong = await s3("PUT", "/example-configurations/sum", { body: "12345678", headers });
        assert.deepEqual([wrong.status, errorCode(wrong)], [400, "BadDigest"], algorithm);
        const asked = await s3("GET", "/example-configurations/sum", { headers: { "x-amz-checksum-mode": "ENABLED" } });
        assert.equal(asked.headers[`x-amz-checksum-${algorithm}`], value);
      }
      const md5 = { "content-md5": createHash("md5").update("other").digest("base64") };
      assert.equal(errorCode(await s3("PUT", "/example-configurations/sum", { body: "x", headers: md5 })), "BadDigest");
    });

    it("takes an upload in parts", async () => {
      const path = "/example-configurations/big";
      const UploadId = element(await s3("POST", path, { query: { uploads: "" } }), "UploadId") as string;
      const large = Buffer.alloc(5 * 1024 * 1024, "a");
      const part = async (partNumber: string, body: Buffer) =>
        (await s3("PUT", path, { query: { partNumber, uploadId: UploadId }, body })).headers["etag"] as string;
      const etags = [await part("1", large), await part("2", Buffer.from("end"))];
      const complete = (list: string[]) =>
        s3("POST", path, {
          query: { uploadId: UploadId },
          body: `<CompleteMultipartUpload>${list.map((etag, index) => `<Part><ETag>${etag}</ETag><PartNumber>${index + 1}</PartNumber></Part>`).join("")}</CompleteMultipartUpload>`,
        });
      assert.equal(errorCode(await complete([...etags].reverse())), "InvalidPart");
      assert.match(element(await complete(etags), "ETag") as string, /^&quot;[0-9a-f]{32}-2&quot;$/);
      assert.equal((await s3("GET", path)).body.length, large.length + 3);
      assert.equal(errorCode(await complete(etags)), "NoSuchUpload");
    });

    it("a reader may read and not write", async () => {
      assert.equal((await s3("GET", "/example-configurations/README.txt", { keys: reader })).text, "Simulated.\n");
      const refused = await s3("PUT", "/example-configurations/README.txt", { keys: reader, body: "x" });
      assert.deepEqual([refused.status, errorCode(refused)], [403, "AccessDenied"]);
      assert.match(
        refused.text,
        /perform: s3:PutObject on resource: arn:aws:s3:::example-configurations\/README\.txt because/,
      );
      assert.equal(errorCode(await s3("GET", "/example-configurations/%FF", {})), "InvalidURI");
    });
  });

  describe("JSON services", () => {
    const ask = async (
      service: "dynamodb" | "secretsmanager" | "sqs",
      action: string,
      input: unknown,
      keys = writer,
    ) => {
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
});
