/** Owns the invariant of known values: no form of any secret stays, wherever it stands and whatever the other secrets are. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { encodedForms } from "../../../utils/logging/encoded-forms";
import { KnownValues } from "../../../utils/logging/known-values";
import { MASK } from "../../../utils/types/secret";

const character = fc.constantFrom(...'abcAB01/+ .="<é');
const text = (minLength: number, maxLength: number) => fc.string({ unit: character, minLength, maxLength });

describe("known values", () => {
  it("leave no form of a secret at any place, nor across a cut", () => {
    const secrets = fc.array(text(4, 40), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(secrets, text(0, 30), text(0, 30), fc.nat(), fc.nat(60), (all, before, after, pick, end) => {
        const values = new KnownValues();
        for (const secret of all) values.add(secret);
        const forms = all.flatMap(encodedForms);
        const form = forms[pick % forms.length]?.text ?? "";
        const whole = before + form + after;
        const masked = values.mask(whole);
        for (const one of forms) assert.ok(!masked.replaceAll(MASK, "\u0000").includes(one.text), one.text);
        const cut = values.mask(whole, end);
        assert.ok(cut === whole.slice(0, end) || cut.includes(MASK));
        const begins = whole.indexOf(form);
        if (begins < end && begins >= 0) assert.ok(cut.includes(MASK), "a form that begins before the cut is masked");
      }),
      { numRuns: 2000 },
    );
  });

  it("are found among thousands of others, and nothing else is", () => {
    const values = new KnownValues();
    const secret = (index: number) => `secret-number-${index}-of-somebody`;
    for (let index = 0; index < 3000; index += 1) values.add(secret(index));
    const innocent = "The quick brown fox jumps over the lazy dog. ".repeat(50);
    assert.equal(values.mask(innocent), innocent);
    for (const index of [0, 1, 1499, 2999]) {
      for (let shift = 0; shift < 4; shift += 1) {
        const pad = "x ".repeat(2).slice(0, shift);
        assert.equal(values.mask(`${pad}${secret(index)} end`), `${pad}${MASK} end`);
      }
    }
  });

  it("are all found when many more came than are remembered, and each came between two texts", () => {
    const values = new KnownValues(undefined, 40);
    const secret = (index: number) => `secret-number-${index}-of-somebody`;
    for (let index = 0; index < 400; index += 1) {
      values.add(secret(index));
      for (let recent = Math.max(0, index - 39); recent <= index; recent += 13) {
        assert.equal(values.mask(secret(recent)), MASK, `${recent} of ${index}`);
      }
    }
    assert.equal(values.size, 40);
    assert.equal(values.mask(secret(0)), secret(0), "the index forgets, too, if later");
  });
});
