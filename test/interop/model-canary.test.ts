/** Owns the full canary over the models: every operation with a sensitive member, and what is over slowly. */
import assert from "node:assert/strict";
import { canaryRound, type canarySources } from "../support/canary";
import { encounters, modelCanary, sensitiveOperations } from "../support/canary-models";

describe("canary over every operation with a sensitive member", function () {
  this.timeout(240_000);

  for (const authLogging of [true, false]) {
    it(`answered, refused, repeated, cut off: auth_logging ${authLogging ? "on" : "off"}`, async () => {
      const operations = sensitiveOperations();
      assert.ok(operations.length > 200, `${operations.length} operations`);
      const { calls, reached, succeeded, found } = await modelCanary(operations, {
        level: "spam",
        authLogging,
        met: encounters,
      });
      assert.deepEqual(found, []);
      assert.ok(reached > 0.95 * calls, `${reached} of ${calls} calls were sent`);
      assert.ok(succeeded > 0.8 * operations.length, `${succeeded} of ${operations.length} operations were answered`);
    });
  }

  const sources: readonly (typeof canarySources)[number][] = ["keys with a global role", "instance", "web identity"];
  for (const source of sources) {
    it(`slow and silent services, a hop limit: ${source}`, async () => {
      const startedMs = Date.now();
      const { found } = await canaryRound({
        ...{ source, level: "debug", authLogging: true, attemptTimeoutMs: 1000 },
        faults: ["slow", "silent", "hop-limit"],
      });
      assert.deepEqual(found, []);
      assert.ok(Date.now() - startedMs > 1000, "nothing was slow");
    });
  }
});
