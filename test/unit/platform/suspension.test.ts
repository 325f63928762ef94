/** Owns the cases of a suspended adapter. */
import assert from "node:assert/strict";
import { Suspension } from "../../../utils/platform/suspension";
import { FakeClock } from "../client/client-fixture";

const limits = { maxWaiting: 2, waitMs: 1000 };

describe("Suspension", () => {
  it("error: calls fail at once; afterwards they go through", async () => {
    const suspension = new Suspension(new FakeClock());
    suspension.suspend("error");
    await assert.rejects(suspension.pass(limits), { code: "SUSPENDED", message: "The adapter is suspended." });
    suspension.resume();
    await suspension.pass(limits);
  });

  it("pause: calls wait for the end in their order, so many and no more", async () => {
    const suspension = new Suspension(new FakeClock());
    suspension.suspend("pause");
    const order: number[] = [];
    const waiting = [1, 2].map((at) => suspension.pass(limits).then(() => order.push(at)));
    await assert.rejects(suspension.pass(limits), { code: "QUEUE_FULL" });
    assert.equal(suspension.waiting, 2);
    suspension.resume();
    await Promise.all(waiting);
    assert.deepEqual([order, suspension.waiting], [[1, 2], 0]);
  });

  it("pause: nobody waits for ever", async () => {
    const clock = new FakeClock();
    const suspension = new Suspension(clock);
    suspension.suspend("pause");
    const call = suspension.pass(limits);
    clock.advance(1000);
    await assert.rejects(call, { code: "SUSPENDED", message: /waited 1000 ms/ });
    assert.equal(suspension.waiting, 0);
  });
});
