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
    const values = new KnownValues(undefined, { maxSecrets: 40 });
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

  it("are forgotten when their time is over, and only then", () => {
    let nowMs = 1_000_000;
    const values = new KnownValues(undefined, { clock: { monotonic: () => nowMs } });
    const secret = (index: number) => `secret-number-${index}-of-somebody`;
    const untilMs = (index: number) => 1_000_000 + index * 1000 + 100_000;
    values.add("configured-for-ever");
    for (let index = 0; index < 2000; index += 1) {
      nowMs = 1_000_000 + index * 1000;
      values.add(secret(index), untilMs(index));
      for (let known = index; known >= 0 && untilMs(known) > nowMs; known -= 33)
        assert.equal(values.mask(secret(known)), MASK, `${known} of ${index}`);
      assert.ok(values.size < 300, `${values.size} are remembered, 100 are of use`);
    }
    assert.equal(values.mask("configured-for-ever"), MASK);
    assert.equal(values.mask(secret(0)), secret(0), "it is not in the index either");
  });

  it("are kept for the later of two times", () => {
    let nowMs = 0;
    const values = new KnownValues(undefined, { clock: { monotonic: () => nowMs } });
    values.add("first-short-then-long", 10);
    values.add("first-short-then-long", 9000);
    values.add("first-long-then-short", 9000);
    values.add("first-long-then-short", 10);
    values.add("first-for-ever");
    values.add("first-for-ever", 10);
    nowMs = 5000;
    for (let index = 0; index < 400; index += 1) values.add(`another-${index}`, 10);
    const text = "first-short-then-long first-long-then-short first-for-ever";
    assert.equal(values.mask(text), `${MASK} ${MASK} ${MASK}`);
    assert.ok(values.size < 200);
  });

  it("that are configured stay when more sessions come than there is room for", () => {
    const values = new KnownValues(undefined, { maxSecrets: 100 });
    values.add("configured-secret");
    for (let index = 0; index < 1000; index += 1) values.add(`session-${index}`, 5_000_000);
    assert.equal(values.mask("configured-secret session-999"), `${MASK} ${MASK}`);
    assert.equal(values.size, 100);
    for (let index = 0; index < 1000; index += 1) values.add(`token-${index}`);
    assert.equal(values.mask("token-999 session-999"), `${MASK} ${MASK}`, "nor do these push all sessions out");
    assert.equal(values.size, 100);
  });

  it("stay in the index whatever leaves it: short ones, long ones, any script", () => {
    const secrets = fc.array(text(4, 60), { minLength: 1, maxLength: 6 });
    const script = fc.constantFrom(..."abЖшÿé漢");
    const others = fc.string({ unit: script, minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(secrets, others, (all, other) => {
        let nowMs = 0;
        const values = new KnownValues(undefined, { clock: { monotonic: () => nowMs } });
        for (const secret of [...all, other]) values.add(secret);
        for (let index = 0; index < 100; index += 1) values.add(`${index}-passing-${index}`, 10);
        values.mask("everything is in the index now");
        nowMs = 20;
        for (let index = 0; index < 100; index += 1) values.add(`${index}-later-${index}`, 10);
        assert.equal(values.mask("7-passing-7"), "7-passing-7", "what passed has left the index");
        for (const { text: form } of [...all, other].flatMap(encodedForms))
          assert.ok(!values.mask(form).includes(form));
      }),
      { numRuns: 200 },
    );
  });

  it("of another script mask nothing but themselves", () => {
    const values = new KnownValues();
    values.add("пароль");
    values.add("ÿÿÿÿÿÿ");
    assert.equal(values.mask("погода хорошая, 天気がいいですね, пароль"), `погода хорошая, 天気がいいですね, ${MASK}`);
  });
});
