/** Owns the trial of finding entries in files of one entry a line. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { LineIndex } from "../../../utils/models/line-index";

const write = (sections: Record<string, Record<string, unknown>>): string =>
  `{\n${Object.entries(sections)
    .map(([name, entries]) => {
      const sorted = Object.entries(entries).sort(([left], [right]) => (left < right ? -1 : 1));
      const lines = sorted.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
      return `"${name}": {\n${lines.join(",\n")}${lines.length > 0 ? "\n" : ""}}`;
    })
    .join(",\n")}\n}\n`;

describe("LineIndex", () => {
  it("reads back every entry of any section, and knows no other", () => {
    const key = fc.stringMatching(/^[A-Za-z][\w.#-]{0,12}$/);
    const entries = fc.dictionary(key, fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(entries, entries, fc.array(key), (first, second, others) => {
        const text = write({ first, second });
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify({ first, second })));
        for (const [name, section] of Object.entries({ first, second })) {
          const index = new LineIndex(Buffer.from(text), name);
          assert.deepEqual(index.keys(), Object.keys(section).sort());
          for (const [entry, value] of Object.entries(section)) {
            assert.deepEqual(index.read(entry), JSON.parse(JSON.stringify(value)));
          }
          for (const other of [...others, "", "!", "~"]) {
            assert.equal(index.has(other), Object.hasOwn(section, other));
            if (!index.has(other)) assert.equal(index.read(other), undefined);
          }
        }
      }),
    );
  });

  it("refuses a text without the section, or one that is cut off", () => {
    assert.throws(() => new LineIndex(Buffer.from('{\n"other": {\n}\n}\n'), "shapes"), /section shapes is missing/);
    assert.throws(
      () => new LineIndex(Buffer.from('{\n"shapes": {\n"A": 1,\n"B": 2'), "shapes"),
      /section shapes does not end/,
    );
  });
});
