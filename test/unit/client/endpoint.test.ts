/** Owns the trial of where requests go, and under which name and region they are signed. */
import assert from "node:assert/strict";
import { EndpointResolver } from "../../../utils/client/endpoint";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { EndpointSettings } from "../../../utils/settings/settings";
import type { CallProperties } from "../../../utils/types/call";
import { answers, ENDPOINT, fixture, models } from "./client-fixture";

interface Asked {
  readonly settings?: Partial<EndpointSettings>;
  readonly call?: CallProperties;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly region?: "none";
}

const OPERATIONS: Readonly<Record<string, string>> = {
  ec2: "DescribeVpcs",
  iam: "GetRole",
  "route-53": "GetHostedZone",
  s3: "GetObject",
  sts: "GetCallerIdentity",
  dynamodb: "ListTables",
};

function resolve(service: string, { settings, call, input = {}, region }: Asked = {}) {
  const { region: _, ...withoutRegion } = ENDPOINT;
  const all = { ...(region === "none" ? withoutRegion : ENDPOINT), ...settings };
  const operation = models.service(service).operation(OPERATIONS[service] as string);
  const endpoint = new EndpointResolver(all).resolve(operation, input, call);
  const port = endpoint.port === undefined ? "" : `:${endpoint.port}`;
  return { url: `${endpoint.protocol}//${endpoint.hostname}${port}${endpoint.path}`, signing: endpoint.signing };
}

function refused(service: string, asked: Asked): AdapterError {
  try {
    return assert.fail(`resolved to ${resolve(service, asked).url}`);
  } catch (error) {
    assert.ok(error instanceof AdapterError && error.code === "ENDPOINT_UNRESOLVED", String(error));
    return error;
  }
}

describe("EndpointResolver", () => {
  for (const [service, asked, url, region] of [
    ["ec2", {}, "https://ec2.eu-west-1.amazonaws.com/", "eu-west-1"],
    ["ec2", { call: { region: "us-east-2" } }, "https://ec2.us-east-2.amazonaws.com/", "us-east-2"],
    ["ec2", { settings: { region: "cn-north-1" } }, "https://ec2.cn-north-1.amazonaws.com.cn/", "cn-north-1"],
    ["ec2", { settings: { region: "us-gov-west-1" } }, "https://ec2.us-gov-west-1.amazonaws.com/", "us-gov-west-1"],
    ["ec2", { settings: { region: "eusc-de-east-1" } }, "https://ec2.eusc-de-east-1.amazonaws.eu/", "eusc-de-east-1"],
    ["ec2", { settings: { region: "us-isob-east-1" } }, "https://ec2.us-isob-east-1.sc2s.sgov.gov/", "us-isob-east-1"],
    [
      "ec2",
      { settings: { region: "ap-southeast-99" } },
      "https://ec2.ap-southeast-99.amazonaws.com/",
      "ap-southeast-99",
    ],
    [
      "ec2",
      { settings: { useFips: true, region: "us-east-1" } },
      "https://ec2-fips.us-east-1.amazonaws.com/",
      "us-east-1",
    ],
    ["ec2", { settings: { useDualstack: true } }, "https://ec2.eu-west-1.api.aws/", "eu-west-1"],
    ["iam", {}, "https://iam.amazonaws.com/", "us-east-1"],
    ["iam", { region: "none" }, "https://iam.amazonaws.com/", "us-east-1"],
    ["route-53", {}, "https://route53.amazonaws.com/", "us-east-1"],
    ["s3", { input: { Bucket: "bucket-1" } }, "https://bucket-1.s3.eu-west-1.amazonaws.com/", "eu-west-1"],
    [
      "s3",
      { input: { Bucket: "bucket-1" }, settings: { s3AddressingStyle: "path" } },
      "https://s3.eu-west-1.amazonaws.com/bucket-1",
      "eu-west-1",
    ],
    [
      "ec2",
      { settings: { host: "127.0.0.1", port: 5000, protocol: "http", basePath: "/aws" } },
      "http://127.0.0.1:5000/aws",
      "eu-west-1",
    ],
    [
      "ec2",
      { settings: { host: "vpce-1.example.com" }, call: { host: "other.example.com", port: 8443 } },
      "https://other.example.com:8443/",
      "eu-west-1",
    ],
    [
      "ec2",
      { settings: { host: "a.example.com", port: 1 }, call: { host: "b.example.com" } },
      "https://b.example.com/",
      "eu-west-1",
    ],
    [
      "ec2",
      { settings: { host: "vpce.example.com", service: "sts" } },
      "https://ec2.eu-west-1.amazonaws.com/",
      "eu-west-1",
    ],
    ["sts", { settings: { host: "vpce.example.com", service: "sts" } }, "https://vpce.example.com/", "eu-west-1"],
    ["iam", { settings: { host: "127.0.0.1", port: 5000, protocol: "http" } }, "http://127.0.0.1:5000/", "us-east-1"],
    ["iam", { settings: { host: "127.0.0.1", protocol: "http" }, region: "none" }, "http://127.0.0.1/", "us-east-1"],
    [
      "ec2",
      { settings: { host: "h.example.com", useFips: true, useDualstack: true } },
      "https://h.example.com/",
      "eu-west-1",
    ],
    ["ec2", { settings: { host: "h.example.com", region: "home" } }, "https://h.example.com/", "home"],
    [
      "s3",
      { input: { Bucket: "bucket-1" }, settings: { host: "s3.example.com" } },
      "https://bucket-1.s3.example.com/",
      "eu-west-1",
    ],
    [
      "s3",
      { input: { Bucket: "bucket-1" }, settings: { host: "127.0.0.1", port: 9000, protocol: "http" } },
      "http://127.0.0.1:9000/bucket-1",
      "eu-west-1",
    ],
  ] as const satisfies readonly (readonly [string, Asked, string, string])[]) {
    it(`answers ${url} for ${service} with ${JSON.stringify(asked)}`, () => {
      const { url: found, signing } = resolve(service, asked as Asked);
      assert.equal(found, url);
      assert.equal(signing.region, region);
    });
  }

  it("knows what signs", () => {
    assert.deepEqual(resolve("ec2").signing, {
      scheme: "sigv4",
      service: "ec2",
      region: "eu-west-1",
      path: "double-encoded",
    });
    assert.deepEqual(resolve("s3", { input: { Bucket: "bucket-1" } }).signing, {
      scheme: "sigv4",
      service: "s3",
      region: "eu-west-1",
      path: "as-is",
    });
    const accessPoint = { Bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap" };
    assert.deepEqual(resolve("s3", { input: accessPoint }).signing, {
      scheme: "sigv4a",
      service: "s3",
      region: "*",
      path: "as-is",
    });
  });

  for (const region of [
    "mars-1",
    "us east 1",
    "US-EAST-1",
    "us-east",
    "us-east-1.evil.com",
    "us-east-1/x",
    "xx-west-1",
    "us-east-1#",
    "eu-west-1a",
  ]) {
    it(`refuses the region ${region}, and says so`, () => {
      const error = refused("ec2", { settings: { region } });
      assert.equal(error.detail["found"], region);
      assert.ok(error.message.includes(region));
      refused("ec2", { call: { region } });
    });
  }

  it("refuses a region that could leave its host, on a host of one's own too", () => {
    for (const region of ["a/b", "a.b", "", "A"].filter((text) => text !== ""))
      refused("ec2", { settings: { host: "h", region } });
  });

  it("refuses a host, port or protocol that is none", () => {
    for (const call of [
      { host: "aws.com@evil.example" },
      { host: "evil.example/path" },
      { host: "evil.example:443" },
      { host: "https://evil.example" },
      { host: "a b" },
      { host: "evil.example#" },
      { port: 0 },
      { port: "443; x" as unknown as number },
      { protocol: "ftp" as "http" },
    ]) {
      assert.throws(
        () => resolve("ec2", { call }),
        (error) =>
          error instanceof AdapterError &&
          error.code === "INVALID_INPUT" &&
          String(error.detail["parameter"]).startsWith("iapMetadata.callProperties."),
        JSON.stringify(call),
      );
    }
  });

  it("takes the service of a host by its signing name too", () => {
    const settings = { host: "vpce.example.com", service: "route53" };
    assert.equal(resolve("route-53", { settings }).url, "https://vpce.example.com/");
    assert.equal(resolve("ec2", { settings }).url, "https://ec2.eu-west-1.amazonaws.com/");
  });

  it("refuses a regional service without a region", () => {
    assert.match(refused("ec2", { region: "none" }).message, /no region is configured/);
    assert.match(
      refused("ec2", { region: "none", settings: { host: "h.example.com" } }).message,
      /no region is configured/,
    );
  });

  it("passes on what the rules say", () => {
    assert.match(refused("s3", { input: { Bucket: "arn:aws:s3:us-west-2:1:nonsense" } }).message, /ARN/);
  });

  it("does not mix up what decides, however often it is asked", () => {
    const resolver = new EndpointResolver(ENDPOINT);
    const operation = models.service("s3").operation("GetObject");
    for (let index = 0; index < 1200; index++) {
      const { hostname } = resolver.resolve(operation, { Bucket: `bucket-${index % 700}` });
      assert.equal(hostname, `bucket-${index % 700}.s3.eu-west-1.amazonaws.com`);
    }
  });

  it("asks DynamoDB's tables wherever the input names them", async () => {
    const f = fixture(answers({ body: "{}" }));
    await f.client.send(
      "dynamodb",
      "BatchGetItem",
      { RequestItems: { t1: { Keys: [{ id: { S: "1" } }] } } },
      f.options(),
    );
    await f.client.send(
      "dynamodb",
      "TransactWriteItems",
      { TransactItems: [{ Put: { TableName: "t", Item: { id: { S: "1" } } } }] },
      f.options(),
    );
    assert.deepEqual(
      f.handler.requests.map(({ hostname }) => hostname),
      Array(2).fill("dynamodb.eu-west-1.amazonaws.com"),
    );
  });

  it("depends on what the input says, call by call", () => {
    const operation = models.service("dynamodb").operation("GetItem");
    const arn = (account: string) => `arn:aws:dynamodb:eu-west-1:${account}:table/devices`;
    const inputs = ["devices", arn("111111111111"), arn("222222222222"), "others", "x".repeat(2000)].map(
      (TableName) => ({
        TableName,
      }),
    );
    const shared = new EndpointResolver(ENDPOINT);
    const expected = inputs.map((input) => new EndpointResolver(ENDPOINT).resolve(operation, input));
    for (const _ of [1, 2]) {
      assert.deepEqual(
        inputs.map((input) => shared.resolve(operation, input)),
        expected,
      );
    }
    assert.equal(
      shared.resolve(operation, { TableName: "devices" }),
      shared.resolve(operation, { TableName: "devices" }),
    );
    const elsewhere = shared.resolve(operation, { TableName: "devices" }, { region: "us-east-1" });
    assert.equal(elsewhere.signing.region, "us-east-1");
    assert.equal(shared.resolve(operation, { TableName: "devices" }).signing.region, "eu-west-1");
  });
});
