/** Owns the reading of a query as it stands in a URL, into the keys and values that are signed and sent. */

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * @param text - behind the `?`; a plus sign is itself, as in every AWS query
 * @returns decoded; a key that repeats has an array, a key without `=` is null
 */
export function queryOf(text: string): Record<string, string | string[] | null> {
  const query: Record<string, string | string[] | null> = {};
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? null : decode(pair.slice(at + 1));
    const earlier = Object.hasOwn(query, name) ? query[name] : undefined;
    query[name] = earlier === undefined ? value : [earlier ?? "", value ?? ""].flat();
  }
  return query;
}
