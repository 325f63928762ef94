/** Owns the cases of properties that are put to use, replaced, or wrong. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { CallError, noMetrics } from "../../../utils/platform/envelope";
import { operationCall } from "../../../utils/platform/read-arguments";
import { S3Connection } from "../../../utils/platform/s3-connection/s3-connection";
import type { PlatformRuntime } from "../../../utils/platform/send-call";
import { ServiceInstance } from "../../../utils/platform/service-instance";
import type { Settings } from "../../../utils/settings/settings";
import type { CallResult } from "../../../utils/types/call";
import type { Clock } from "../../../utils/types/clock";
import { MASK } from "../../../utils/types/secret";

const clock = { now: () => 0, monotonic: () => 0 } as Clock;
const read = () => operationCall("ec2", "DescribeInstances", "plain", [{}]);

function fakeRuntime(call: PlatformRuntime["call"]): PlatformRuntime & { closed: number } {
  const runtime = {
    closed: 0,
    settings: {
      healthcheck: { type: "none", frequencyMs: 1 },
      request: { failoverStatuses: [{ from: 500, to: 599 }], healthcheckOnTimeout: false },
      throttle: { enabled: false },
    } as unknown as Settings,
    masker: { maskText: (text: string) => text.replaceAll("hush", MASK), maskValue: (value: unknown) => value },
    call,
    openBody: () => assert.fail("a body was opened"),
    callRaw: () => assert.fail("no raw request was made"),
    federate: () => assert.fail("no identity was proved"),
    close: () => {
      runtime.closed += 1;
    },
  };
  return runtime;
}

const failure = async (promise: Promise<unknown>): Promise<CallError> => {
  const thrown = await promise.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof CallError);
  return thrown;
};

describe("ServiceInstance", () => {
  it("hands the call's arguments to the runtime", async () => {
    const given: unknown[] = [];
    const result = { output: 1 } as unknown as CallResult;
    const runtime = fakeRuntime(async (...all) => {
      given.push(...all);
      return result;
    });
    const instance = new ServiceInstance(() => runtime, clock, {});
    const metadata = { callProperties: { region: "eu-west-1" } };
    const call = () => operationCall("sts", "X", "STSRole", [{ a: 1 }, { RoleArn: "r" }, "n", metadata]);
    assert.equal((await instance.call("o", call)).response, result.output);
    const role = {
      kind: "STSRole",
      stsParams: { RoleArn: "r" },
      roleName: "n",
      callProperties: { region: "eu-west-1" },
    };
    assert.deepEqual(given, ["sts", "X", { a: 1 }, { ...role, metrics: noMetrics(), metadata, way: undefined }]);
  });

  it("lets a body break that waits with its call: nobody but the call is told", async () => {
    const releases: (() => void)[] = [];
    const runtime = fakeRuntime(() => new Promise((resolve) => releases.push(() => resolve({} as CallResult))));
    const throttle = { enabled: true, maxConcurrent: 1, platformServers: 1, maxInQueue: 9, priorities: [] };
    Object.assign(runtime.settings, { throttle });
    const timeless = { ...clock, schedule: () => () => undefined };
    const instance = new ServiceInstance(() => runtime, timeless, {});
    const bodies = [new Readable(), new Readable(), new Readable(), new Readable()];
    const put = (given: unknown) =>
      instance.call("o", () => operationCall("s3", "PutObject", "plain", [{ Body: given }]));
    const calls = [put("text"), put(bodies[0]), put({ stream: bodies[1] })];
    const composed = new S3Connection(clock).call("Upsert", "plain", [{ Body: bodies[3] }]);
    calls.push(instance.call("o", () => ({ ...composed, compose: async () => ({}) as CallResult })));
    instance.suspension.suspend("pause");
    calls.push(put(bodies[2]));
    for (const body of bodies) body.destroy(new Error("the disk is gone"));
    await new Promise((resolve) => setImmediate(resolve));
    instance.suspension.resume();
    for (let call = 0; call < calls.length; call += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      releases.shift()?.();
    }
    await Promise.all(calls);
  });

  it("answers wrong properties to every call, and masks even these", async () => {
    const properties = { authentication: { aws_secret_key: " abcdefgh12 " } };
    const problem = new AdapterError("INVALID_PROPERTIES", { property: "p", found: "abcdefgh12", expected: "y" });
    const instance = new ServiceInstance(
      () => {
        throw problem;
      },
      clock,
      properties,
    );
    assert.equal(instance.problem, problem);
    for (let calls = 0; calls < 2; calls += 1) {
      const error = await failure(instance.call("id-adapter-m", read));
      assert.deepEqual(error.toEnvelope(), {
        icode: "AD.305",
        IAPerror: {
          origin: "id-adapter-m",
          displayString: `Service instance property p: found ${MASK}, expected y.`,
          recommendation: problem.recommendation,
        },
        metrics: noMetrics(),
      });
    }
  });

  it("says what AWS said, masked, with the step and as whom the call acted", async () => {
    const aws = {
      service: "sts",
      operation: "AssumeRole",
      code: "AccessDenied",
      message: "not hush",
      requestId: "r",
      statusCode: 403,
    };
    const thrown = new AdapterError(
      "ASSUME_ROLE_FAILED",
      { step: "step 1", awsCode: "AccessDenied", reason: "not hush", advice: "Ask." },
      { aws, step: "step 1 of 1, hush", rawResponse: "<a>hush</a>" },
    );
    const instance = new ServiceInstance(
      () =>
        fakeRuntime(async (_service, _operation, _input, { metrics }) => {
          Object.assign(metrics ?? {}, { attempts: 2, credentialSource: "Pod Role" });
          throw thrown;
        }),
      clock,
      {},
    );
    const error = await failure(instance.call("o", read));
    assert.ok(error instanceof Error);
    assert.equal(error.message, error.IAPerror.displayString);
    assert.deepEqual(error.toEnvelope(), {
      icode: "AD.402",
      IAPerror: {
        origin: "o",
        displayString: `AssumeRole failed at step 1: AccessDenied: not ${MASK}`,
        recommendation: "Ask.",
        code: 403,
        raw_response: `<a>${MASK}</a>`,
      },
      aws: {
        service: "sts",
        operation: "AssumeRole",
        code: "AccessDenied",
        message: `not ${MASK}`,
        requestId: "r",
        step: `step 1 of 1, ${MASK}`,
      },
      metrics: { ...noMetrics(), attempts: 2, credentialSource: "Pod Role" },
    });
    assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("hush"));
  });

  it("answers UNEXPECTED to whatever else is thrown", async () => {
    for (const thrown of [new TypeError("x is no function"), "text", undefined, null]) {
      const instance = new ServiceInstance(() => fakeRuntime(() => Promise.reject(thrown)), clock, {});
      assert.equal((await failure(instance.call("o", read))).icode, "AD.900");
    }
  });

  it("finishes calls under way with the old properties, then closes what they ran on", async () => {
    let finish: (result: CallResult) => void = () => assert.fail();
    const old = fakeRuntime(() => new Promise((resolve) => (finish = resolve)));
    const next = fakeRuntime(async () => ({ output: "new" }) as unknown as CallResult);
    const runtimes = [old, next];
    const instance = new ServiceInstance(() => runtimes.shift() ?? assert.fail(), clock, {});
    const underWay = instance.call("o", read);
    instance.replace({});
    assert.equal((await instance.call("o", read)).response, "new");
    assert.equal(old.closed, 0);
    finish({ output: "old" } as unknown as CallResult);
    assert.equal((await underWay).response, "old");
    assert.deepEqual([old.closed, next.closed], [1, 0]);
  });

  it("closes what nobody uses at once", () => {
    const old = fakeRuntime(() => assert.fail());
    const runtimes = [old, fakeRuntime(() => assert.fail())];
    new ServiceInstance(() => runtimes.shift() ?? assert.fail(), clock, {}).replace({});
    assert.equal(old.closed, 1);
  });

  it("answers 10,000 queued calls, each once, in the order of their priority, never more than ten at once", async () => {
    const percents = new Map([
      [1, 0],
      [2, 50],
    ]);
    let underWay = 0;
    let most = 0;
    const runtime = fakeRuntime(async (_service, _operation, input) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return { output: input } as unknown as CallResult;
    });
    const priorities = [...percents].map(([value, percent]) => ({ value, percent }));
    const throttle = { enabled: true, platformServers: 1, maxConcurrent: 10, maxInQueue: 10_000, expireTimeoutMs: 0 };
    Object.assign(runtime.settings, { throttle: { ...throttle, priorities, averageRuntimeMs: 1 } });
    const instance = new ServiceInstance(() => runtime, clock, {});
    const order: number[] = [];
    const placeOf = (call: number): number => percents.get(call % 3) ?? 100;
    await new Promise<void>((resolve) => {
      for (let call = 0; call < 10_000; call += 1) {
        const given = [{ call }, { priority: call % 3 }];
        const answered = () => order.push(call) === 10_000 && resolve();
        instance.start("o", () => operationCall("s", "O", "plain", given), { answered, failed: assert.fail });
      }
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([order.length, new Set(order).size, most, underWay], [10_000, 10_000, 10, 0]);
    const waited = order.filter((call) => call >= 10);
    const expected = [...waited].sort((left, right) => placeOf(left) - placeOf(right) || left - right);
    assert.deepEqual(waited, expected);
  });
});
