/** Owns how each shape is read from parsed JSON: worked out once for a shape, then followed value by value. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { JsonLeaf } from "./json-leaf";
import { setKey } from "./json-safe";
import { documentValue } from "./write-output";

/** How one shape is read. What is null or absent never comes this far. */
interface JsonPlan {
  /** @returns the value, JSON-safe; lists and maps are changed in place */
  read(value: unknown): unknown;
}

type Members = Record<string, unknown>;

/** By which names members are called: awsJson knows no others than the model's. */
export type JsonNames = "member" | "jsonName";

/** The plans of one reader. */
export class JsonPlans {
  readonly #plans = new WeakMap<object, JsonPlan>();

  constructor(readonly names: JsonNames) {}

  /** @returns undefined for what stays as it is */
  of(shape: NormalizedSchema): JsonPlan | undefined {
    const schema = shape.getSchema();
    // A leaf depends on its member's traits too; lists and maps of leaves have no schema of their own. All are cheap to make.
    if (typeof schema !== "object") return this.#make(shape);
    let plan = this.#plans.get(schema);
    if (plan === undefined) {
      plan = this.#make(shape);
      if (plan !== undefined) this.#plans.set(schema, plan);
    }
    return plan;
  }

  #make(shape: NormalizedSchema): JsonPlan | undefined {
    if (shape.isStructSchema()) {
      const fields = this.#fields(shape);
      return shape.isUnionSchema() ? new UnionPlan(fields) : new StructurePlan(fields);
    }
    if (shape.isListSchema()) return new ListPlan(new Later(() => this.of(shape.getValueSchema())));
    if (shape.isMapSchema()) return new MapPlan(new Later(() => this.of(shape.getValueSchema())));
    return JsonLeaf.of(shape);
  }

  #fields(shape: NormalizedSchema): Fields {
    const fields = new Map<string, Field>();
    for (const [member, memberShape] of shape.structIterator()) {
      const { jsonName } = memberShape.getMergedTraits();
      const name = this.names === "jsonName" ? String(jsonName ?? member) : member;
      fields.set(name, { member, plan: new Later(() => this.of(memberShape)) });
    }
    return fields;
  }
}

/** Shapes refer to themselves, so a plan is made when it is first needed. */
class Later {
  #plan: JsonPlan | undefined = undefined;
  #make: (() => JsonPlan | undefined) | undefined;

  constructor(make: () => JsonPlan | undefined) {
    this.#make = make;
  }

  get(): JsonPlan | undefined {
    if (this.#make !== undefined) {
      this.#plan = this.#make();
      this.#make = undefined;
    }
    return this.#plan;
  }
}

interface Field {
  readonly member: string;
  readonly plan: Later;
}

/** By the names that they have on the wire. */
type Fields = ReadonlyMap<string, Field>;

class StructurePlan implements JsonPlan {
  constructor(readonly fields: Fields) {}

  read(value: unknown): unknown {
    if (typeof value !== "object") return value;
    const given = value as Members;
    const output: Members = {};
    let isAllKnown = true;
    for (const name of Object.keys(given)) {
      const field = this.fields.get(name);
      const member = given[name];
      if (field === undefined) isAllKnown = false;
      else if (member !== null) readMember(field, member, output);
    }
    if (!isAllKnown && typeof given["__type"] === "string") this.#addUnknown(given, output);
    return output;
  }

  /** What says of itself which shape it is may be of one that the model does not know: then everything is passed on. */
  #addUnknown(given: Members, output: Members): void {
    for (const name of Object.keys(given)) {
      const field = this.fields.get(name);
      const target = field?.member ?? name;
      if (!(target in output) && (field === undefined || given[name] !== null)) output[target] = given[name];
    }
  }
}

class UnionPlan implements JsonPlan {
  constructor(readonly fields: Fields) {}

  read(value: unknown): unknown {
    if (typeof value !== "object") return value;
    const given = value as Members;
    const output: Members = {};
    let unknown: string | undefined;
    let strangers = 0;
    let known = 0;
    for (const name of Object.keys(given)) {
      const field = this.fields.get(name);
      const member = given[name];
      if (field === undefined) {
        if (name === "__type") continue;
        unknown = name;
        strangers += 1;
      } else if (member !== null) {
        readMember(field, member, output);
        known += 1;
      }
    }
    if (strangers === 1 && known === 0) setKey(output, unknown as string, documentValue(given[unknown as string]));
    return output;
  }
}

function readMember({ member, plan: later }: Field, value: unknown, output: Members): void {
  const plan = later.get();
  output[member] = plan === undefined ? value : plan.read(value);
}

class ListPlan implements JsonPlan {
  constructor(readonly item: Later) {}

  read(value: unknown): unknown {
    const item = this.item.get();
    if (item === undefined || !Array.isArray(value)) return value;
    for (let index = 0; index < value.length; index += 1) {
      if (value[index] !== null) value[index] = item.read(value[index]);
    }
    return value;
  }
}

class MapPlan implements JsonPlan {
  constructor(readonly entry: Later) {}

  read(value: unknown): unknown {
    const entry = this.entry.get();
    if (entry === undefined || typeof value !== "object") return value;
    const entries = value as Members;
    for (const key of Object.keys(entries)) {
      // A key that came over the wire is an own one by now, whatever its name.
      if (entries[key] !== null) entries[key] = entry.read(entries[key]);
    }
    return entries;
  }
}
