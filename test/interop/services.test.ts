/** Owns the proof that moto, with signatures verified and IAM enforced, takes reads and writes of many services. */
import { strict as assert } from "node:assert";
import { judgeByMoto } from "./judge";
import { bringOnline, type LoadedAdapter, serviceInstance } from "./platform";

type Json = Record<string, unknown>;
const list = (value: unknown) => value as Json[];
/** Timestamps leave the adapter as ISO 8601 text. */
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

describe("interop: reads and writes, judged by moto", () => {
  const moto = judgeByMoto();
  let adapter: LoadedAdapter;
  before(async () => {
    const { port, url, world } = moto();
    adapter = await bringOnline(
      "services",
      serviceInstance("keys", { port, stsEndpoint: url, ...world.users.operator }),
    );
  });

  it("sts", async () => {
    assert.equal((await adapter.answer("stsGetCallerIdentity", {}))["Account"], "123456789012");
    const { Credentials } = (await adapter.answer("stsAssumeRole", {
      RoleArn: moto().world.roles.closed,
      RoleSessionName: "direct",
    })) as { Credentials: Json };
    assert.match(String(Credentials["Expiration"]), isoDate);
  });

  it("ec2", async () => {
    const { VolumeId } = await adapter.answer("ec2CreateVolume", {
      AvailabilityZone: "eu-west-1a",
      Size: 8,
      TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: "Name", Value: "a b+ü&<>" }] }],
    });
    const { Volumes } = await adapter.answer("ec2DescribeVolumes", { VolumeIds: [VolumeId] });
    const [found] = list(Volumes);
    assert.equal(found?.["Size"], 8);
    assert.equal(found?.["Encrypted"], false);
    assert.match(String(found?.["CreateTime"]), isoDate);
    assert.deepEqual(found?.["Tags"], [{ Key: "Name", Value: "a b+ü&<>" }]);
    const images = list((await adapter.answer("ec2DescribeImages", { Owners: ["amazon"], MaxResults: 5 }))["Images"]);
    const started = await adapter.answer("ec2RunInstances", {
      ImageId: images[0]?.["ImageId"],
      InstanceType: "t3.micro",
      MinCount: 2,
      MaxCount: 2,
    });
    const InstanceIds = list(started["Instances"]).map((instance) => instance["InstanceId"]);
    const { Reservations } = await adapter.answer("ec2DescribeInstances", {
      InstanceIds,
      Filters: [{ Name: "instance-state-name", Values: ["pending", "running"] }],
    });
    assert.equal(list(list(Reservations)[0]?.["Instances"]).length, 2);
    await adapter.answer("ec2TerminateInstances", { InstanceIds });
  });

  it("s3", async () => {
    const Bucket = "interop-bucket";
    await adapter.answer("s3CreateBucket", { Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
    const Key = "folder//a b.txt";
    await adapter.answer("s3PutObject", {
      Bucket,
      Key,
      Body: "hello wörld",
      ContentType: "text/plain",
      Metadata: { Foo: "bar" },
    });
    const object = await adapter.answer("s3GetObject", { Bucket, Key });
    assert.equal(object["Body"], "hello wörld");
    assert.equal(object["BodyEncoding"], "utf8");
    assert.equal((object["Metadata"] as Json)["foo"], "bar");
    assert.match(String(object["LastModified"]), isoDate);
    assert.equal((await adapter.answer("s3HeadObject", { Bucket, Key }))["ContentLength"], 12);
    const binary = Buffer.from([0, 255, 128, 10]).toString("base64");
    await adapter.answer("s3PutObject", { Bucket, Key: "binary", Body: { base64: binary } });
    const read = await adapter.answer("s3GetObject", { Bucket, Key: "binary" });
    assert.deepEqual([read["Body"], read["BodyEncoding"]], [binary, "base64"]);
    const { Contents } = await adapter.answer("s3ListObjectsV2", { Bucket });
    assert.deepEqual(
      list(Contents)
        .map((item) => item["Key"])
        .sort(),
      ["binary", Key].sort(),
    );
    await adapter.answer("s3PutBucketTagging", { Bucket, Tagging: { TagSet: [{ Key: "k", Value: "v" }] } });
    assert.deepEqual((await adapter.answer("s3GetBucketTagging", { Bucket }))["TagSet"], [{ Key: "k", Value: "v" }]);
    await adapter.answer("s3DeleteObjects", { Bucket, Delete: { Objects: [{ Key: "binary" }, { Key }] } });
    await adapter.answer("s3DeleteBucket", { Bucket });
    const gone = await adapter.refusal("s3ListObjectsV2", { Bucket });
    assert.equal(gone.aws?.code, "NoSuchBucket");
  });

  it("iam", async () => {
    const document = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await adapter.answer("iamCreateRole", { RoleName: "made", Path: "/interop/", AssumeRolePolicyDocument: document });
    const { Roles, IsTruncated } = await adapter.answer("iamListRoles", { PathPrefix: "/interop/" });
    assert.equal(IsTruncated, false);
    assert.match(String(list(Roles)[0]?.["CreateDate"]), isoDate);
    await adapter.answer("iamDeleteRole", { RoleName: "made" });
    assert.equal((await adapter.refusal("iamGetRole", { RoleName: "made" })).aws?.code, "NoSuchEntity");
  });

  it("secrets-manager", async () => {
    const SecretString = "interop-s3cret-value";
    await adapter.answer("secretsManagerCreateSecret", { Name: "interop", SecretString });
    assert.equal(
      (await adapter.answer("secretsManagerGetSecretValue", { SecretId: "interop" }))["SecretString"],
      SecretString,
    );
    const missing = await adapter.refusal("secretsManagerGetSecretValue", { SecretId: "nowhere" });
    assert.equal(missing.aws?.code, "ResourceNotFoundException");
    assert.ok(!adapter.log.entries.join("\n").includes(SecretString), "a SecretString reached the log");
  });

  it("dynamodb", async () => {
    const TableName = "interop";
    await adapter.answer("dynamodbCreateTable", {
      TableName,
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    });
    const Item = {
      id: { S: "1" },
      n: { N: "12.5" },
      l: { L: [{ S: "x" }, { BOOL: true }, { NULL: true }] },
      m: { M: { a: { NS: ["1", "2"] } } },
      b: { B: { base64: Buffer.from("bin").toString("base64") } },
    };
    await adapter.answer("dynamodbPutItem", { TableName, Item });
    const read = (await adapter.answer("dynamodbGetItem", { TableName, Key: { id: { S: "1" } } }))["Item"] as Json;
    assert.deepEqual({ ...read, b: undefined }, { ...Item, b: undefined });
    assert.deepEqual(read["b"], { B: Buffer.from("bin").toString("base64") });
    assert.equal((await adapter.answer("dynamodbScan", { TableName }))["Count"], 1);
  });

  it("sqs", async () => {
    const { QueueUrl } = await adapter.answer("sqsCreateQueue", {
      QueueName: "interop",
      Attributes: { VisibilityTimeout: "5" },
    });
    await adapter.answer("sqsSendMessage", { QueueUrl, MessageBody: "hi <&> ü" });
    const { Messages } = await adapter.answer("sqsReceiveMessage", { QueueUrl });
    assert.equal(list(Messages)[0]?.["Body"], "hi <&> ü");
  });

  describe("without enforcement, which refuses botocore's requests to these services too", () => {
    before(() => moto().setEnforcement("off"));
    after(() => moto().setEnforcement("on"));

    it("route-53", async () => {
      const made = await adapter.answer("route53CreateHostedZone", { Name: "example.com", CallerReference: "interop" });
      const { Id } = made["HostedZone"] as Json;
      const ResourceRecordSet = {
        Name: "a.example.com",
        Type: "A",
        TTL: 60,
        ResourceRecords: [{ Value: "192.0.2.1" }],
      };
      await adapter.answer("route53ChangeResourceRecordSets", {
        HostedZoneId: Id,
        ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet }] },
      });
      const { ResourceRecordSets } = await adapter.answer("route53ListResourceRecordSets", { HostedZoneId: Id });
      assert.ok(list(ResourceRecordSets).some((set) => set["TTL"] === 60));
    });

    it("lambda", async () => {
      await adapter.answer("lambdaCreateFunction", {
        FunctionName: "interop",
        Runtime: "nodejs20.x",
        Role: moto().world.roles.task,
        Handler: "index.handler",
        Code: { ZipFile: { base64: "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" } },
        Environment: { Variables: { A: "1" } },
      });
      const { Functions } = await adapter.answer("lambdaListFunctions", {});
      assert.equal(list(Functions).length, 1);
      const { Configuration } = await adapter.answer("lambdaGetFunction", { FunctionName: "interop" });
      assert.deepEqual((Configuration as Json)["Environment"], { Variables: { A: "1" } });
    });
  });
});
