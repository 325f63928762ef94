/** Owns the laying of some properties on others, member by member; lists and values are replaced whole. */

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @returns a new object; neither argument is changed */
export function overlayProperties(base: Plain, over: Plain): Plain {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    // Not by assignment: a member of that name would become the prototype.
    if (name === "__proto__") continue;
    const below = merged[name];
    merged[name] = isPlain(below) && isPlain(value) ? overlayProperties(below, value) : value;
  }
  return merged;
}
