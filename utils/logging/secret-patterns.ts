/** Owns the last resort of masking: what looks like a secret although nobody said that it is one. */
import { MASK } from "../types/secret";
import { maskLongRuns } from "./long-runs";

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
  { hints: ["asic "], expression: /\b(Basic) +(?!\*\*)[A-Za-z0-9+/]{8,}={0,2}/g, replacement: `$1 ${MASK}` },
  // user:password@ of proxy and Redis URLs
  { hints: ["://"], needs: "@", expression: /(:\/\/[^\s/?#:@"'<>]*:)[^\s/?#@"'<>]+@/g, replacement: `$1${MASK}@` },
  { hints: ["ignature="], expression: /(ignature=)[0-9a-fA-F]{32,}/g, replacement: `$1${MASK}` },
];

/** @returns the text with everything that looks like a secret replaced by the mask */
export function maskPatterns(text: string): string {
  let masked = text;
  for (const { hints, needs, expression, replacement } of patterns) {
    if (!hints.some((hint) => masked.includes(hint))) continue;
    if (needs === undefined || masked.includes(needs)) masked = masked.replace(expression, replacement);
  }
  return maskLongRuns(masked);
}
