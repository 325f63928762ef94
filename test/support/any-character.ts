/** Owns a character of any kind, for texts that may hold everything. */
import fc from "fast-check";

const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000;

/**
 * Any code point of Unicode but halves of pairs: what fast-check calls `binary`, which it makes by a table of a million
 * entries before the first text.
 */
export const anyCharacter = fc.nat(CODE_POINTS - SURROGATES - 1).map(
  (drawn) => String.fromCodePoint(drawn < SURROGATES_FROM ? drawn : drawn + SURROGATES),
  (text) => {
    if (typeof text !== "string" || [...text].length !== 1) throw new Error("not one character");
    const point = text.codePointAt(0) as number;
    if (point >= SURROGATES_FROM && point < SURROGATES_FROM + SURROGATES) throw new Error("half of a pair");
    return point < SURROGATES_FROM ? point : point - SURROGATES;
  },
);
