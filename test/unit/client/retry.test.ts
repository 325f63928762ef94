/** Owns the trial of which attempts are repeated, when, and when no more. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { HttpSigner } from "../../../utils/signing/http-signer";
import type { RoleChain } from "../../../utils/types/role-chain";
import { type Answer, answers, CHAIN, FakeIdentityProvider, type Fixture, fixture, IDENTITY } from "./client-fixture";

const OK: Answer = { body: "<DescribeVpcsResponse/>" };
const ec2Error = (code: string, statusCode = 400, headers: Record<string, string> = {}, message = "m"): Answer => ({
  statusCode,
  headers,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>R</RequestID></Response>`,
});
const connection = (phase: string): AdapterError =>
  new AdapterError("CONNECTION_FAILED", { host: "h", reason: "ECONNRESET", phase });
const timeout = (phase: string): AdapterError => new AdapterError("TIMEOUT", { waitedFor: "h", limitMs: 1, phase });

const read = (f: Fixture): Promise<unknown> => f.client.send("ec2", "DescribeVpcs", {}, f.options());
const write = (f: Fixture): Promise<unknown> =>
  f.client.send("ec2", "CreateVpc", { CidrBlock: "10.0.0.0/16" }, f.options());

async function failure(promise: Promise<unknown>): Promise<AdapterError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    return error;
  }
  return assert.fail("it did not fail");
}

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

describe("a wrong clock", () => {
  const server = (aheadMs: number): Record<string, string> => ({
    date: new Date(Date.parse("2026-01-02T03:04:05Z") + aheadMs).toUTCString(),
  });

  for (const code of ["RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch", "AuthFailure"]) {
    it(`is corrected once after ${code}, for the client's later calls too, and even for a write without retries`, async () => {
      const f = fixture(answers(ec2Error(code, 403, server(3_600_000)), OK), { request: { maxRetries: 0 } });
      await write(f);
      assert.deepEqual(
        f.handler.requests.map(({ headers }) => headers["x-amz-date"]),
        ["20260102T030405Z", "20260102T040405Z"],
      );
      await read(f);
      assert.equal(f.handler.requests[2]?.headers["x-amz-date"], "20260102T040405Z");
    });
  }

  it("is seen in the message of a service that has no code for it", async () => {
    const f = fixture(
      answers(
        ec2Error(
          "InvalidSignatureException",
          403,
          server(-600_000),
          "Signature expired: 20260102T030405Z is now earlier than …",
        ),
        OK,
      ),
    );
    await read(f);
    assert.equal(f.handler.requests[1]?.headers["x-amz-date"], "20260102T025405Z");
  });

  it("is not suspected when the clocks agree, or the answer has no date", async () => {
    for (const headers of [server(1000), {}]) {
      const f = fixture(answers(ec2Error("SignatureDoesNotMatch", 403, headers), OK));
      assert.equal((await failure(read(f))).aws?.code, "SignatureDoesNotMatch");
      assert.equal(f.handler.requests.length, 1);
    }
  });

  it("is not corrected twice for one call", async () => {
    let aheadMs = 0;
    const f = fixture(() => {
      aheadMs += 3_600_000;
      return ec2Error("RequestTimeTooSkewed", 403, server(aheadMs));
    });
    await failure(read(f));
    assert.equal(f.handler.requests.length, 2);
  });

  it("is corrected for calls that were under way beside each other", async () => {
    const f = fixture((request) =>
      request.headers["x-amz-date"] === "20260102T030405Z"
        ? ec2Error("SignatureDoesNotMatch", 403, server(3_600_000))
        : OK,
    );
    await Promise.all([read(f), read(f), read(f)]);
    assert.equal(f.handler.requests.length, 6);
  });
});

describe("an expired session", () => {
  const session = (token: string): typeof IDENTITY & { sessionToken: string } => ({ ...IDENTITY, sessionToken: token });
  const instance: RoleChain = {
    source: { type: "instanceMetadata", endpoint: "http://169.254.169.254", version: "v2-only" },
    steps: [],
  };

  for (const code of ["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired"]) {
    it(`is renewed once after ${code}, and the call repeated with the new one`, async () => {
      const provider = new FakeIdentityProvider([session("old"), session("new")]);
      const f = fixture(answers(ec2Error(code), OK), { provider, request: { maxRetries: 0 } });
      await f.client.send("ec2", "CreateVpc", {}, f.options({ identity: { chain: instance, provider } }));
      assert.deepEqual(
        f.handler.requests.map(({ headers }) => headers["x-amz-security-token"]),
        ["old", "new"],
      );
      assert.deepEqual(provider.invalidated, [session("old")]);
    });
  }

  it("is renewed only once for a call", async () => {
    const provider = new FakeIdentityProvider([session("1"), session("2"), session("3")]);
    const f = fixture(answers(ec2Error("ExpiredToken")), { provider });
    const error = await failure(
      f.client.send("ec2", "DescribeVpcs", {}, f.options({ identity: { chain: instance, provider } })),
    );
    assert.equal(error.aws?.code, "ExpiredToken");
    assert.equal(f.handler.requests.length, 2);
  });

  it("is not renewed where the keys are written down", async () => {
    for (const identity of [IDENTITY, session("fixed")]) {
      const provider = new FakeIdentityProvider([identity]);
      const f = fixture(answers(ec2Error("ExpiredToken"), OK), { provider });
      await failure(f.client.send("ec2", "DescribeVpcs", {}, f.options({ identity: { chain: CHAIN, provider } })));
      assert.equal(f.handler.requests.length, 1);
      assert.deepEqual(provider.invalidated, []);
    }
  });
});

describe("the wait for an identity", () => {
  it("ends with the attempt, names the source, aborts the provider and is final", async () => {
    let signal: AbortSignal | undefined;
    const provider = {
      resolve: (request?: { signal?: AbortSignal }) => new Promise<never>(() => (signal = request?.signal)),
      invalidate() {},
    };
    const f = fixture(answers(OK));
    const call = failure(f.client.send("ec2", "DescribeVpcs", {}, f.options({ identity: { chain: CHAIN, provider } })));
    await new Promise(setImmediate);
    f.clock.advance(5000);
    const error = await call;
    assert.equal(error.code, "TIMEOUT");
    assert.match(error.message, /source of credentials \(static keys\) did not answer within 5000 ms/);
    assert.equal(signal?.aborted, true);
    assert.equal(f.handler.requests.length, 0);
  });

  it("leaves to the request what it did not use", async () => {
    const f = fixture(answers(OK));
    const provider = {
      resolve: async () => {
        f.clock.nowMs += 1200;
        return IDENTITY;
      },
      invalidate() {},
    };
    await f.client.send("ec2", "DescribeVpcs", {}, f.options({ identity: { chain: CHAIN, provider } }));
    assert.equal(f.handler.options[0]?.timeoutMs, 3800);
  });

  it("leaves to the request what a signature that was waited for did not use", async () => {
    const signer = new HttpSigner();
    signer.sign = async () => {
      f.clock.nowMs += 700;
      return undefined as never;
    };
    const f = fixture(answers(OK), { signer });
    const provider = { current: () => IDENTITY, resolve: async () => IDENTITY, invalidate() {} };
    await f.client.send("ec2", "DescribeVpcs", {}, f.options({ identity: { chain: CHAIN, provider } }));
    assert.equal(f.handler.options[0]?.timeoutMs, 4300);
  });

  it("passes on why there is none, and never repeats it", async () => {
    const reason = new AdapterError("ASSUME_ROLE_FAILED", {
      step: "s",
      awsCode: "Throttling",
      reason: "r",
      advice: "a",
    });
    let asked = 0;
    const provider = {
      resolve: async () => {
        asked++;
        throw reason;
      },
      invalidate() {},
    };
    const f = fixture(answers(OK));
    assert.equal(
      await failure(f.client.send("ec2", "DescribeVpcs", {}, f.options({ identity: { chain: CHAIN, provider } }))),
      reason,
    );
    assert.equal(asked, 1);
  });

  it("is not waited for by an operation that nobody signs", async () => {
    const provider = { resolve: () => assert.fail("asked"), invalidate() {} };
    const f = fixture(answers({ body: "<AssumeRoleWithWebIdentityResponse/>" }));
    const input = { RoleArn: "arn:aws:iam::1:role/r", RoleSessionName: "s", WebIdentityToken: "t" };
    await f.client.send("sts", "AssumeRoleWithWebIdentity", input, f.options({ identity: { chain: CHAIN, provider } }));
    assert.equal(f.handler.requests[0]?.headers["authorization"], undefined);
  });
});
