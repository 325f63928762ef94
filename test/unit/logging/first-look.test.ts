/** Owns the proof that a text which one look passes over is one that no stage of masking would change. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { encodedForms } from "../../../utils/logging/encoded-forms";
import { jsonText } from "../../../utils/logging/json-text";
import { KnownValues } from "../../../utils/logging/known-values";
import { maskLongRuns } from "../../../utils/logging/long-runs";
import { maskStructure, type SecretNames, secretNames } from "../../../utils/logging/mask-structure";
import { Masker } from "../../../utils/logging/masker";
import { maskPatterns } from "../../../utils/logging/secret-patterns";
import { secretHeaderNames, secretMemberNames, secretQueryNames } from "../../../utils/logging/sensitive-names";
import { TextBytes } from "../../../utils/logging/text-bytes";
import { WordFilter } from "../../../utils/logging/word-filter";
import { MASK } from "../../../utils/types/secret";

const bytes = new TextBytes();

/** Every stage, one after the other, whatever the text. */
function maskedInStages(text: string, secrets: readonly string[], names: SecretNames): string {
  const values = new KnownValues();
  for (const secret of secrets) values.add(secret);
  const masked = maskPatterns(values.mask(maskStructure(text, names)));
  return bytes.with(masked, (of) => maskLongRuns(masked, of));
}

const allNames = [
  ...secretHeaderNames,
  ...secretQueryNames,
  ...secretMemberNames,
  "authorization",
  "Key",
  "Loose.Name",
];
const inAnyCase = (text: string, bits: number): string =>
  [...text].map((letter, at) => ((bits >> (at % 30)) & 1 ? letter.toUpperCase() : letter)).join("");
const name = fc
  .tuple(fc.constantFrom(...allNames), fc.constantFrom(0, 0, 1, -1, 0x2aaaaaaa))
  .map(([text, bits]) => inAnyCase(text, bits));
const filler = fc.string({ unit: fc.constantFrom(...'aZ09 _-.,:;=<>/\\"&?@#é\u0141…\ud83d\n%+'), maxLength: 9 });
const token = fc.constantFrom(
  MASK,
  "null",
  "hush",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  `IQoJb3JpZ2lu${"aB3/".repeat(20)}`,
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
  "0123456789abcdef".repeat(4),
  "x".repeat(90),
  "",
);
const around = fc.constantFrom<(name: string, value: string) => string>(
  (n, v) => `"${n}":"${v}"`,
  (n, v) => `"${n}" : "${v}"`,
  (n, v) => `\\"${n}\\":\\"${v}\\"`,
  (n, v) => `"${n}":{"a":["${v}"]}`,
  (n, v) => `"${n}":${v}`,
  (n, v) => `<${n}>${v}</${n}>`,
  (n, v) => `<ns:${n} a="b">${v}</ns:${n}>`,
  (n, v) => `<${"far:".repeat(30)}${n}>${v}<a>`,
  (n, v) => `<${n}/>${v}`,
  (n, v) => `<${n}`.slice(0, -1) + v,
  (n, v) => `&${n}=${v}&`,
  (n, v) => `Outer.${n}.1.b=${v} `,
  (n, v) => `${"long".repeat(20)}.${n}=${v} `,
  (n, v) => `${n}="${v}"`,
  (n, v) => `${n}: ${v}`,
  (n, v) => `${n}${v}`,
);
const named = fc.tuple(name, token, around).map(([n, v, write]) => write(n, v));
const pattern = fc.constantFrom(
  "Bearer abcdefgh12345",
  "bEARER abcdefgh12345",
  `Bearer ${MASK}`,
  "x-Bearer  abcdefgh12345",
  "BeaReR abcdefgh12345",
  "Basic QWxhZGRpbjpvcGVu",
  "basic QWxhZGRpbjpvcGVu",
  "http://me:pass@host/",
  "http://a/me:pass@host",
  "somebody@example.com",
  "-----BEGIN RSA PRIVATE KEY-----\nabc",
  "-----BEGIN XPRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
  `X-Amz-Signature=${"0f".repeat(32)}`,
  `signature=${"0f".repeat(32)}`,
  `Signature=${MASK}`,
  `AWS4-HMAC-SHA256 Credential=A/b, Signature=${"0f".repeat(32)}`,
);
const secretText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcAB01/+ .="<é\u0141'), minLength: 4, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(..."abcAB01/+"), minLength: 129, maxLength: 300 }),
);

/** Secrets, some within others, and a text that holds forms of them among all else. */
const planted = fc
  .tuple(
    fc.array(secretText, { maxLength: 4 }),
    fc.array(fc.oneof(filler, filler, named, token, pattern, fc.nat()), { maxLength: 12 }),
  )
  .map(([own, parts]) => {
    const secrets = [...own, ...own.slice(0, 2).map((secret) => secret.slice(1, 9))];
    const forms = own.flatMap((secret) => encodedForms(secret)).map((form) => form.text);
    const plant = (pick: number): string =>
      forms.length === 0 ? "" : forms[pick % forms.length]!.slice(0, pick % 7 === 0 ? -1 : undefined);
    return { secrets, text: parts.map((part) => (typeof part === "number" ? plant(part) : part)).join("") };
  });

describe("the one look", () => {
  it("changes nothing of what masking does, whatever the text and the secrets", () => {
    const counts = { changed: 0, same: 0 };
    const sets = [["No-such-name"], ["Key", "Loose.Name"], ["Id", "x"]].map((set) => ({
      sensitive: new Set(set),
      names: secretNames(set),
    }));
    fc.assert(
      fc.property(planted, fc.constantFrom(...sets), ({ secrets, text }, { sensitive, names }) => {
        const masker = new Masker();
        for (const secret of secrets) masker.addSecret(secret);
        const expected = maskedInStages(text, secrets, names);
        assert.equal(masker.maskText(text, sensitive), expected);
        counts[expected === text ? "same" : "changed"] += 1;
      }),
      { numRuns: 1500 },
    );
    assert.ok(Math.min(counts.changed, counts.same) > 150, JSON.stringify(counts));
  });

  it("sees each secret name wherever it begins", () => {
    const masker = new Masker();
    for (const each of allNames.slice(0, -2)) {
      for (let before = 0; before < 9; before += 1) {
        const pad = "-;".repeat(before).slice(0, before);
        for (const [write, shown] of [
          [`${pad} "${each}":"hush"`, /hush/],
          [`${pad}<${each}>hush</${each}>`, /hush/],
          [`${pad};${each}=hush`, /hush/],
        ] as const) {
          if (each === "authorization" && !write.includes('"')) continue;
          assert.doesNotMatch(masker.maskText(write), shown, write);
          assert.doesNotMatch(masker.maskText(write.toUpperCase()), /HUSH/, write);
        }
      }
    }
  });

  it("sees a secret that is added between one text and the next", () => {
    const masker = new Masker();
    const text = "an answer that repeats wonderful-day, once";
    assert.equal(masker.maskText(text), text);
    masker.addSecret("wonderful-day");
    assert.equal(masker.maskText(text), `an answer that repeats ${MASK}, once`);
    masker.addSecret("once");
    assert.equal(masker.maskText(text), `an answer that repeats ${MASK}, ${MASK}`);
  });

  it("sees what stands at the end of the memory that texts share, and behind it", () => {
    const masker = new Masker();
    masker.addSecret("wonderful-day");
    for (const length of [8170, 8179, 8180, 8181, 8192, 8193, 70_000]) {
      assert.ok(masker.maskText(`${"-".repeat(length)}wonderful-day`).endsWith(MASK));
      assert.ok(masker.maskText(`${"-".repeat(length)}"password":"hush`).endsWith(MASK));
      assert.equal(masker.maskText("-".repeat(length)), "-".repeat(length));
    }
  });
});

describe("the filter of words", () => {
  it("stops at every word of three characters and more, at each place", () => {
    for (const word of ["sig", "abcd", "token", "cookie", "api-key", "secretaccesskey"]) {
      const filter = new WordFilter();
      filter.add(word);
      for (let before = 0; before < 8; before += 1) {
        const text = `${"~}{|".repeat(2).slice(0, before)}${word}${"~"}`;
        for (const shown of [text, text.toUpperCase()])
          assert.ok(
            bytes.with(shown, ({ fours }) => [...fours.slice(0, 8)].some((four) => filter.mayHold(four))),
            shown,
          );
      }
    }
  });
});

describe("the bytes of a text", () => {
  it("are forgotten after the look, and are the reader's own while another reads", () => {
    let kept: Uint8Array | undefined;
    bytes.with("wonderful-day", ({ ones }) => {
      kept = ones;
      assert.equal(
        bytes.with("other", (inner) => String.fromCharCode(...inner.ones.slice(0, 5))),
        "other",
      );
      assert.equal(String.fromCharCode(...ones.slice(0, 13)), "wonderful-day");
    });
    assert.ok(kept?.every((byte) => byte === 0));
    assert.throws(() =>
      bytes.with("wonderful-day", () => {
        throw new Error("broken off");
      }),
    );
    assert.ok(kept?.every((byte) => byte === 0));
  });
});

describe("a text as JSON", () => {
  it("is what JSON.stringify writes", () => {
    const unit = fc.constantFrom(...'<>ab"\\\n\r\t\u0000\u001f\u007f\u2028éÿ\u0141', "\ud83d\ude00", "\ud83d");
    const texts = fc.oneof(
      fc.string({ unit, maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'<a"\n\\'), maxLength: 40 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const one of [text, `<${text}`]) assert.equal(jsonText(one, bytes), JSON.stringify(one));
      }),
      { numRuns: 2000 },
    );
  });
});
