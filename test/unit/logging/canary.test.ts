/** Owns the small canary: every source once, at changing levels; test/interop/canary.test.ts is the full one. */
import assert from "node:assert/strict";
import { Masker } from "../../../utils/logging/masker";
import { logLevels } from "../../../utils/logging/platform-logger";
import { canaryRound, canarySources, quickFaults, sixEncodings } from "../../support/canary";

describe("canary", () => {
  canarySources.forEach((source, index) => {
    const level = logLevels[index % 3] ?? "debug";
    const authLogging = index % 4 !== 3;
    it(`${source}, level ${level}, auth_logging ${authLogging ? "on" : "off"}`, async () => {
      const faults = quickFaults.filter((_, at) => at % 4 === index % 4);
      const { calls, found } = await canaryRound({ source, level, authLogging, faults });
      assert.ok(calls > 8);
      assert.deepEqual(found, []);
    });
  });

  it("is found once the masking is taken away", async () => {
    const { maskText } = Masker.prototype;
    Masker.prototype.maskText = (text) => text;
    try {
      const { found } = await canaryRound({ source: "keys", level: "debug", authLogging: true, faults: [] });
      assert.ok(found.length > 0, `${found.length} found`);
    } finally {
      Masker.prototype.maskText = maskText;
    }
  });

  it("would be found in each of its encodings", () => {
    const forms = sixEncodings("a/b+c&d<e\"f'g");
    assert.equal(new Set(forms).size, forms.length);
    assert.ok(forms.every((form) => form.length >= 10));
  });
});
