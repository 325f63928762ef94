/** Owns the short form of the soak: real time, real sockets, sessions of which a few seconds are used. */
import { strict as assert } from "node:assert";
import { type SoakFigures, soak, usefulSeconds } from "../soak/refresh";

describe("interop: 200 calls a second with credentials that are always about to end", () => {
  const options = { seconds: 14, callsPerSecond: 200, lifetimeSeconds: 66 };
  const useful = usefulSeconds(options.lifetimeSeconds);
  let figures: SoakFigures;
  before(async () => {
    figures = await soak(options);
    console.log(`      ${JSON.stringify(figures)}`);
  });

  it("no call fails", () => {
    assert.equal(figures.failed, 0);
    assert.ok(figures.calls > (options.seconds - 2) * options.callsPerSecond, `${figures.calls} calls`);
  });

  it("each step is assumed once in what is used of its lifetime, and not more often", () => {
    assert.equal(figures.steps.length, 2);
    for (const { role, assumed, shortestGapSeconds } of figures.steps) {
      assert.ok(assumed >= Math.floor(options.seconds / useful), `${role}: ${assumed}`);
      // The simulator tells ends in whole seconds, as AWS does: one second of the lifetime may be lost, a quarter is the lead.
      assert.ok(shortestGapSeconds >= 0.7 * (useful - 1), `${role}: ${shortestGapSeconds} s`);
    }
  });

  it("sessions are refreshed in the background: nobody waits for them", () => {
    // Calls wait for the last role only. The one before it is asked for when that is renewed, which is in the background
    // already, and may by then be at its end.
    const last = figures.steps.find(({ role }) => role.endsWith("/task-reader"));
    const { assumed = 0, early = 0 } = last ?? {};
    // A machine that sleeps for a second sleeps through the lead of such short credentials.
    assert.ok(early >= 1 && early >= (assumed - 1) / 2, `${early} of ${assumed - 1}`);
  });

  it("no session is used with less than a minute left", () => {
    // A request is recorded when it arrives, not when it is signed.
    const onTheWay = figures.slowestMs / 1000;
    assert.ok(figures.longestUseSeconds <= useful + onTheWay, `${figures.longestUseSeconds} s`);
  });
});
