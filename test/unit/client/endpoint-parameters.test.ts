/** Owns the trial of the keys that decided endpoints are kept by: a call must never be sent where another one goes. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type EndpointParameterValues, parametersKey } from "../../../utils/client/endpoint-parameters";

const names = ["Bucket", "ResourceArnList", "Region"];

describe("parametersKey", () => {
  for (const [one, other] of [
    [{ ResourceArnList: ["a,b", "c"] }, { ResourceArnList: ["a", "b,c"] }],
    [{ ResourceArnList: ["a,b"] }, { ResourceArnList: ["a", "b"] }],
    [{ ResourceArnList: [] }, { ResourceArnList: [""] }],
    [
      { Bucket: "a\u0001b", Region: "c" },
      { Bucket: "a", ResourceArnList: ["b"], Region: "c" },
    ],
    [{ Bucket: "\u0000" }, {}],
    [{ Bucket: "" }, {}],
    [{ Bucket: "true" }, { Bucket: true }],
    [{ Bucket: "[]" }, { Bucket: [] }],
  ] satisfies readonly (readonly [EndpointParameterValues, EndpointParameterValues])[]) {
    it(`tells ${JSON.stringify(one)} from ${JSON.stringify(other)}`, () => {
      assert.notEqual(parametersKey(names, one), parametersKey(names, other));
    });
  }

  it("is the same for equal values, and for no others", () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab,[]"0123: \\\u0000\u0001'), maxLength: 6 });
    const value = fc.option(fc.oneof(text, fc.boolean(), fc.array(text, { maxLength: 3 })), { nil: undefined });
    const values = fc.tuple(value, value, value);
    fc.assert(
      fc.property(values, values, (one, other) => {
        const key = (given: readonly EndpointParameterValues[string][]): string =>
          parametersKey(names, Object.fromEntries(names.map((name, at) => [name, given[at]])));
        assert.equal(key(one) === key(other), isDeepStrictEqual(one, other));
        assert.equal(key(one), key(structuredClone(one)));
      }),
      { numRuns: 500 },
    );
  });
});
