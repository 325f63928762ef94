/** Owns the forms a secret takes when others encode it: as it is, URL, JSON, XML, base64 and hexadecimal. */

/** One text to look for, and whether the run of characters around it belongs to the secret too. */
export interface EncodedForm {
  readonly text: string;
  readonly extent: "exact" | "whole-run";
}

/** A window is enough to recognise a long token by; its run around it is masked with it. */
const LONG = 128;
const WINDOW = 32;
/** Shorter ones would match ordinary words. */
const SHORTEST = 4;
const SHORTEST_ENCODED = 8;

const upperToLowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);
const unicodeEscaped = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
const xmlTextEscaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const formEscaped = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);
const awsEscaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The part of the base64 text that depends on `bytes` alone, when `before` bytes of something else precede them. */
function base64Core(bytes: Buffer, before: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const complete = (before + bytes.length) % 3 === 0;
  return text.slice(before === 0 ? 0 : before + 1, complete ? undefined : -1);
}

function safely(encode: (text: string) => string, text: string): string {
  try {
    return encode(text);
  } catch {
    // encodeURIComponent refuses a lone surrogate; nobody can have sent it URL-encoded then.
    return text;
  }
}

/**
 * @param secret - one line of a secret
 * @returns every text by which it may be recognised, without repetitions; none for a secret too short to be told from words
 */
export function encodedForms(secret: string): EncodedForm[] {
  if (secret.length < SHORTEST) return [];
  const long = secret.length > LONG && /^[\w+/=.%~-]+$/.test(secret);
  const middle = (secret.length - WINDOW) >> 1;
  const seed = long ? secret.slice(middle, middle + WINDOW) : secret;
  const forms = new Map<string, EncodedForm>();
  const add = (text: string, extent: EncodedForm["extent"], shortest = SHORTEST) => {
    if (text.length >= shortest && !forms.has(text)) forms.set(text, { text, extent });
  };
  const url = safely(encodeURIComponent, seed);
  const plain = [seed, url, url.replaceAll("%20", "+"), safely(awsEscaped, seed), jsonEscaped(seed)];
  plain.push(
    jsonEscaped(jsonEscaped(seed)),
    jsonEscaped(seed).replaceAll("/", "\\/"),
    unicodeEscaped(jsonEscaped(seed)),
  );
  plain.push(formEscaped(seed));
  // Which quotes are escaped in XML differs from writer to writer.
  for (const xml of [xmlTextEscaped(seed), xmlTextEscaped(seed).replaceAll('"', "&quot;")]) {
    plain.push(xml, xml.replaceAll("'", "&apos;"), xml.replaceAll("'", "&#39;"));
  }
  for (const text of plain) {
    add(text, long ? "whole-run" : "exact");
    add(upperToLowerHex(text), long ? "whole-run" : "exact");
  }
  const bytes = Buffer.from(seed, "utf8");
  for (const before of [0, 1, 2] as const) {
    const core = base64Core(bytes, before);
    add(core, "whole-run", SHORTEST_ENCODED);
    add(core.replaceAll("+", "-").replaceAll("/", "_"), "whole-run", SHORTEST_ENCODED);
    add(core.replaceAll("+", "%2B").replaceAll("/", "%2F"), "whole-run", SHORTEST_ENCODED);
    add(core.replaceAll("/", "\\/"), "whole-run", SHORTEST_ENCODED);
  }
  add(bytes.toString("hex"), "whole-run", SHORTEST_ENCODED);
  add(bytes.toString("hex").toUpperCase(), "whole-run", SHORTEST_ENCODED);
  return [...forms.values()];
}
