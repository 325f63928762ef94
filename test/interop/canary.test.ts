/** Owns the full canary: thousands of calls over every source, fault, level, with auth_logging on and off. */
import assert from "node:assert/strict";
import { logLevels } from "../../utils/logging/platform-logger";
import { canaryRound, canarySources, quickFaults } from "../support/canary";

describe("canary in full", function () {
  this.timeout(90_000);
  let total = 0;
  for (const source of canarySources) {
    it(source, async () => {
      for (const level of logLevels) {
        for (const authLogging of [true, false]) {
          const { calls, found } = await canaryRound({ source, level, authLogging, faults: quickFaults });
          total += calls;
          assert.deepEqual(found, [], `level ${level}, auth_logging ${authLogging}`);
        }
      }
    });
  }
  after(() => assert.ok(total > 2000, `${total} calls`));
});
