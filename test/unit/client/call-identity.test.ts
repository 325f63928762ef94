/** Owns the trial of the identity of a call: waited for within the attempt, and renewed once when AWS says it expired. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { HttpSigner } from "../../../utils/signing/http-signer";
import type { RoleChain } from "../../../utils/types/role-chain";
import { answers, CHAIN, FakeIdentityProvider, fixture, IDENTITY } from "./client-fixture";
import { ec2Error, failure, OK } from "./failing-calls";

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
