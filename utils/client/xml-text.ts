/** Owns what the characters of an XML document stand for: line ends and entities. */

const NAMED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&amp;", "&"],
  ["&quot;", '"'],
  ["&apos;", "'"],
]);
/** https://www.w3.org/TR/xml/#sec-line-ends */
export const normalizeLineEnds = (text: string): string => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);

/** An ampersand that begins no entity stays what it is. */
export const decode = (raw: string): string => {
  const text = normalizeLineEnds(raw);
  let decoded = "";
  let from = 0;
  for (let first = text.indexOf("&"); first >= 0; first = text.indexOf("&", from)) {
    const end = text.indexOf(";", first);
    if (end < 0) break;
    const start = text.lastIndexOf("&", end);
    decoded += text.slice(from, start) + decodeEntity(text.slice(start, end + 1));
    from = end + 1;
  }
  return from === 0 ? text : decoded + text.slice(from);
};

const NUMERIC_ENTITY = /^&#(?:x([0-9a-fA-F]+)|(\d+));$/;

const decodeEntity = (entity: string): string => {
  const named = NAMED_ENTITIES.get(entity);
  if (named !== undefined) return named;
  const [, hex, decimal] = NUMERIC_ENTITY.exec(entity) ?? [];
  if (hex === undefined && decimal === undefined) return entity;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
};
