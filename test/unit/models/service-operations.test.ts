/** Owns the trial of reading the operations of a service. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { EntityFolder } from "../../../utils/models/entity-folder";
import { ServiceOperations } from "../../../utils/models/service-operations";
import type { Files } from "../../../utils/types/files";

const entities = resolve(__dirname, "../../../entities");
const disk: Files = {
  read: (path) => readFileSync(path),
  exists: existsSync,
  list: (path) => readdirSync(path).sort(),
};

/** Files that remember what was read. */
function watched(): { files: Files; read: string[] } {
  const read: string[] = [];
  const files: Files = {
    ...disk,
    read: (path) => {
      read.push(path.slice(entities.length + 1));
      return disk.read(path);
    },
  };
  return { read, files };
}

const open = (name: string, files = disk): ServiceOperations =>
  new ServiceOperations(new EntityFolder(`${entities}/${name}`, name, files));
const memory = (files: Record<string, string>): Files => ({
  read: (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return Buffer.from(text);
  },
  exists: (path) => path in files,
  list: () => [],
});
const unreadable = (reason: RegExp) => (error: unknown) =>
  error instanceof AdapterError && error.code === "MODEL_UNREADABLE" && reason.test(error.message);

describe("ServiceOperations and ServiceModel", () => {
  it("reads a file when it is first needed, and no file twice", () => {
    const { files, read } = watched();
    const service = open("ec2", files);
    service.operationNames();
    assert.deepEqual(read, ["ec2/action.json"]);
    service.operation("DescribeInstances");
    service.operation("DescribeVpcs");
    assert.deepEqual(read, ["ec2/action.json", "ec2/schema.json"]);
    assert.ok(service.model.endpointRules.nodes instanceof Int32Array);
    assert.equal(service.model.endpointRules, service.model.endpointRules);
    assert.deepEqual(read, ["ec2/action.json", "ec2/schema.json", "ec2/endpoint.json"]);
  });

  it("tells what a client needs to know of a service", () => {
    const { name, sdkId, signingName, apiVersion, protocol, protocolSettings, signingEscapePath } = open("ec2").model;
    assert.deepEqual(
      { name, sdkId, signingName, apiVersion, protocol, signingEscapePath },
      {
        name: "ec2",
        sdkId: "EC2",
        signingName: "ec2",
        apiVersion: "2016-11-15",
        protocol: "AwsEc2QueryProtocol",
        signingEscapePath: true,
      },
    );
    assert.equal(protocolSettings["defaultNamespace"], "com.amazonaws.ec2");
    assert.equal(open("s3").model.signingEscapePath, false);
  });

  it("joins what an operation says with what its service says", () => {
    const operation = open("s3").operation("PutObject");
    assert.equal(operation.method, "PUT");
    assert.deepEqual(operation.schema.traits, { httpChecksum: "-", http: ["PUT", "/{Key+}?x-id=PutObject", 200] });
    assert.deepEqual(operation.endpointParameters["Bucket"], { type: "context", name: "Bucket" });
    assert.deepEqual(operation.endpointParameters["Region"], { type: "builtIn", name: "region" });
    assert.deepEqual(operation.authSchemes, [
      ["sigv4", "s3"],
      ["sigv4a", "s3"],
    ]);
    assert.equal(operation.streamingInput, "Body");
    const plugins = operation.plugins.map(([plugin]) => plugin);
    assert.ok(plugins.includes("getFlexibleChecksumsPlugin") && plugins.includes("getValidateBucketNamePlugin"));
    assert.equal(open("s3").operation("GetObject").streamingOutput, "Body");
    assert.equal(open("s3").operation("SelectObjectContent").eventStreamOutput, "Payload");
  });

  it("says how an operation is paged and waited for", () => {
    const operation = open("ec2").operation("DescribeInstances");
    assert.deepEqual(operation.pagination, {
      inputToken: "NextToken",
      outputToken: "NextToken",
      pageSize: "MaxResults",
    });
    assert.deepEqual(Object.keys(operation.waiters), [
      "InstanceExists",
      "InstanceRunning",
      "InstanceStopped",
      "InstanceTerminated",
    ]);
    assert.equal(open("ec2").operation("RunInstances").pagination, undefined);
  });

  it("knows operations that are not signed", () => {
    const first = (operation: string): unknown => open("sts").operation(operation).authSchemes[0];
    assert.deepEqual(first("AssumeRoleWithWebIdentity"), ["noAuth"]);
    assert.deepEqual(first("AssumeRole"), ["sigv4", "sts"]);
  });

  it("answers the same operation every time", () => {
    const service = open("sqs");
    assert.equal(service.operation("SendMessage"), service.operation("SendMessage"));
  });

  it("says which file of which service cannot be read, and why", () => {
    assert.throws(() => open("birds", memory({})), unreadable(/birds.*action\.json: ENOENT/));
    const broken = memory({ [`${entities}/birds/action.json`]: '{\n"service": {"sdkId":\n"operations": {\n}\n}\n' });
    assert.throws(() => open("birds", broken), unreadable(/action\.json/));
    const service =
      '{\n"service": {"protocolSettings":{},"clientPlugins":[]},\n"operations": {\n"Ring": {"input":"In","output":"Out"}\n}\n}\n';
    const lacking = open("birds", memory({ [`${entities}/birds/action.json`]: service }));
    assert.throws(() => lacking.operation("Ring"), unreadable(/schema\.json: ENOENT/));
    assert.throws(() => lacking.model.endpointRules, unreadable(/endpoint\.json: ENOENT/));
  });
});
