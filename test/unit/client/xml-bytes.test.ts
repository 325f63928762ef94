/** Owns the proof that tags compared by their bytes are the tags that the text has, whatever the bytes are. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { NormalizedSchema } from "@smithy/core/schema";
import fc from "fast-check";
import { XmlReader } from "../../../utils/client/read-xml";
import { models } from "./client-fixture";

const answer = readFileSync(path.join(__dirname, "../../../bench/answers/describe-instances.xml"));
const shape = NormalizedSchema.of(models.service("ec2").operation("DescribeInstances").output);

function outcome(reader: XmlReader, body: Buffer | string): unknown {
  try {
    return reader.read(shape, body, { rootSuffix: "Response" });
  } catch (thrown) {
    assert.ok(thrown instanceof SyntaxError, String(thrown));
    return thrown.message;
  }
}

const piece = fc.oneof(
  fc.constantFrom(
    "<",
    ">",
    "/",
    "</item>",
    "<item>",
    "<item/>",
    "</instancesSet>",
    "<a>",
    "</a>",
    "<!-- -->",
    "é",
    "漢",
    "🚀",
  ),
  fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(""),
);

/** The document with some of its bytes cut out, and others in their place. */
const changed = fc
  .array(fc.tuple(fc.nat(answer.length), fc.integer({ min: 0, max: 12 }), piece), { maxLength: 3 })
  .map((edits) => {
    let body = answer;
    for (const [at, length, put] of edits) {
      body = Buffer.concat([body.subarray(0, at), Buffer.from(put as string), body.subarray(at + length)]);
    }
    return body;
  });

describe("Tags compared by their bytes", () => {
  it("are those of the text, for whatever an answer was made of", () => {
    const [byBytes, byText] = [new XmlReader(), new XmlReader()];
    const whole = outcome(byBytes, answer);
    assert.deepEqual(whole, outcome(byText, answer.toString()));
    assert.ok(typeof whole === "object");
    const same = (body: Buffer) => assert.deepEqual(outcome(byBytes, body), outcome(byText, body.toString("utf8")));
    fc.assert(fc.property(changed, same), { numRuns: 1000 });
    for (let length = 0; length < answer.length; length += 1) same(answer.subarray(0, length));
  });

  it("are found in bytes that stand anywhere in their memory", () => {
    const reader = new XmlReader();
    const whole = outcome(reader, answer);
    for (const before of [1, 2, 3, 5]) {
      const memory = Buffer.concat([Buffer.alloc(before, "<"), answer, Buffer.from("</item><item>")]);
      assert.deepEqual(outcome(reader, memory.subarray(before, before + answer.length)), whole);
    }
  });
});
