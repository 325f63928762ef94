/** Owns the trial of which attempts are repeated, when, and when no more. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { type Answer, answers, fixture } from "./client-fixture";
import { connection, ec2Error, failure, OK, read, timeout, write } from "./failing-calls";

describe("retries", () => {
  for (const [what, first] of Object.entries({
    "400 Throttling": ec2Error("Throttling"),
    "503 RequestLimitExceeded": ec2Error("RequestLimitExceeded", 503),
    "429 of a proxy": { statusCode: 429, body: "slow down" } satisfies Answer,
    "a refused connection": connection("before-request"),
    "a connection that did not come about in time": timeout("before-request"),
  })) {
    it(`repeat a write after ${what}: it was not processed`, async () => {
      const f = fixture(answers(first, OK));
      await write(f);
      assert.equal(f.handler.requests.length, 2);
    });
  }

  for (const [what, first] of Object.entries({
    "500 InternalError": ec2Error("InternalError", 500),
    "502 of a proxy": { statusCode: 502, body: "<html>bad gateway</html>" } satisfies Answer,
    "503 without a body": { statusCode: 503 } satisfies Answer,
    "504 that is plain text": { statusCode: 504, body: "upstream timed out" } satisfies Answer,
    "a connection that broke": connection("after-request"),
    "an answer that did not come in time": timeout("after-request"),
  })) {
    it(`repeat a read after ${what}, but never a write: it may have been processed`, async () => {
      const reading = fixture(answers(first, OK));
      await read(reading);
      assert.equal(reading.handler.requests.length, 2);
      const writing = fixture(answers(first, OK));
      await failure(write(writing));
      assert.equal(writing.handler.requests.length, 1);
    });
  }

  it("repeat a write that carries an idempotency token, with the same token", async () => {
    const f = fixture(answers(ec2Error("InternalError", 500), { body: "<CreateNatGatewayResponse/>" }));
    await f.client.send("ec2", "CreateNatGateway", { SubnetId: "s" }, f.options());
    assert.equal(f.handler.requests.length, 2);
    assert.match(String(f.handler.requests[0]?.body), /ClientToken=[0-9a-f-]{36}/);
    assert.equal(f.handler.requests[0]?.body, f.handler.requests[1]?.body);
  });

  for (const [what, answer] of Object.entries({
    "400 InvalidParameterValue": ec2Error("InvalidParameterValue"),
    "403 UnauthorizedOperation": ec2Error("UnauthorizedOperation", 403),
    "404 without a body": { statusCode: 404 } satisfies Answer,
    "malformed XML under 200": { body: "<DescribeVpcsResponse><vpcSet>" } satisfies Answer,
    "a failed TLS handshake": new AdapterError("TLS_FAILED", { host: "h", reason: "r", serverName: "s" }),
    "an aborted call": new AdapterError("ABORTED", { waitedFor: "h", reason: "r" }),
  })) {
    it(`do not repeat ${what}`, async () => {
      const f = fixture(answers(answer, OK));
      await failure(read(f));
      assert.equal(f.handler.requests.length, 1);
    });
  }

  it("make 1 + maxRetries attempts, and count them", async () => {
    for (const maxRetries of [0, 2]) {
      const f = fixture(answers(ec2Error("Throttling")), { request: { maxRetries } });
      const metrics = { roundTripMs: 0, attempts: 0, queueMs: 0, credentialSource: "", roleChain: [] };
      const error = await failure(f.client.send("ec2", "DescribeVpcs", {}, f.options({ metrics })));
      assert.equal(error.aws?.code, "Throttling");
      assert.equal(f.handler.requests.length, 1 + maxRetries);
      assert.equal(metrics.attempts, 1 + maxRetries);
      assert.equal(
        metrics.roundTripMs,
        f.clock.slept.reduce((sum, ms) => sum + ms, 0),
      );
    }
  });

  it("wait with full jitter, throttled calls longer", async () => {
    const throttled = fixture(answers(ec2Error("Throttling")), { random: () => 0.999999 });
    await failure(read(throttled));
    assert.deepEqual(throttled.clock.slept, [499, 999, 1999]);
    const passing = fixture(answers(ec2Error("InternalError", 500)), { random: () => 0.999999 });
    await failure(read(passing));
    assert.deepEqual(passing.clock.slept, [49, 99, 199]);
    const long = fixture(answers(ec2Error("Throttling")), { random: () => 0.999999, request: { maxRetries: 9 } });
    await failure(read(long));
    assert.equal(Math.max(...long.clock.slept), 19_999);
  });

  it("wait as long as the answer asks for, up to 20 s", async () => {
    const date = new Date(Date.parse("2026-01-02T03:04:05Z") + 4000).toUTCString();
    for (const [headers, expected] of [
      [{ "retry-after": "3" }, 3000],
      [{ "retry-after": date }, 4000],
      [{ "x-amz-retry-after": "1500" }, 1500],
      [{ "retry-after": "3600" }, 20_000],
      [{ "retry-after": "soon" }, 250],
    ] as const) {
      const f = fixture(answers(ec2Error("Throttling", 503, headers as Record<string, string>), OK));
      await read(f);
      assert.deepEqual(f.clock.slept, [expected], JSON.stringify(headers));
    }
  });

  it("sign anew for every attempt, with the date of the attempt", async () => {
    const f = fixture(answers(ec2Error("Throttling", 503, { "retry-after": "2" }), OK));
    await read(f);
    const [first, second] = f.handler.requests.map(({ headers }) => headers);
    assert.equal(first?.["x-amz-date"], "20260102T030405Z");
    assert.equal(second?.["x-amz-date"], "20260102T030407Z");
    assert.notEqual(first?.["authorization"], second?.["authorization"]);
  });

  it("stop when the budget is used up, and resume when calls succeed again", async () => {
    let failing = true;
    const f = fixture(() => (failing ? ec2Error("InternalError", 500) : OK));
    const attempts = async (): Promise<number> => {
      const before = f.handler.requests.length;
      await read(f).catch(() => {});
      return f.handler.requests.length - before;
    };
    // 500 tokens, 14 a repetition, 3 repetitions a call: 35 repetitions in all.
    let total = 0;
    for (let call = 0; call < 20; call++) total += (await attempts()) - 1;
    assert.equal(total, 35);
    assert.equal(await attempts(), 1);
    failing = false;
    for (let call = 0; call < 14; call++) await attempts();
    failing = true;
    assert.equal(await attempts(), 2);
  });

  it("that get no turn leave AWS's own answer, and count only what was sent", async () => {
    let turns = 0;
    const rates = {
      turn: async () => {
        turns += 1;
        if (turns > 1) throw new AdapterError("RATE_EXCEEDED", {});
      },
      throttled: () => {},
      close: () => {},
    };
    const f = fixture(answers(ec2Error("RequestLimitExceeded", 503), OK), { rates });
    const metrics = { roundTripMs: 0, attempts: 0, queueMs: 0, credentialSource: "", roleChain: [] };
    const error = await failure(f.client.send("ec2", "DescribeVpcs", {}, f.options({ metrics })));
    assert.deepEqual([error.code, error.aws?.code], ["SERVICE_ERROR", "RequestLimitExceeded"]);
    assert.deepEqual([turns, metrics.attempts, f.handler.requests.length], [2, 1, 1]);
    const none = fixture(answers(OK), { rates });
    assert.equal((await failure(read(none))).code, "RATE_EXCEEDED");
  });

  it("are given up when the call is", async () => {
    const f = fixture(answers(ec2Error("Throttling")));
    f.clock.sleep = async (_ms: number, signal?: AbortSignal) => {
      throw signal?.reason;
    };
    const signal = AbortSignal.abort(new Error("closed"));
    const error = await failure(f.client.send("ec2", "DescribeVpcs", {}, f.options({ signal })));
    assert.equal(error.code, "ABORTED");
    assert.match(error.message, /closed/);
  });

  it("repeat the statuses that the service instance lists", async () => {
    const f = fixture(answers({ statusCode: 418, body: "" }, OK), {
      request: { retriedStatuses: [{ from: 410, to: 420 }] },
    });
    await read(f);
    assert.equal(f.handler.requests.length, 2);
  });
});
