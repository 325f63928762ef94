/** Owns the writing of XML answers. */

export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | RawXml
  | { readonly [name: string]: XmlValue };

/** Markup that is put in as it is. */
export class RawXml {
  constructor(readonly markup: string) {}
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be written as references
const special = /[&<>"\u0000-\u001f\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const specials = /[&<>"\u0000-\u0008\u000b-\u001f\u007f]/g;

/** @returns `text` safe between tags; control characters as references, as S3 writes keys that hold them */
export const escapeXml = (text: string): string =>
  special.test(text)
    ? text.replace(specials, (character) => entities[character] ?? `&#x${character.charCodeAt(0).toString(16)};`)
    : text;

/** An object's members become elements, an array repeats its element, undefined is left out. */
export function xml(value: XmlValue): string {
  if (value === undefined) return "";
  if (value instanceof RawXml) return value.markup;
  if (typeof value !== "object") return escapeXml(String(value));
  let markup = "";
  for (const [name, content] of Object.entries(value)) {
    for (const item of Array.isArray(content) ? content : [content]) {
      if (item !== undefined) markup += `<${name}>${xml(item)}</${name}>`;
    }
  }
  return markup;
}

/** @returns a whole document: declaration, root element in its namespace, content */
export const xmlDocument = (root: string, namespace: string | undefined, content: XmlValue): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace === undefined ? "" : ` xmlns="${namespace}"`}>${xml(content)}</${root}>`;
