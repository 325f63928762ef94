/** Owns the reading of error.json, the one table of codes, icodes and texts. */
import table from "../../error.json";

export interface ErrorEntry {
  readonly key: string;
  readonly icode: string;
  readonly displayString: string;
  readonly recommendation: string;
}

const entries: ReadonlyMap<string, ErrorEntry> = new Map(table.errors.map((entry) => [entry.key, entry]));

/**
 * @param code - a stable error code, the `key` in error.json
 * @returns its entry; an unknown code answers the one of `UNEXPECTED`
 */
export function errorEntry(code: string): ErrorEntry {
  return entries.get(code) ?? (entries.get("UNEXPECTED") as ErrorEntry);
}
