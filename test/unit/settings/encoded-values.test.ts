/** Owns the cases of values that are not written in the clear: ours, and those that older adapters have left. */
import assert from "node:assert/strict";
import { createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import fc from "fast-check";
import {
  decodedProperties,
  type EncodingParts,
  encodedValue,
  PASSPHRASE_VARIABLE,
} from "../../../utils/settings/encoded-values";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/** As crypto-js 4 encrypted SECRET under the id `aws-old`: what the older adapters' own encryptProperty answers. */
const OLD = "{crypt}U2FsdGVkX1+VvhLBC97Ih/0P/ZHGwXf2NXwdK6BqysGuZAd+8gRa8QzAJge0ljm1b++KDVFGkzugBwuBH+eBQg==";
const passphrase = { [PASSPHRASE_VARIABLE]: "a passphrase" };
const parts: EncodingParts = { id: "id", environment: {}, randomBytes };
const refusal = { code: "INVALID_PROPERTIES" };

describe("encoded values", () => {
  it("come back as they were, whatever they are", () => {
    const property = fc.property(fc.string({ unit: "grapheme" }), fc.boolean(), (text, withPassphrase) => {
      const environment = withPassphrase ? passphrase : {};
      for (const technique of ["encode", "ENCRYPT"]) {
        const value = encodedValue(text, technique, { ...parts, environment });
        assert.deepEqual(decodedProperties({ a: [value] }, "id", environment), { a: [text] });
      }
    });
    fc.assert(property, { numRuns: 4 });
  });

  it("of older adapters are read under their id, also where a passphrase is set now", () => {
    for (const environment of [{}, passphrase]) {
      assert.equal(decodedProperties(OLD, "aws-old", environment), SECRET);
    }
  });

  it("of another id, cut short or changed are refused, with the property's name and without the value", () => {
    const sealed = encodedValue(SECRET, "encrypt", parts);
    const changed = `${sealed.slice(0, -6)}${sealed.at(-6) === "A" ? "B" : "A"}${sealed.slice(-5)}`;
    const wrong = [OLD, `${OLD.slice(0, -24)}==`, changed, sealed.slice(0, 40), "{crypt}", "{crypt}AAAA", "{crypt}%%%"];
    for (const value of wrong) {
      assert.throws(
        () => decodedProperties({ authentication: { aws_secret_key: value } }, "id", {}),
        (error: Error & { detail?: { property?: string } }) => {
          assert.equal((error as { code?: string }).code, refusal.code, value);
          assert.equal(error.detail?.property, "authentication.aws_secret_key");
          assert.ok(!JSON.stringify(error).includes(value.slice(7) || "\0"));
          return true;
        },
      );
    }
    assert.throws(
      () => decodedProperties(encodedValue("x", "encrypt", { ...parts, environment: passphrase }), "id", {}),
      refusal,
    );
  });

  it("have a salt of 16 random bytes and a nonce of 12, drawn for each, and a tag of 16 behind them", () => {
    const drawn: Buffer[] = [];
    const draw = (size: number): Buffer => {
      const bytes = Buffer.alloc(size, drawn.length + 1);
      drawn.push(bytes);
      return bytes;
    };
    const twice = [1, 2].map(() => encodedValue(SECRET, "encrypt", { ...parts, randomBytes: draw }));
    assert.deepEqual(
      drawn.map(({ length }) => length),
      [16, 12, 16, 12],
    );
    for (const [index, value] of twice.entries()) {
      const bytes = Buffer.from(value.slice("{crypt}".length), "base64");
      const [salt, nonce] = drawn.slice(index * 2) as [Buffer, Buffer];
      assert.deepEqual(bytes.subarray(0, 32), Buffer.concat([Buffer.from("AG1:"), salt, nonce]));
      const opened = createDecipheriv("aes-256-gcm", scryptSync("id", salt, 32), nonce);
      opened.setAuthTag(bytes.subarray(32, 48));
      assert.equal(`${opened.update(bytes.subarray(48), undefined, "utf8")}${opened.final("utf8")}`, SECRET);
    }
  });

  it("know two techniques", () => {
    for (const technique of ["", "rot13"]) {
      assert.throws(() => encodedValue("x", technique, parts), { code: "INVALID_INPUT" });
    }
  });
});
