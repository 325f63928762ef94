/** Owns the editing of an entity file: one entry a line, sorted by key, so that the rest stays byte for byte. */

/** ASCII only, as the line index counts bytes. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `over` laid on `base`, member by member; anything but two objects is replaced. */
export function merged(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const result = { ...base };
  for (const [name, value] of Object.entries(over)) result[name] = merged(base[name], value);
  return result;
}

/**
 * @param text - of action.json or schema.json
 * @param section - `operations` or `shapes`
 * @param changes - by key; null takes an entry out
 * @param how - `merge` into what is there, or `replace` it
 * @throws Error when the text has no such section
 */
export function editSection(
  text: string,
  section: string,
  changes: Readonly<Record<string, unknown>>,
  how: "merge" | "replace",
): string {
  const head = `\n"${section}": {\n`;
  const start = text.indexOf(head) + head.length;
  const end = text.indexOf("\n}", start - 1);
  if (start < head.length || end === -1) throw new Error(`section ${section} is missing`);
  const entries = new Map(
    text
      .slice(start, end)
      .split("\n")
      .map((line) => {
        const key = line.slice(1, line.indexOf('"', 1));
        return [key, line.slice(key.length + 4).replace(/,$/, "")];
      }),
  );
  for (const [key, change] of Object.entries(changes)) {
    const present = entries.get(key);
    if (change === null) entries.delete(key);
    else {
      const value = how === "replace" || present === undefined ? change : merged(JSON.parse(present), change);
      entries.set(key, asciiJson(value));
    }
  }
  const lines = [...entries.keys()].sort().map((key) => `${asciiJson(key)}: ${entries.get(key)}`);
  return text.slice(0, start) + lines.join(",\n") + text.slice(end);
}
