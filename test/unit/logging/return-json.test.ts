/** Owns the proof that the plain CALL RETURN is the JSON that it would be if nobody had written it by hand. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { returnJson } from "../../../utils/logging/return-json";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "\n", "\0", "\x1f", "\x7f", " ", "\u2028", "\ud800", "\udfff", "é", "a"),
  }),
  fc.stringMatching(/^[\w-]{0,20}$/),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(200, 0.1, -0, 1e21, 1e-7));

describe("The JSON of a plain CALL RETURN", () => {
  it("is what JSON.stringify makes of its members, in their order", () => {
    const entry = fc.record({
      callId: text,
      attempt: number,
      service: text,
      operation: text,
      statusCode: number,
      durationMs: number,
      requestId: fc.option(text, { nil: undefined }),
    });
    fc.assert(
      fc.property(entry, ({ callId, attempt, service, operation, statusCode, durationMs, requestId }) => {
        const members = { callId, attempt, service, operation, statusCode, durationMs, requestId };
        assert.equal(returnJson(members), JSON.stringify(members));
      }),
      { numRuns: 2000 },
    );
  });

  it("escapes every character that JSON escapes", () => {
    for (let code = 0; code <= 0xffff; code += 1) {
      const members = {
        ...{ callId: String.fromCharCode(code), attempt: 1, service: "ec2", operation: "DescribeInstances" },
        ...{ statusCode: 200, durationMs: 1.5, requestId: undefined },
      };
      const json = returnJson(members);
      if (json !== JSON.stringify(members)) assert.fail(`\\u${code.toString(16)}: ${json}`);
    }
  });
});
