/** Owns the trial of pagination and waiters. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { IapMetadata } from "../../../utils/types/call";
import type { HttpRequest } from "../../../utils/types/http";
import { type Answer, answers, type Fixture, fixture } from "./client-fixture";

const form = (request: HttpRequest | undefined): URLSearchParams => new URLSearchParams(String(request?.body));
const json = (output: unknown): Answer => ({ body: JSON.stringify(output) });
const call = (f: Fixture, service: string, operation: string, input: object, metadata: IapMetadata) =>
  f.client.send(service, operation, input, f.options({ metadata })).then(({ output }) => output as never);
const isCode = (code: string) => (error: unknown) => error instanceof AdapterError && error.code === code;

const vpcs = (ids: readonly string[], token?: string): Answer => ({
  body: `<DescribeVpcsResponse><vpcSet>${ids.map((id) => `<item><vpcId>${id}</vpcId></item>`).join("")}</vpcSet>${
    token === undefined ? "" : `<nextToken>${token}</nextToken>`
  }</DescribeVpcsResponse>`,
});

describe("iapMetadata.paginate", () => {
  it("makes one answer of all pages", async () => {
    const f = fixture(answers(vpcs(["a", "b"], "1"), vpcs(["c"], "2"), vpcs(["d"])));
    assert.deepEqual(await call(f, "ec2", "DescribeVpcs", { MaxResults: 5 }, { paginate: true }), {
      Vpcs: ["a", "b", "c", "d"].map((VpcId) => ({ VpcId })),
    });
    assert.deepEqual(
      f.handler.requests.map((request) => [form(request).get("NextToken"), form(request).get("MaxResults")]),
      [
        [null, "5"],
        ["1", "5"],
        ["2", "5"],
      ],
    );
  });

  it("stops with the page that reaches the maximum, and says where to go on", async () => {
    const f = fixture(answers(vpcs(["a", "b"], "1"), vpcs(["c"], "2")));
    const output = await call(f, "ec2", "DescribeVpcs", {}, { paginate: 3 });
    assert.equal((output as { NextToken: string }).NextToken, "2");
    assert.equal(f.handler.requests.length, 2);
  });

  it("adds up the counts of pages, and hands keys with bytes back as they came", async () => {
    const key = { id: { B: "AAE=" } };
    const page = (n: string, last?: object): Answer =>
      json({ Items: [{ n: { N: n } }], Count: 1, ScannedCount: 5, ...(last && { LastEvaluatedKey: last }) });
    const f = fixture(answers(page("1", key), page("2")));
    assert.deepEqual(await call(f, "dynamodb", "Scan", { TableName: "t" }, { paginate: true }), {
      Items: [{ n: { N: "1" } }, { n: { N: "2" } }],
      Count: 2,
      ScannedCount: 10,
    });
    assert.deepEqual(JSON.parse(String(f.handler.requests[1]?.body)).ExclusiveStartKey, key);
  });

  it("ends with an empty page whose token comes back unchanged, as that of a log stream does", async () => {
    const events = (messages: readonly string[], nextForwardToken: string): Answer =>
      json({ events: messages.map((message) => ({ message })), nextForwardToken });
    const f = fixture(answers(events(["a"], "f/1"), events(["b"], "f/2"), events([], "f/2")));
    const output = await call(f, "cloudwatch-logs", "GetLogEvents", { logStreamName: "s" }, { paginate: true });
    assert.deepEqual(output, { events: [{ message: "a" }, { message: "b" }] });
    assert.equal(f.handler.requests.length, 3);
  });

  it("refuses pages that go round in circles: their items would be there twice", async () => {
    for (const tokens of [
      ["same", "same"],
      ["1", "2", "1"],
    ]) {
      const f = fixture(answers(...tokens.map((token) => vpcs(["a", "b"], token))));
      await assert.rejects(call(f, "ec2", "DescribeVpcs", {}, { paginate: true }), (error: unknown) => {
        assert.ok(error instanceof AdapterError);
        assert.equal(error.code, "RESPONSE_UNREADABLE");
        assert.match(error.message, new RegExp(`page ${tokens.length}, whose 2 items are followed by a token`));
        return true;
      });
      assert.equal(f.handler.requests.length, tokens.length);
    }
  });

  it("finds lists inside the structure that the token stands in", async () => {
    const page = (name: string, marker: string): Answer => ({
      body: `<DescribeEngineDefaultParametersResponse><DescribeEngineDefaultParametersResult><EngineDefaults><Parameters><Parameter><ParameterName>${name}</ParameterName></Parameter></Parameters>${marker}</EngineDefaults></DescribeEngineDefaultParametersResult></DescribeEngineDefaultParametersResponse>`,
    });
    const f = fixture(answers(page("a", "<Marker>m</Marker>"), page("b", "")));
    const input = { DBParameterGroupFamily: "mysql8.0" };
    assert.deepEqual(await call(f, "rds", "DescribeEngineDefaultParameters", input, { paginate: true }), {
      EngineDefaults: { Parameters: [{ ParameterName: "a" }, { ParameterName: "b" }] },
    });
  });

  it("is refused for an operation without pages, for nonsense, and beside another form", async () => {
    const f = fixture(answers({}));
    const refused: readonly [string, IapMetadata][] = [
      ["CreateVpc", { paginate: true }],
      ["DescribeVpcs", { paginate: -1 }],
      ["DescribeVpcs", { paginate: true, waitFor: "VpcAvailable" }],
    ];
    for (const [operation, metadata] of refused) {
      await assert.rejects(call(f, "ec2", operation, {}, metadata), isCode("INVALID_INPUT"));
    }
    assert.equal(f.handler.requests.length, 0);
  });
});

const instances = (...states: readonly string[]): Answer => ({
  body: `<DescribeInstancesResponse><reservationSet><item><instancesSet>${states
    .map((state) => `<item><instanceState><name>${state}</name></instanceState></item>`)
    .join("")}</instancesSet></item></reservationSet></DescribeInstancesResponse>`,
});
const refusal = (code: string): Answer => ({
  statusCode: 400,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});

describe("iapMetadata.waitFor", () => {
  it("asks again, less and less often, until the state is there", async () => {
    const pending = instances("running", "pending");
    const f = fixture(
      answers(pending, pending, refusal("InvalidInstanceID.NotFound"), instances("running", "running")),
    );
    const told: string[] = [];
    const g = fixture(f.handler.respond, { progress: (text) => told.push(text) });
    const output = await call(g, "ec2", "DescribeInstances", {}, { waitFor: "InstanceRunning" });
    assert.equal((output as { Reservations: unknown[] }).Reservations.length, 1);
    assert.equal(g.handler.requests.length, 4);
    assert.deepEqual(g.clock.slept, [15000, 22500, 37500]);
    assert.equal(told.length, 3);
    assert.match(told[2] ?? "", /ec2 DescribeInstances .*InstanceRunning: not yet after 38 s, asked 3 times/);
  });

  it("takes an error for the state where the waiter says so", async () => {
    const f = fixture(answers({ statusCode: 200 }, { statusCode: 404 }));
    assert.deepEqual(await call(f, "s3", "HeadBucket", { Bucket: "bucket-1" }, { waitFor: "BucketNotExists" }), {});
    assert.equal(f.handler.requests.length, 2);
  });

  it("fails at once when the state can no longer come", async () => {
    const f = fixture(answers(instances("running", "terminated")));
    await assert.rejects(
      call(f, "ec2", "DescribeInstances", {}, { waitFor: "InstanceRunning" }),
      (error) => isCode("WAITER_FAILED")(error) && /State\.Name is terminated/.test((error as Error).message),
    );
  });

  it("gives up after its limit, and on an error that the waiter does not know", async () => {
    const f = fixture(answers(instances("pending")));
    const waitFor = { name: "InstanceRunning", maxWaitSeconds: 60 };
    await assert.rejects(call(f, "ec2", "DescribeInstances", {}, { waitFor }), isCode("TIMEOUT"));
    assert.ok(f.clock.slept.reduce((sum, ms) => sum + ms, 0) < 60_000);
    const g = fixture(answers(refusal("UnauthorizedOperation")));
    await assert.rejects(call(g, "ec2", "DescribeInstances", {}, { waitFor }), isCode("SERVICE_ERROR"));
  });

  it("names the waiters that there are", async () => {
    const f = fixture(answers({}));
    await assert.rejects(
      call(f, "ec2", "DescribeInstances", {}, { waitFor: "InstanceRuning" }),
      (error) => isCode("INVALID_INPUT")(error) && /Did you mean InstanceRunning/.test((error as Error).message),
    );
  });
});

describe("iapMetadata.presign", () => {
  it("answers a URL and calls nothing", async () => {
    const f = fixture(answers({}));
    const input = { Bucket: "bucket-1", Key: "a b" };
    const output: { url: string; expiresAt: string } = await call(f, "s3", "GetObject", input, {
      presign: { expiresInSeconds: 900 },
    });
    const { origin, pathname, searchParams } = new URL(output.url);
    assert.equal(origin + pathname, "https://bucket-1.s3.eu-west-1.amazonaws.com/a%20b");
    assert.equal(searchParams.get("X-Amz-Expires"), "900");
    assert.match(searchParams.get("X-Amz-Signature") ?? "", /^[0-9a-f]{64}$/);
    assert.equal(output.expiresAt, "2026-01-02T03:19:05.000Z");
    assert.equal(f.handler.requests.length, 0);
  });

  it("leaves the body of an upload to whoever uses the URL", async () => {
    const f = fixture(answers({}));
    const { url }: { url: string } = await call(
      f,
      "s3",
      "PutObject",
      { Bucket: "bucket-1", Key: "k" },
      {
        presign: { expiresInSeconds: 60 },
      },
    );
    assert.doesNotMatch(url, /checksum/i);
  });

  it("ends no later than the credentials", async () => {
    const expiration = new Date("2026-01-02T03:05:00Z");
    const identity = { accessKeyId: "AKID", secretAccessKey: "s", sessionToken: "t", expiration };
    const f = fixture(answers({}));
    f.identity.resolve = async () => identity;
    const { expiresAt }: { expiresAt: string } = await call(
      f,
      "sts",
      "GetCallerIdentity",
      {},
      {
        presign: { expiresInSeconds: 3600 },
      },
    );
    assert.equal(expiresAt, "2026-01-02T03:05:00.000Z");
  });

  it("refuses a lifetime that AWS refuses", async () => {
    const f = fixture(answers({}));
    for (const expiresInSeconds of [0, 1.5, 604_801]) {
      const asked = call(f, "s3", "GetObject", { Bucket: "bucket-1", Key: "k" }, { presign: { expiresInSeconds } });
      await assert.rejects(asked, isCode("INVALID_INPUT"));
    }
  });
});

describe("a bucket in another region", () => {
  const moved = (statusCode: number, code: string): Answer => ({
    statusCode,
    headers: { "x-amz-bucket-region": "us-west-2" },
    body: `<Error><Code>${code}</Code><Message>m</Message></Error>`,
  });
  const scopes = (f: Fixture): (string | undefined)[] =>
    f.handler.requests.map(
      ({ headers }) => /\/([a-z0-9-]+)\/s3\/aws4_request/.exec(headers["authorization"] ?? "")?.[1],
    );

  for (const [status, code] of [
    [301, "PermanentRedirect"],
    [307, "TemporaryRedirect"],
    [400, "AuthorizationHeaderMalformed"],
  ] as const) {
    it(`is followed there on ${status} ${code}, and asked there from then on`, async () => {
      const f = fixture(answers(moved(status, code), { body: "<ListBucketResult/>" }));
      for (let turn = 0; turn < 2; turn++) {
        await f.client.send("s3", "ListObjectsV2", { Bucket: "bucket-1" }, f.options());
      }
      assert.deepEqual(scopes(f), ["eu-west-1", "us-west-2", "us-west-2"]);
      assert.equal(f.handler.requests[1]?.hostname, "bucket-1.s3.us-west-2.amazonaws.com");
    });
  }

  it("is believed once for each call", async () => {
    const f = fixture(answers(moved(301, "PermanentRedirect")));
    const asked = f.client.send("s3", "ListObjectsV2", { Bucket: "bucket-1" }, f.options());
    await assert.rejects(asked, isCode("SERVICE_ERROR"));
    assert.equal(f.handler.requests.length, 2);
  });
});
