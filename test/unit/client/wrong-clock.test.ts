/** Owns the trial of a clock that AWS does not agree with: corrected once, and only when it is off. */
import assert from "node:assert/strict";
import { answers, fixture } from "./client-fixture";
import { ec2Error, failure, OK, read, write } from "./failing-calls";

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
