/** Reads and writes in the simulated EC2, with the permissions of a reader and of a writer. */
import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { assume, call, element, errorCode, form, type Keys } from "./simulator-client";

const elements = (text: string, name: string): string[] =>
  [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map((match) => match[1] as string);

describe("simulator: EC2", () => {
  let simulator: Simulator;
  let reader: Keys;
  let writer: Keys;
  beforeEach(async () => {
    simulator = await startSimulator();
    reader = await assume(simulator, "task-reader");
    writer = await assume(simulator, "task-writer");
  });
  afterEach(() => simulator.close());

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
    const states = async (action: string) => elements((await ec2({ Action: action, "InstanceId.1": id })).text, "name");
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
