/** Owns the cases of values that are not written in the clear: ours, and those that older adapters have left. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodedProperties, encodedValue, PASSPHRASE_VARIABLE } from "../../../utils/settings/encoded-values";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/** As crypto-js 4 encrypted SECRET under the id `aws-old`: what the older adapters' own encryptProperty answers. */
const OLD = "{crypt}U2FsdGVkX1+VvhLBC97Ih/0P/ZHGwXf2NXwdK6BqysGuZAd+8gRa8QzAJge0ljm1b++KDVFGkzugBwuBH+eBQg==";
const passphrase = { [PASSPHRASE_VARIABLE]: "a passphrase" };
const refusal = { code: "INVALID_PROPERTIES" };

describe("encoded values", () => {
  it("come back as they were, whatever they are", () => {
    const property = fc.property(fc.string({ unit: "grapheme" }), fc.boolean(), (text, withPassphrase) => {
      const environment = withPassphrase ? passphrase : {};
      for (const technique of ["encode", "ENCRYPT"]) {
        const value = encodedValue(text, technique, "id", environment);
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
    const sealed = encodedValue(SECRET, "encrypt", "id", {});
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
    assert.throws(() => decodedProperties(encodedValue("x", "encrypt", "id", passphrase), "id", {}), refusal);
  });

  it("know two techniques", () => {
    for (const technique of ["", "rot13"]) {
      assert.throws(() => encodedValue("x", technique, "id", {}), { code: "INVALID_INPUT" });
    }
  });
});
