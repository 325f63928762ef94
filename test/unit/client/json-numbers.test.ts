/** Owns the trial of numbers that JSON carries and a double does not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { numberFromText } from "../../../utils/client/json-safe";
import { quoteBigIntegers } from "../../../utils/client/quote-big-integers";

const quoted = quoteBigIntegers;

describe("integers beyond 2^53", () => {
  it("become text in JSON, wherever they stand", () => {
    assert.equal(
      quoted('{"a":9007199254740993,"b":[-12345678901234567890 ,1]}'),
      '{"a":"9007199254740993","b":["-12345678901234567890" ,1]}',
    );
  });

  it("stay what they are inside text, as fractions, with exponents, and up to 2^53", () => {
    for (const text of [
      '{"a":"9007199254740993"}',
      '{"a":"\\"9007199254740993"}',
      '{"9007199254740993":1}',
      "[1.90071992547409931, 9007199254740993e2]",
      "[9007199254740991]",
    ]) {
      assert.equal(quoted(text), text);
    }
  });

  it("are found beside texts of many megabytes, and behind those that end in backslashes", () => {
    const long = "x".repeat(12 * 1024 * 1024);
    const mended = quoted(`{"t":"${long}","n":9007199254740993}`);
    assert.equal(mended.slice(-24), ',"n":"9007199254740993"}');
    assert.equal(mended.length, long.length + '{"t":"","n":"9007199254740993"}'.length);
    assert.equal(quoted('{"a\\\\":9007199254740993}'), '{"a\\\\":"9007199254740993"}');
    assert.equal(quoted('{"a\\\\\\"":"9007199254740993"}'), '{"a\\\\\\"":"9007199254740993"}');
  });

  it("are all that changes in any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const parsed: unknown = JSON.parse(quoted(text));
        const restored = JSON.stringify(parsed, (_key, member: unknown) => member);
        if (!/\d{16}/.test(text)) assert.equal(restored, text);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 90n }), fc.string(), (big, text) => {
        assert.deepEqual(JSON.parse(quoted(`{"n":${big},"t":${JSON.stringify(text)},"m":[${-big}]}`)), {
          n: String(big),
          t: text,
          m: [String(-big)],
        });
      }),
    );
  });

  it("stay text where an answer writes them in digits", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (number) => assert.equal(numberFromText(String(number)), number)));
    assert.deepEqual(["9007199254740993", "1.5", "1e3", "NaN", "Infinity", "-Infinity", "x"].map(numberFromText), [
      ...["9007199254740993", 1.5, 1000, "NaN", "Infinity", "-Infinity", "x"],
    ]);
  });
});
