/** Owns the picking of endpoint parameters out of an input by a path expression. */

/**
 * The part of JMESPath that endpoint rules use: members (`a.b`), every item (`a[*].b`), several members of an item
 * (`a[*].[b.c, d.e][]`) and the keys of a map (`keys(a)`).
 * @returns the value, a list where the path goes through one, undefined where nothing is there
 * @see https://smithy.io/2.0/additional-specs/rules-engine/parameters.html#smithy-rules-operationcontextparams-trait
 */
export function selectFromInput(input: unknown, path: string): unknown {
  const keys = /^keys\((.+)\)$/.exec(path)?.[1];
  if (keys !== undefined) {
    const map = selectFromInput(input, keys);
    return typeof map === "object" && map !== null ? Object.keys(map) : [];
  }
  const star = path.indexOf("[*]");
  if (star < 0) return member(input, path);
  const items = member(input, path.slice(0, star));
  if (!Array.isArray(items)) return [];
  const rest = path.slice(star + 3).replace(/^\./, "");
  const several = /^\[(.*?)\](?:\[\])?$/.exec(rest)?.[1];
  const paths = several === undefined ? [rest] : several.split(",").map((part) => part.trim());
  return items.flatMap((item) => paths.map((part) => member(item, part))).filter((value) => value != null);
}

function member(value: unknown, path: string): unknown {
  let current = value;
  for (const name of path === "" ? [] : path.split(".")) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}
