/** Owns the last resort of masking: what looks like a secret although nobody said that it is one. */
import { MASK } from "../types/secret";

interface SecretPattern {
  /** A text without any of these cannot match; looking for them is far cheaper than the expression. */
  readonly hints: readonly string[];
  readonly expression: RegExp;
  readonly replacement: string;
}

const patterns: readonly SecretPattern[] = [
  {
    hints: ["PRIVATE KEY"],
    expression: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
    replacement: MASK,
  },
  // Session tokens of STS begin like this: base64 of a fixed header that names the region.
  {
    hints: ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "FwoDYXdz", "FQoDYXdz"],
    expression: /(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz|F[wQ]oDYXdz)[A-Za-z0-9+/=_%-]{40,}/g,
    replacement: MASK,
  },
  // JSON web tokens: web identity, Aembit, OpenID Connect.
  {
    hints: ["eyJ"],
    expression: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
    replacement: MASK,
  },
  { hints: ["earer ", "EARER "], expression: /\b(Bearer) +(?!\*\*)[\w.~+/=-]{8,}/gi, replacement: `$1 ${MASK}` },
  { hints: ["asic "], expression: /\b(Basic) +(?!\*\*)[A-Za-z0-9+/]{8,}={0,2}/g, replacement: `$1 ${MASK}` },
  // user:password@ of proxy and Redis URLs
  { hints: ["://"], expression: /(:\/\/[^\s/?#:@"'<>]*:)[^\s/?#@"'<>]+@/g, replacement: `$1${MASK}@` },
  { hints: ["ignature="], expression: /(\b(?:X-Amz-)?Signature=)[0-9a-fA-F]{32,}/gi, replacement: `$1${MASK}` },
];

const KEY_LENGTH = 40;
const DIGIT = 1;
const UPPER = 2;
const LOWER = 4;
const SYMBOL = 8;
/** Characters beside which a run of 40 is part of something longer: an id, a name, a path. */
const JOINT = 16;

/** What each ASCII character can be in a secret access key. */
const kinds = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (/[0-9]/.test(character)) kinds[code] = DIGIT;
  else if (/[A-Z]/.test(character)) kinds[code] = UPPER;
  else if (/[a-z]/.test(character)) kinds[code] = LOWER;
  else if (/[+/]/.test(character)) kinds[code] = SYMBOL;
  else if (/[_.-]/.test(character)) kinds[code] = JOINT;
}

/** Secret access keys: 40 characters of base64 that stand alone. Hashes in hexadecimal are none: they mix no cases. */
function maskSecretAccessKeys(text: string): string {
  let masked = "";
  let copied = 0;
  let start = 0;
  let seen = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    const kind = code < 128 ? kinds[code]! : 0;
    if (kind !== 0) {
      seen |= kind;
      continue;
    }
    if (at - start === KEY_LENGTH && (seen & 7) === 7 && (seen & JOINT) === 0 && text[at] !== "=") {
      masked += text.slice(copied, start) + MASK;
      copied = at;
    }
    start = at + 1;
    seen = 0;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

/** @returns the text with everything that looks like a secret replaced by the mask */
export function maskPatterns(text: string): string {
  let masked = text;
  for (const { hints, expression, replacement } of patterns) {
    if (hints.some((hint) => masked.includes(hint))) masked = masked.replace(expression, replacement);
  }
  return masked.length < KEY_LENGTH ? masked : maskSecretAccessKeys(masked);
}
