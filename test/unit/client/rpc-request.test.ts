/** Owns the proof that requests made without the protocol classes' promises are the ones that the classes make. */
import assert from "node:assert/strict";
import { AwsEc2QueryProtocol, AwsJson1_0Protocol, AwsJson1_1Protocol, AwsQueryProtocol } from "@aws-sdk/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { Endpoint } from "../../../utils/client/endpoint";
import { Protocols } from "../../../utils/client/protocols";
import type { OperationModel } from "../../../utils/models/operation-model";
import { randomInput } from "../../interop/random-input";
import { models } from "./client-fixture";
import { Choices } from "./random-values";

type SdkProtocol = {
  setSerdeContext(context: object): void;
  serializeRequest(
    schema: object,
    input: object,
    context: object,
  ): Promise<Record<string, unknown> & { body?: string | Uint8Array }>;
};
const CLASSES: Readonly<Record<string, new (settings: never) => unknown>> = {
  AwsEc2QueryProtocol,
  AwsQueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
};

const ENDPOINTS: readonly Endpoint[] = ["/", "/base", "/base/"].map((path, index) => ({
  protocol: "https:",
  hostname: "h.example",
  ...(index === 0 ? {} : { port: 8443 }),
  path,
  headers: index === 2 ? { "x-rule": "1", "content-type": "wrong" } : {},
  signing: { scheme: "sigv4", service: "s", region: "r", path: "double-encoded" },
  host: "own",
}));

const textOf = (body: unknown): unknown =>
  body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8") : body;

async function bySdk(operation: OperationModel, input: object, endpoint: Endpoint): Promise<object> {
  const { service, schema } = operation;
  const ClassOfService = CLASSES[service.protocol] as new (settings: object) => SdkProtocol;
  const sdk = new ClassOfService({ ...service.protocolSettings, errorTypeRegistries: [] });
  sdk.setSerdeContext({ disableHostPrefix: true });
  const { method, protocol, hostname, port, path, headers, body } = await sdk.serializeRequest(schema, input, {
    endpoint: () => endpoint,
  });
  return { method, protocol, hostname, port, path, headers: { ...(headers as object) }, body: textOf(body) };
}

describe("requests of awsJson and awsQuery", () => {
  const protocols = new Protocols();

  for (const service of models.services().filter((name) => models.service(name).model.protocol in CLASSES)) {
    it(`of ${service} are those of the SDK's class`, async () => {
      for (const [index, name] of models.service(service).operationNames().entries()) {
        if (index % 5 !== 0) continue;
        const operation = models.service(service).operation(name);
        if (operation.eventStreamInput !== undefined) continue;
        const input = randomInput(NormalizedSchema.of(operation.input), new Choices(index), service);
        // The class would make one up.
        for (const [member, shape] of inputMembers(operation)) if (shape.isIdempotencyToken()) input[member] = "token";
        for (const endpoint of ENDPOINTS) {
          const expected = await bySdk(operation, structuredClone(input), endpoint);
          const made = protocols.serialize(operation, structuredClone(input), endpoint);
          const { method, protocol, hostname, port, path, headers, body } = await made;
          const found = { method, protocol, hostname, port, path, headers, body: textOf(body) };
          assert.deepEqual(found, expected, `${name}: ${JSON.stringify(input)}`);
        }
      }
    });
  }

  it("carry every text to the byte, however long it is", async () => {
    const operation = models.service("dynamodb").operation("GetItem");
    for (const length of [1, 4000, 5000]) {
      const input = { TableName: "t", Key: { id: { S: "\ufeffü☃😀\u0000\ud800".repeat(length / 10 + 1) } } };
      const made = await protocols.serialize(operation, structuredClone(input), ENDPOINTS[0] as Endpoint);
      const { body } = (await bySdk(operation, input, ENDPOINTS[0] as Endpoint)) as { body: string };
      assert.deepEqual(Buffer.from(made.body as string | Buffer), Buffer.from(body));
    }
  });

  it("write what a list, a map and a time may hold, and make nothing up", () => {
    const made = (service: string, name: string, input: object) =>
      textOf(
        (
          protocols.serialize(models.service(service).operation(name), { ...input }, ENDPOINTS[0] as Endpoint) as {
            body: unknown;
          }
        ).body,
      );
    assert.equal(made("ec2", "RunInstances", {}), "Action=RunInstances&Version=2016-11-15");
    assert.equal(made("ec2", "DescribeInstances", { InstanceIds: [] }), "Action=DescribeInstances&Version=2016-11-15");
    assert.equal(
      made("sns", "SetSubscriptionAttributes", { SubscriptionArn: "(a)", AttributeName: "!*", AttributeValue: "" }),
      "Action=SetSubscriptionAttributes&Version=2010-03-31&SubscriptionArn=%28a%29&AttributeName=%21%2A&AttributeValue=",
    );
    assert.equal(
      made("sns", "Publish", {
        Message: "ü",
        MessageAttributes: { a: { DataType: "Binary", BinaryValue: Buffer.of(1) }, b: null },
      }),
      "Action=Publish&Version=2010-03-31&Message=%C3%BC&MessageAttributes.entry.1.Name=a" +
        "&MessageAttributes.entry.1.Value.DataType=Binary&MessageAttributes.entry.1.Value.BinaryValue=AQ%3D%3D",
    );
    const action = { AutoScalingGroupName: "g", ScheduledActionName: "a", StartTime: new Date(1500) };
    assert.equal(
      made("auto-scaling", "PutScheduledUpdateGroupAction", action),
      "Action=PutScheduledUpdateGroupAction&Version=2011-01-01&AutoScalingGroupName=g&ScheduledActionName=a" +
        "&StartTime=1970-01-01T00%3A00%3A01.500Z",
    );
    assert.equal(
      made("auto-scaling", "DescribeAutoScalingGroups", { AutoScalingGroupNames: [], MaxRecords: 5 }),
      "Action=DescribeAutoScalingGroups&Version=2011-01-01&AutoScalingGroupNames=&MaxRecords=5",
    );
  });

  it("hold nothing of one before that could not be written", () => {
    const operation = models.service("ec2").operation("DescribeInstances");
    const endpoint = ENDPOINTS[0] as Endpoint;
    const broken = { toString: () => assert.fail("cannot be text") };
    assert.throws(() => protocols.serialize(operation, { InstanceIds: ["i-of-another", broken] }, endpoint), {
      code: "REQUEST_UNSERIALIZABLE",
    });
    const made = protocols.serialize(operation, { InstanceIds: ["i-own"] }, endpoint);
    assert.ok(!(made instanceof Promise));
    assert.equal(textOf(made.body), "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-own");
  });

  it("are made at once, and leave a host with a prefix to the class", async () => {
    const made = protocols.serialize(models.service("dynamodb").operation("ListTables"), {}, ENDPOINTS[0] as Endpoint);
    assert.ok(!(made instanceof Promise));
    assert.equal(textOf(made.body), "{}");
    const prefixed = models.service("sfn").operation("StartSyncExecution");
    const input = { stateMachineArn: "arn:aws:states:eu-west-1:1:stateMachine:x" };
    const aws: Endpoint = { ...(ENDPOINTS[0] as Endpoint), host: "aws" };
    assert.equal((await protocols.serialize(prefixed, input, aws)).hostname, "sync-h.example");
  });
});

function inputMembers(operation: OperationModel): [string, NormalizedSchema][] {
  const shape = NormalizedSchema.of(operation.input);
  return shape.isUnitSchema() ? [] : [...shape.structIterator()];
}
