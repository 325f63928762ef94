/** Owns the reading of the query protocols' flat parameters: `Tags.member.1.Key`, `Filter.2.Value.1`. */
import { utf8Text } from "./percent-encoding";
import { queryPairs, type WireRequest } from "./wire-request";

export class QueryParameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** From the query and, for a POST, the form of a request. */
  static read(request: WireRequest, payload: Buffer): QueryParameters {
    const pairs = [...queryPairs(request.rawQuery), ...queryPairs(payload.toString("latin1"))];
    return new QueryParameters(new Map(pairs.map(([key, value]) => [key, utf8Text(value) ?? value])));
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  integer(name: string): number | undefined {
    const text = this.#values.get(name);
    return text === undefined ? undefined : Number(text);
  }

  /** `name.1`, `name.2`, … */
  list(name: string): readonly string[] {
    const values: string[] = [];
    for (let index = 1; ; index++) {
      const value = this.#values.get(`${name}.${index}`);
      if (value === undefined) return values;
      values.push(value);
    }
  }

  /** The parameters below `name.1.`, `name.2.`, …, each as parameters of its own. */
  structures(name: string): readonly QueryParameters[] {
    const found = new Map<number, Map<string, string>>();
    const prefix = `${name}.`;
    for (const [key, value] of this.#values) {
      if (!key.startsWith(prefix)) continue;
      const dot = key.indexOf(".", prefix.length);
      const index = Number(key.slice(prefix.length, dot < 0 ? undefined : dot));
      if (dot < 0 || !Number.isInteger(index)) continue;
      const member = found.get(index) ?? new Map<string, string>();
      member.set(key.slice(dot + 1), value);
      found.set(index, member);
    }
    return [...found.entries()]
      .sort(([left], [right]) => left - right)
      .map(([, values]) => new QueryParameters(values));
  }
}
