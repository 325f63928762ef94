/** Owns masking by structure: the value behind a secret name, in JSON, XML, form and query text, whole or cut short. */
import { lazy } from "../types/lazy";
import { MASK } from "../types/secret";
import { patternWords } from "./secret-patterns";
import { secretHeaderNames, secretMemberNames, secretQueryNames } from "./sensitive-names";
import { SHORTEST_WORD, WordFilter } from "./word-filter";

export const LONGEST_NAME = 80;
const AUTHORIZATION = "authorization";
const [QUOTE, DOT, COLON, LESS, EQUALS, BACKSLASH] = [0x22, 0x2e, 0x3a, 0x3c, 0x3d, 0x5c];

/** Secret names, asked for without cutting most others out of their text: few begin and end as one of them, and are as long. */
export class SecretNames {
  readonly #names: ReadonlySet<string>;
  /** For each length, first and last character, their lower five bits, whether there is such a name. */
  readonly #shapes = new Uint8Array((LONGEST_NAME + 1) << 10);

  /** Passes over texts without any of them and without a word of the patterns; undefined when that cannot be told. */
  readonly filter: () => WordFilter | undefined;

  /** @param names - in lower case */
  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    for (const name of [...names, AUTHORIZATION])
      if (name.length <= LONGEST_NAME) this.#shapes[shapeOf(name, 0, name.length)] = 1;
    this.filter = lazy(() => filterOf([...names, AUTHORIZATION, ...patternWords]));
  }

  /** @param name - in lower case */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Whether the name from `start` to `end` in `text`, in any case, is one of them. */
  hasAt(text: string, start: number, end: number): boolean {
    if (end - start > LONGEST_NAME) return this.#names.has(text.slice(start, end).toLowerCase());
    return this.#shapes[shapeOf(text, start, end)] === 1 && this.#names.has(text.slice(start, end).toLowerCase());
  }

  /** False when what is written like a name from `start` to `end` is none of them, no part of it is, nor `authorization`. */
  mayHaveIn(ones: Uint8Array, start: number, end: number): boolean {
    const whole = shape(end - start, ones[start]!, ones[end - 1]!);
    if (end - start > LONGEST_NAME || this.#shapes[whole] === 1) return true;
    let to = end;
    for (let at = end - 1; at >= start; at -= 1) {
      if (ones[at] !== DOT) continue;
      if (to - at > 1 && this.#shapes[shape(to - at - 1, ones[at + 1]!, ones[to - 1]!)] === 1) return true;
      to = at;
    }
    return to > start && this.#shapes[shape(to - start, ones[start]!, ones[to - 1]!)] === 1;
  }
}

function filterOf(words: readonly string[]): WordFilter | undefined {
  if (words.some(({ length }) => length < SHORTEST_WORD || length > LONGEST_NAME)) return undefined;
  const filter = new WordFilter();
  for (const word of words) filter.add(word);
  return filter;
}

/** The lower five bits of a letter are the same in either case. */
const shape = (length: number, first: number, last: number): number =>
  (length << 10) | ((first & 31) << 5) | (last & 31);
const shapeOf = (text: string, start: number, end: number): number =>
  shape(end - start, text.charCodeAt(start), text.charCodeAt(end - 1));

/** A part of a text, from its first character to the one behind its last, and what stands there instead. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * @param more - names beyond the tables, in any case: the sensitive members of an operation, `authentication.sensitive`
 */
export function secretNames(more: Iterable<string> = []): SecretNames {
  const names = new Set([...secretHeaderNames, ...secretQueryNames, ...secretMemberNames]);
  for (const name of more) if (name.length > 0) names.add(name.toLowerCase());
  return new SecretNames(names);
}

const SIGNATURE = "Signature=";

/** Keeps what an operator needs of an Authorization header: algorithm, credential scope, signed headers. */
export function maskAuthorization(value: string): string {
  if (value.startsWith("AWS4-")) {
    // As the signer writes it, it ends so.
    const at = value.indexOf(SIGNATURE);
    const end = at + SIGNATURE.length;
    if (at > 0 && /^[0-9a-f]+$/.test(value.slice(end))) return value.slice(0, end) + MASK;
    return value.replace(/(Signature=)(?!\*\*)[^,\s"\\]+/g, `$1${MASK}`);
  }
  const scheme = /^[A-Za-z]+(?= )/.exec(value)?.[0];
  return scheme === undefined ? MASK : `${scheme} ${MASK}`;
}

/** Letters, digits, `_`, `-` and `.`. */
const nameCharacters = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) nameCharacters[code] = /[\w.-]/.test(String.fromCharCode(code)) ? 1 : 0;

export const isNameCharacter = (code: number): boolean => code < 128 && nameCharacters[code] === 1;

/** Where the name that ends before `end` begins. */
function startOfName(text: string, end: number): number {
  let start = end;
  while (start > 0 && end - start < LONGEST_NAME && isNameCharacter(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Where a JSON string ends whose quotes carry `depth` backslashes; `start` is just behind the opening quote. */
function endOfString(text: string, start: number, depth: number): number {
  for (let quote = text.indexOf('"', start); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (quote - backslashes > start && text[quote - backslashes - 1] === "\\") backslashes += 1;
    // At each level of nesting a quote gains as many backslashes as it has, and one.
    if (backslashes % (2 * (depth + 1)) === depth) return quote - depth;
  }
  return text.length;
}

/** Where an array, object or bare word ends. */
function endOfValue(text: string, start: number, depth: number): number {
  let open = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at + 1, depth) + depth;
    else if (character === "{" || character === "[") open += 1;
    else if (character === "}" || character === "]" || character === ",") {
      if (character !== ",") open -= 1;
      if (open < 0 || (open === 0 && character === ",")) return at;
      if (open === 0) return at + 1;
    }
  }
  return text.length;
}

/** `"name": value`, the quotes with any number of backslashes: JSON may stand inside a string of JSON. */
function jsonReplacement(text: string, colon: number, names: SecretNames): Replacement | undefined {
  let at = colon;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at -= 1;
  if (text[at - 1] !== '"') return undefined;
  let end = at - 1;
  while (end > 0 && text[end - 1] === "\\") end -= 1;
  const depth = at - 1 - end;
  const start = startOfName(text, end);
  if (start === end || text[start - 1] !== '"') return undefined;
  const isAuthorization =
    end - start === AUTHORIZATION.length && text.slice(start, end).toLowerCase() === AUTHORIZATION;
  if (!isAuthorization && !names.hasAt(text, start, end)) return undefined;
  let value = colon + 1;
  while (value < text.length && isSpace(text.charCodeAt(value))) value += 1;
  const quote = '"'.padStart(depth + 1, "\\");
  if (!text.startsWith(quote, value)) {
    const to = endOfValue(text, value, depth);
    const plain = /^(?:null|true|false)?\s*$/.test(text.slice(value, to));
    return plain ? undefined : { from: value, to, text: quote + MASK + quote };
  }
  const from = value + quote.length;
  const to = endOfString(text, from, depth);
  if (to <= from) return undefined;
  return { from, to, text: isAuthorization ? maskAuthorization(text.slice(from, to)) : MASK };
}

/** `<name>value</name>`, with a prefix or attributes or without. */
function xmlReplacement(text: string, bracket: number, names: SecretNames): Replacement | undefined {
  let end = bracket + 1;
  let local = end;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === COLON) local = end + 1;
    else if (!isNameCharacter(code)) break;
  }
  if (end === local || !names.hasAt(text, local, end)) return undefined;
  const close = text.indexOf(">", end);
  if (close === -1 || text[close - 1] === "/") return undefined;
  const until = text.indexOf(`</${text.slice(bracket + 1, end)}>`, close);
  const to = until === -1 ? text.length : until;
  return to === close + 1 ? undefined : { from: close + 1, to, text: MASK };
}

const formBreak = /[&\s"'<>]|\\["nrt]/g;
const openingQuote = /\\*["']/y;

/** Where a value in quotes ends: at the next quote like the first, with as many backslashes. */
function endOfQuoted(text: string, start: number, quote: string): number {
  const depth = quote.length - 1;
  if (quote.endsWith('"')) return endOfString(text, start, depth);
  const end = text.indexOf(quote, start);
  return end === -1 ? text.length : end;
}

/** Whether one of the parts between dots is a secret name. */
function hasPartAt(text: string, start: number, end: number, names: SecretNames): boolean {
  for (let from = start; from < end; ) {
    const dot = text.indexOf(".", from);
    if (from === start && (dot === -1 || dot >= end)) return false;
    const to = dot === -1 || dot > end ? end : dot;
    if (to > from && names.hasAt(text, from, to)) return true;
    from = to + 1;
  }
  return false;
}

/** `name=value`, `name="value"` or `Outer.1.name=value`, to the next `&`, quote or space. */
function formReplacement(text: string, equals: number, names: SecretNames): Replacement | undefined {
  const start = startOfName(text, equals);
  if (start === equals) return undefined;
  if (!names.hasAt(text, start, equals) && !hasPartAt(text, start, equals, names)) return undefined;
  openingQuote.lastIndex = equals + 1;
  const quote = openingQuote.exec(text)?.[0] ?? "";
  const from = equals + 1 + quote.length;
  formBreak.lastIndex = from;
  const to = quote === "" ? (formBreak.exec(text)?.index ?? text.length) : endOfQuoted(text, from, quote);
  // What is masked already holds a space, and must not be masked in half.
  if (to <= from || text.startsWith(MASK, from)) return undefined;
  return { from, to, text: MASK };
}

const changes = (text: string, found: Replacement | undefined): boolean =>
  found !== undefined && text.slice(found.from, found.to) !== found.text;

/** The colon behind the name that ends before `end` and stands in quotes. */
function colonBehind(text: string, end: number): number | undefined {
  let at = end;
  while (text.charCodeAt(at) === BACKSLASH) at += 1;
  if (text.charCodeAt(at) !== QUOTE) return undefined;
  at += 1;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON ? at : undefined;
}

/** The bracket of the element whose name begins at `start`, behind a prefix or not; `far` when the prefix is longer than any. */
function bracketBefore(text: string, start: number): number | "far" | undefined {
  let at = start - 1;
  if (text.charCodeAt(at) === COLON)
    while (at >= 0 && (text.charCodeAt(at) === COLON || isNameCharacter(text.charCodeAt(at)))) {
      if (start - at > LONGEST_NAME) return "far";
      at -= 1;
    }
  return text.charCodeAt(at) === LESS ? at : undefined;
}

/**
 * @param start - in the text, of what is written like a name, and neither before nor behind it is more of it
 * @param end - behind it
 * @returns false when {@link maskStructure} changes nothing on account of it
 */
export function isChangedByName(text: string, start: number, end: number, names: SecretNames): boolean {
  if (text.charCodeAt(end) === EQUALS && changes(text, formReplacement(text, end, names))) return true;
  if (start === 0) return false;
  if (text.charCodeAt(start - 1) === QUOTE) {
    const colon = colonBehind(text, end);
    return colon !== undefined && changes(text, jsonReplacement(text, colon, names));
  }
  const bracket = bracketBefore(text, start);
  if (bracket === "far") return true;
  return bracket !== undefined && changes(text, xmlReplacement(text, bracket, names));
}

function replaceAt(
  text: string,
  sign: ":" | "<" | "=",
  find: (text: string, at: number, names: SecretNames) => Replacement | undefined,
  names: SecretNames,
): string {
  let masked = "";
  let copied = 0;
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, Math.max(at + 1, copied))) {
    const replacement = find(text, at, names);
    if (replacement === undefined) continue;
    masked += text.slice(copied, replacement.from) + replacement.text;
    copied = replacement.to;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

/**
 * Masks the values of secret names in a text of any kind. A text that was cut in the middle of a value is masked to its end.
 * @param text - JSON, XML, a form body, a URL, or prose that holds some of these
 * @param names - see {@link secretNames}
 */
export function maskStructure(text: string, names: SecretNames): string {
  const json = replaceAt(text, ":", jsonReplacement, names);
  const xml = replaceAt(json, "<", xmlReplacement, names);
  return replaceAt(xml, "=", formReplacement, names);
}
