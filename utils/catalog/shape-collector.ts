/** Owns the turning of a package's schemas into shape records: every shape once, by name, references by name. */
import { type ShapeRecord, type ShapeReference, type Traits, UNIT } from "../models/entity-format";
import type { RawSchema } from "./captured-client";
import { ExtractionError } from "./extraction-error";

const isMember = (value: unknown): value is [unknown, unknown] => Array.isArray(value) && value.length === 2;

export class ShapeCollector {
  readonly #packageName: string;
  readonly #namespace: string;
  readonly #keys = new Map<RawSchema, string>();
  readonly #records = new Map<string, ShapeRecord>();

  /**
   * @param packageName - for errors
   * @param namespace - left out of the keys of shapes
   */
  constructor(packageName: string, namespace: string) {
    this.#packageName = packageName;
    this.#namespace = namespace;
  }

  /** All shapes that were referred to, by key, sorted. */
  records(): readonly (readonly [string, ShapeRecord])[] {
    return [...this.#records].sort(([left], [right]) => (left < right ? -1 : 1));
  }

  record(key: string): ShapeRecord | undefined {
    return this.#records.get(key);
  }

  /**
   * @param raw - a simple type, a schema, a member with traits, or a function that answers one of them
   * @returns the reference to it; the shape is collected
   */
  reference(raw: unknown): ShapeReference {
    const target = typeof raw === "function" ? (raw as () => unknown)() : raw;
    if (isMember(target)) return [this.reference(target[0]), this.traits(target[1])];
    if (typeof target === "number") return target;
    if (target === "unit") return UNIT;
    if (!Array.isArray(target)) throw new ExtractionError(this.#packageName, `a schema refers to ${String(target)}`);
    return this.#collect(target as unknown as RawSchema);
  }

  /** @throws ExtractionError when a trait is not plain data */
  traits(raw: unknown): Traits {
    const traits = (raw ?? 0) as Traits;
    for (const [name, value] of typeof traits === "object" ? Object.entries(traits) : []) {
      if (typeof value === "function") throw new ExtractionError(this.#packageName, `trait ${name} is code`);
    }
    return traits;
  }

  #collect(schema: RawSchema): string {
    const known = this.#keys.get(schema);
    if (known !== undefined) return known;
    const [, namespace, name] = schema;
    const key = namespace === this.#namespace ? name : `${namespace}#${name}`;
    this.#keys.set(schema, key);
    const record = this.#convert(schema, key);
    // Packages write small collections out wherever they are used: the same name must mean the same shape.
    const present = this.#records.get(key);
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(record)) {
      throw new ExtractionError(this.#packageName, `two shapes are called ${key}`);
    }
    this.#records.set(key, record);
    return key;
  }

  #convert(schema: RawSchema, key: string): ShapeRecord {
    const [kind, , , rawTraits, first, second, required] = schema;
    const traits = this.traits(rawTraits);
    switch (kind) {
      case 0:
      case 1:
        return [kind, traits, this.reference(first)];
      case 2:
        return [kind, traits, this.reference(first), this.reference(second)];
      case 3:
      case 4:
      case -3: {
        const members = (second as readonly unknown[]).map((member) => this.reference(member));
        const record = [kind, traits, first as readonly string[], members] as const;
        return typeof required === "number" ? [...record, required] : record;
      }
      default:
        throw new ExtractionError(this.#packageName, `shape ${key} is of unknown kind ${kind}`);
    }
  }
}
