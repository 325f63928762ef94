/** Owns the trial of what sentences of a client's documentation are kept. */
import assert from "node:assert/strict";
import { commentText, firstSentence } from "../../../utils/catalog/documentation";

describe("firstSentence", () => {
  const cases: readonly (readonly [comment: string, sentence: string])[] = [
    ["<p>Counts birds. Then sleeps.</p>", "Counts birds."],
    ["<p>Counts birds, e.g. the <code>Robin</code> kind. More.</p>", "Counts birds, e.g. the Robin kind."],
    ["<note><p>Old news.</p></note>\n<p>Rings a bird &amp; lets it go.</p>", "Rings a bird & lets it go."],
    ["<p>Version 1.2 of birds is here. Yes.</p>", "Version 1.2 of birds is here."],
    ["No full stop", "No full stop"],
    ["", ""],
  ];
  for (const [comment, sentence] of cases) {
    it(JSON.stringify(sentence), () => assert.equal(firstSentence(comment), sentence));
  }
  it("cuts at a word within 240 characters", () => {
    const sentence = firstSentence(`${"feather ".repeat(60)}end.`);
    assert.ok(sentence.length <= 240);
    assert.match(sentence, / feather…$/);
  });
});

describe("commentText", () => {
  it("takes off the frame, the tags and what follows an example", () => {
    assert.equal(commentText("/**\n * Rings.\n * @public\n * @example\n * code\n */").trim(), "Rings.");
  });
});
