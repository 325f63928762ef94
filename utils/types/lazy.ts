/** Owns the putting off of costly modules to the first call that needs them. */

/**
 * Loads once, on first use.
 * @param load - typically `() => require("…")`
 * @returns a function that answers the same value every time
 */
export function lazy<T>(load: () => T): () => T {
  let value: T | undefined;
  let loaded = false;
  return () => {
    if (!loaded) {
      value = load();
      loaded = true;
    }
    return value as T;
  };
}
