/** Switches on every fault by name and looks at what a client sees of it. */
import assert from "node:assert/strict";
import { type FaultKind, faultKinds } from "../../utils/simulator/faults";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { assume, type Call, call, errorCode, form, json, type Keys, type Reply, send, sign } from "./simulator-client";

describe("simulator: faults", () => {
  let simulator: Simulator;
  let writer: Keys;
  before(async () => {
    simulator = await startSimulator();
    writer = await assume(simulator, "task-writer");
  });
  after(() => simulator.close());
  afterEach(() => {
    simulator.faults.clear();
    simulator.clearRequests();
  });

  const services: Readonly<Record<string, () => Call>> = {
    sts: () => form("sts", { Action: "GetCallerIdentity" }),
    ec2: () => form("ec2", { Action: "DescribeInstances" }),
    s3: () => ({ service: "s3", method: "GET" }),
    dynamodb: () => json("dynamodb", "ListTables", {}),
  };
  const attempt = (service: string, more: Partial<Call> = {}): Promise<Reply> =>
    call(simulator, { ...(services[service] as () => Call)(), keys: writer, ...more });
  const aborted = (promise: Promise<unknown>) => assert.rejects(promise, /ECONNRESET|socket hang up|aborted/);

  const inItsWords: Partial<Record<FaultKind, Record<string, readonly [status: number, code: string]>>> = {
    throttle: {
      sts: [400, "Throttling"],
      ec2: [503, "RequestLimitExceeded"],
      s3: [503, "SlowDown"],
      dynamodb: [400, "ThrottlingException"],
    },
    "503": {
      sts: [503, "ServiceUnavailable"],
      ec2: [503, "Unavailable"],
      s3: [503, "ServiceUnavailable"],
      dynamodb: [503, "ServiceUnavailableException"],
    },
    "500": {
      sts: [500, "InternalFailure"],
      ec2: [500, "InternalError"],
      s3: [500, "InternalError"],
      dynamodb: [500, "InternalServerError"],
    },
    "expired-token": {
      sts: [403, "ExpiredToken"],
      ec2: [400, "RequestExpired"],
      s3: [400, "ExpiredToken"],
      dynamodb: [400, "ExpiredTokenException"],
    },
  };
  for (const [kind, answers] of Object.entries(inItsWords)) {
    it(`${kind}: each service says it in its own words`, async () => {
      for (const [service, [status, code]] of Object.entries(answers)) {
        simulator.faults.set(service, { kind: kind as FaultKind });
        const reply = await attempt(service);
        assert.deepEqual([reply.status, errorCode(reply)], [status, code], service);
      }
    });
  }

  it("hits as many requests as it was told, at its own service only", async () => {
    simulator.faults.set("sts", { kind: "503", times: 2 });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await attempt("sts")).status, (await attempt("ec2")).status);
    assert.deepEqual(statuses, [503, 200, 503, 200, 200, 200]);
    assert.deepEqual(simulator.faults.list(), {});
  });

  it("* is every service", async () => {
    simulator.faults.set("*", { kind: "throttle" });
    assert.equal((await attempt("s3")).status, 503);
    assert.equal(
      (await send(simulator, { method: "GET", path: "/latest/meta-data/", headers: {}, body: "" })).status,
      429,
    );
  });

  it("slow: answers rightly, but late", async () => {
    simulator.faults.set("sts", { kind: "slow", ms: 60 });
    const started = performance.now();
    assert.equal((await attempt("sts")).status, 200);
    assert.ok(performance.now() - started >= 55);
  });

  it("silent: never answers; closing the simulator ends the wait", async () => {
    const own = await startSimulator();
    own.faults.set("sts", { kind: "silent" });
    const waiting = call(own, form("sts", { Action: "GetCallerIdentity" }));
    const first = await Promise.race([
      waiting.catch(() => "ended"),
      new Promise((resolve) => setTimeout(resolve, 50, "still waiting")),
    ]);
    assert.equal(first, "still waiting");
    const ended = aborted(waiting);
    await own.close();
    await ended;
  });

  it("down: nothing is done; lost-answer: it is done all the same", async () => {
    const tagged = async (): Promise<boolean> => (await attempt("ec2")).text.includes("<key>seen</key>");
    const tag = () =>
      attempt(
        "ec2",
        form("ec2", {
          Action: "CreateTags",
          "ResourceId.1": "i-0a1b2c3d4e5f60002",
          "Tag.1.Key": "seen",
          "Tag.1.Value": "1",
        }),
      );
    simulator.faults.set("ec2", { kind: "down", times: 1 });
    await aborted(tag());
    assert.equal(await tagged(), false);
    simulator.faults.set("ec2", { kind: "lost-answer", times: 1 });
    await aborted(tag());
    assert.equal(await tagged(), true);
  });

  it("skewed-clock: the Date header and the judgement go wrong together", async () => {
    simulator.faults.set("sts", { kind: "skewed-clock", seconds: 1200 });
    const reply = await attempt("sts");
    assert.match(reply.text, /Signature expired/);
    const theirs = Date.parse(reply.headers["date"] as string);
    assert.ok(Math.abs(theirs - Date.now() - 1_200_000) < 5_000);
    assert.equal((await attempt("sts", { date: new Date(theirs) })).status, 200);
  });

  it("malformed, html-502, empty: what comes back is no answer of AWS", async () => {
    simulator.faults.set("sts", { kind: "malformed" });
    const malformed = await attempt("sts");
    assert.equal(malformed.status, 200);
    assert.match(malformed.text, /not XML/);
    simulator.faults.set("sts", { kind: "html-502" });
    const html = await attempt("sts");
    assert.deepEqual([html.status, html.headers["content-type"]], [502, "text/html"]);
    simulator.faults.set("sts", { kind: "empty" });
    const empty = await attempt("sts");
    assert.deepEqual([empty.status, empty.text], [200, ""]);
  });

  it("truncated: the connection ends in the middle of the answer", async () => {
    simulator.faults.set("ec2", { kind: "truncated" });
    await aborted(attempt("ec2"));
    assert.equal(simulator.requests.at(-1)?.status, 200);
  });

  it("hop-limit: only the answers to token requests are lost", async () => {
    simulator.faults.set("imds", { kind: "hop-limit" });
    assert.equal(
      (await send(simulator, { method: "GET", path: "/latest/meta-data/iam/info", headers: {}, body: "" })).status,
      401,
    );
    const request = {
      method: "PUT",
      path: "/latest/api/token",
      headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" },
      body: "",
    };
    const own = await startSimulator();
    own.faults.set("imds", { kind: "hop-limit" });
    const waiting = send(own, request);
    const first = await Promise.race([
      waiting.catch(() => "ended"),
      new Promise((resolve) => setTimeout(resolve, 40, "still waiting")),
    ]);
    assert.equal(first, "still waiting");
    const ended = aborted(waiting);
    await own.close();
    await ended;
  });

  describe("over HTTP", () => {
    const control = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const reply = await send(simulator, { method, path: `/_simulator/${path}`, headers, body: text });
      return { status: reply.status, body: JSON.parse(reply.text) as Record<string, unknown>, text: reply.text };
    };

    it("faults are switched on, counted and cleared", async () => {
      const set = await control("POST", "faults", { service: "sts", kind: "throttle", times: 1 });
      assert.deepEqual(set.body["faults"], { sts: { kind: "throttle", times: 1 } });
      assert.equal((await attempt("sts")).status, 400);
      assert.equal((await attempt("sts")).status, 200);
      await control("POST", "faults", { service: "sts", kind: "503" });
      await control("POST", "faults", { service: "sts", kind: "none" });
      assert.equal((await attempt("sts")).status, 200);
      await control("POST", "faults", { service: "ec2", kind: "500" });
      await control("DELETE", "faults");
      assert.deepEqual((await control("GET", "faults")).body["faults"], {});
      assert.deepEqual(Object.keys((await control("GET", "faults")).body["kinds"] as object), Object.keys(faultKinds));
    });

    it("says what it did not understand", async () => {
      assert.equal((await control("POST", "faults", { service: "nothing", kind: "503" })).status, 400);
      assert.match(
        (await control("POST", "faults", { service: "sts", kind: "nothing" })).text,
        /kind is one of .*slow, silent/,
      );
      assert.equal(
        (await send(simulator, { method: "POST", path: "/_simulator/faults", headers: {}, body: "{" })).status,
        400,
      );
      assert.equal((await control("GET", "nothing")).status, 404);
      assert.equal((await control("GET", "faults", undefined, { host: "attacker.example" })).status, 403);
    });

    it("the record tells who did what, and nothing secret", async () => {
      const signed = await sign(simulator, {
        ...form("sts", {
          Action: "AssumeRole",
          RoleArn: "arn:aws:iam::123456789012:role/adapter",
          RoleSessionName: "test",
        }),
      });
      const reply = await send(simulator, signed);
      await attempt("s3");
      simulator.faults.set("sts", { kind: "throttle", times: 1 });
      await attempt("sts");
      const { body, text } = await control("GET", "requests");
      const [assumed, listed, throttled] = body["requests"] as Record<string, unknown>[];
      assert.deepEqual(
        [
          assumed?.["service"],
          assumed?.["action"],
          assumed?.["region"],
          assumed?.["principalArn"],
          assumed?.["roleArn"],
          assumed?.["status"],
        ],
        [
          "sts",
          "AssumeRole",
          "us-east-1",
          "arn:aws:iam::123456789012:user/pod",
          "arn:aws:iam::123456789012:role/adapter",
          200,
        ],
      );
      assert.deepEqual(
        [listed?.["action"], listed?.["accessKeyId"], listed?.["principalArn"]],
        ["ListBuckets", writer.accessKeyId, "arn:aws:sts::123456789012:assumed-role/task-writer/test"],
      );
      assert.deepEqual(
        [throttled?.["fault"], throttled?.["errorCode"], throttled?.["status"]],
        ["throttle", "Throttling", 400],
      );
      const secrets = [
        writer.sessionToken as string,
        writer.secretAccessKey,
        /<SecretAccessKey>(.*)<\/SecretAccessKey>/.exec(reply.text)?.[1] as string,
        /<SessionToken>(.*)<\/SessionToken>/.exec(reply.text)?.[1] as string,
        /Signature=(.*)$/.exec(signed.headers["authorization"] as string)?.[1] as string,
        ...simulator.world.users.flatMap((user) => user.accessKeys.map((key) => key.secretAccessKey)),
      ];
      for (const shown of [text, (await control("GET", "world")).text]) {
        for (const secret of secrets) assert.ok(!shown.includes(secret));
      }
      assert.deepEqual((await control("GET", "counts")).body["counts"], {
        "sts.AssumeRole": 1,
        "s3.ListBuckets": 1,
        "sts.GetCallerIdentity": 1,
      });
    });
  });
});
