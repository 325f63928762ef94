/** Owns the making of one answer out of pages: lists grow, counts add up, of everything else the last word counts. */
import type { Pagination } from "../models/entity-format";

type Output = Record<string, unknown>;

/** Counts of a page, not of everything; by service. */
const PAGE_COUNTS: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ["Count", "ScannedCount"],
  s3: ["KeyCount"],
};

const isRecord = (value: unknown): value is Output =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Grows with every page and holds nothing of one twice. */
export class MergedPages {
  readonly #counts: readonly string[];
  readonly #tokenPath: readonly string[];
  #merged: Output | undefined;
  #items = 0;

  constructor(service: string, { outputToken }: Pagination) {
    this.#counts = PAGE_COUNTS[service] ?? [];
    this.#tokenPath = outputToken.split(".");
  }

  /** Elements of the lists so far. */
  get items(): number {
    return this.#items;
  }

  /** Takes a page over; it may change it. @returns the token of the next page, or undefined after the last */
  add(page: Output): unknown {
    const token = this.#takeToken(page);
    const from = this.#container(page);
    for (const value of Object.values(from)) if (Array.isArray(value)) this.#items += value.length;
    if (this.#merged === undefined) this.#merged = page;
    else this.#merge(this.#container(this.#merged), from);
    return token === undefined || token === null || token === "" ? undefined : token;
  }

  /** @param token - of the page that was not fetched, so that the caller can go on from there */
  finish(token: unknown): Output {
    const merged = this.#merged ?? {};
    if (token !== undefined) this.#container(merged)[this.#tokenPath.at(-1) as string] = token;
    return merged;
  }

  #merge(into: Output, from: Output): void {
    for (const [name, value] of Object.entries(from)) {
      const before = into[name];
      if (Array.isArray(before) && Array.isArray(value)) for (const item of value) before.push(item);
      else if (this.#counts.includes(name)) into[name] = Number(before ?? 0) + Number(value);
      else if (isRecord(before) && isRecord(value)) into[name] = { ...before, ...value };
      else into[name] = value;
    }
  }

  /** The structure that lists and token stand in: the output itself, but for a few operations. */
  #container(output: Output): Output {
    let container = output;
    for (const name of this.#tokenPath.slice(0, -1)) {
      const inner = container[name];
      if (!isRecord(inner)) return container;
      container = inner;
    }
    return container;
  }

  #takeToken(page: Output): unknown {
    const container = this.#container(page);
    const name = this.#tokenPath.at(-1) as string;
    const token = container[name];
    delete container[name];
    return token;
  }
}
