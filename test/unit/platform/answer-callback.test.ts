/** Owns the proof that a callback runs exactly once, with one of its two arguments, whatever happens around it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { answer, rethrowLater } from "../../../utils/platform/answer-callback";

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("answer", () => {
  it("answers the promise itself without a callback", async () => {
    const outcome = Promise.resolve(1);
    assert.equal(
      answer(outcome, undefined, String, () => assert.fail()),
      outcome,
    );
  });

  it("calls back exactly once, late or early, even when the callback throws", async () => {
    const outcomes = fc.constantFrom("resolve", "reject", "resolve later", "reject later");
    await fc.assert(
      fc.asyncProperty(outcomes, fc.boolean(), async (kind, callbackThrows) => {
        const outcome = (async () => {
          if (kind.endsWith("later")) await settle();
          if (kind.startsWith("reject")) throw new Error("refused");
          return "data";
        })();
        const calls: unknown[][] = [];
        const faults: unknown[] = [];
        const result = answer<string, string>(
          outcome,
          (...given) => {
            calls.push(given);
            if (callbackThrows) throw new Error("of the callback");
          },
          (reason) => `envelope of ${(reason as Error).message}`,
          (thrown) => faults.push((thrown as Error).message),
        );
        await settle();
        await settle();
        assert.equal(result, undefined);
        assert.deepEqual(calls, [kind.startsWith("reject") ? [null, "envelope of refused"] : ["data", null]]);
        assert.deepEqual(faults, callbackThrows ? ["of the callback"] : []);
      }),
      { numRuns: 40 },
    );
  });
});

describe("rethrowLater", () => {
  it("leaves the exception to the process, as an uncaught one", async () => {
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    try {
      const caught = new Promise((resolve) => process.once("uncaughtException", resolve));
      const thrown = new Error("of the callback");
      rethrowLater(thrown);
      assert.equal(await caught, thrown);
    } finally {
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });
});
