/** Owns the choice among entries as the platform asks for it: filter, sort, start, limit. */
import { objectArgument } from "./read-arguments";

export type Entry = Readonly<Record<string, unknown>>;

export interface Selection {
  /** Entries that match, before paging. */
  readonly total: number;
  readonly list: readonly Entry[];
}

/**
 * @param options - `filter`: text that a member contains, or a list of such texts, by member; `sort`: member to 1 or -1, or
 * a list of those; `start` from 0; `limit`
 * @throws AdapterError `INVALID_INPUT`
 */
export function selectEntries(entries: readonly Entry[], options: unknown): Selection {
  const { filter, sort, start, limit } = objectArgument("options", options) ?? {};
  const wanted = Object.entries(objectArgument("options.filter", filter) ?? {});
  const found = entries.filter((entry) =>
    wanted.every(([member, texts]) =>
      [texts].flat().some((text) => textOf(entry[member]).includes(String(text ?? "").toLowerCase())),
    ),
  );
  for (const order of [sort ?? []].flat().reverse()) {
    for (const [member, direction] of Object.entries(order as object).reverse()) {
      const sign = Number(direction) < 0 || /^desc/i.test(String(direction)) ? -1 : 1;
      found.sort((a, b) => sign * textOf(a[member]).localeCompare(textOf(b[member]), "en", { numeric: true }));
    }
  }
  const first = Math.max(0, Math.trunc(Number(start ?? 0)) || 0);
  const count = Math.trunc(Number(limit ?? 0)) || 0;
  return { total: found.length, list: count > 0 ? found.slice(first, first + count) : found.slice(first) };
}

const textOf = (value: unknown): string =>
  (typeof value === "object" ? (JSON.stringify(value) ?? "") : String(value ?? "")).toLowerCase();
