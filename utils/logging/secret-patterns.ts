/** Owns the recognition of secrets by what stands around them: private keys, bearer tokens, passwords in URLs, signatures. */
import { MASK } from "../types/secret";

interface SecretPattern {
  /** A text without any of these cannot match; looking for them is far cheaper than the expression. */
  readonly hints: readonly string[];
  /** And one without this, neither. */
  readonly needs?: string;
  readonly expression: RegExp;
  readonly replacement: string;
}

const patterns: readonly SecretPattern[] = [
  {
    hints: ["PRIVATE KEY"],
    expression: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
    replacement: MASK,
  },
  { hints: ["earer ", "EARER "], expression: /\b(Bearer) +(?!\*\*)[\w.~+/=-]{8,}/gi, replacement: `$1 ${MASK}` },
  { hints: ["Basic "], expression: /\b(Basic) +(?!\*\*)[A-Za-z0-9+/]{8,}={0,2}/g, replacement: `$1 ${MASK}` },
  // user:password@ of proxy and Redis URLs
  { hints: ["://"], needs: "@", expression: /(:\/\/[^\s/?#:@"'<>]*:)[^\s/?#@"'<>]+@/g, replacement: `$1${MASK}@` },
  { hints: ["ignature="], expression: /(ignature=)[0-9a-fA-F]{32,}/g, replacement: `$1${MASK}` },
];

const alone = patterns
  .filter(({ needs }) => needs === undefined)
  .flatMap(({ hints }) => hints.map((hint) => hint.toLowerCase()));
/** What stands before the space or `=` of the hints that suffice by themselves. */
export const patternWords: readonly string[] = alone.map((hint) => hint.slice(0, hint.search(/[ =]/)));

/**
 * @param end - behind something in the text that is written like a name; a space or `=` stands there
 * @returns false when no pattern matches because of it
 */
export function mayMatchBehind(text: string, end: number): boolean {
  return alone.some((hint, index) => {
    const start = end - (patternWords[index] as string).length;
    const behind = start + hint.length;
    // One that is masked is left as it is; in which case it is written is for the expression to say.
    return start >= 0 && text.slice(start, behind).toLowerCase() === hint && !text.startsWith(MASK, behind);
  });
}

/** @returns whether one of the patterns matches that more than one hint is needed for */
export const mayMatchUser = (text: string): boolean =>
  patterns.some(
    ({ needs, hints, expression }) =>
      needs !== undefined &&
      text.includes(needs) &&
      hints.some((hint) => text.includes(hint)) &&
      text.search(expression) !== -1,
  );

/** @returns the text with everything that looks like a secret replaced by the mask */
export function maskPatterns(text: string): string {
  let masked = text;
  for (const { hints, needs, expression, replacement } of patterns) {
    if (!hints.some((hint) => masked.includes(hint))) continue;
    if (needs === undefined || masked.includes(needs)) masked = masked.replace(expression, replacement);
  }
  return masked;
}
