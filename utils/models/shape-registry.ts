/** Owns the shapes of one service: each is rehydrated into Smithy's static schema when something first looks at it. */
import type { $SchemaRef, SchemaTraits, StaticSchema } from "@smithy/types";
import { type ShapeRecord, type ShapeReference, UNIT } from "./entity-format";
import { LineIndex } from "./line-index";

/** A lazy reference: the same function every time, because Smithy caches what it knows about a shape on it. */
export type ShapeThunk = () => StaticSchema;

export class ShapeRegistry {
  readonly #lines: LineIndex;
  readonly #namespace: string;
  readonly #thunks = new Map<string, ShapeThunk>();

  /**
   * @param bytes - schema.json
   * @param namespace - of the shapes whose key has none
   */
  constructor(bytes: Buffer, namespace: string) {
    this.#lines = new LineIndex(bytes, "shapes");
    this.#namespace = namespace;
  }

  names(): readonly string[] {
    return this.#lines.keys();
  }

  /** A shape as its line has it, whatever that is. */
  record(key: string): unknown {
    return this.#lines.read(key);
  }

  /**
   * @param reference - as it stands in an entity file
   * @returns the reference as Smithy's schemas write it, shapes as thunks
   */
  resolve(reference: ShapeReference): $SchemaRef {
    if (typeof reference === "number") return reference;
    if (typeof reference === "string") return reference === UNIT ? "unit" : this.#thunk(reference);
    return [this.resolve(reference[0]), reference[1] as SchemaTraits];
  }

  #thunk(key: string): ShapeThunk {
    let thunk = this.#thunks.get(key);
    if (thunk === undefined) {
      let shape: StaticSchema | undefined;
      thunk = () => {
        shape ??= this.#rehydrate(key);
        return shape;
      };
      this.#thunks.set(key, thunk);
    }
    return thunk;
  }

  #rehydrate(key: string): StaticSchema {
    const record = this.#lines.read(key) as ShapeRecord | undefined;
    if (record === undefined) throw new Error(`schema.json has no shape ${key}`);
    const hash = key.indexOf("#");
    const namespace = hash === -1 ? this.#namespace : key.slice(0, hash);
    const name = hash === -1 ? key : key.slice(hash + 1);
    const traits = record[1] as SchemaTraits;
    switch (record[0]) {
      case 0:
      case 1:
        return [record[0], namespace, name, traits, this.resolve(record[2])];
      case 2:
        return [2, namespace, name, traits, this.resolve(record[2]), this.resolve(record[3])];
      default: {
        const members = record[3].map((member) => this.resolve(member));
        const schema = [record[0], namespace, name, traits, record[2], members];
        if (record[4] !== undefined) schema.push(record[4]);
        return schema as unknown as StaticSchema;
      }
    }
  }
}
