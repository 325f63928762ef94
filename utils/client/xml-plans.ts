/** Owns how each shape is read from XML: worked out once for a shape, then followed element by element. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { plainObject } from "./plain-object";
import type { ElementPlan, Later, Slices } from "./xml-element-plan";
import { LeafPlan } from "./xml-leaf";
import { MapEntryPlan, MapPlan } from "./xml-map-plans";
import type { XmlScanner } from "./xml-scanner";
import { ElementName } from "./xml-tag";

/** The plans of one reader. They are classes, not closures: one call site then sees few kinds of object, and stays fast. */
export class XmlPlans {
  readonly #plans = new WeakMap<object, ElementPlan>();

  of(shape: NormalizedSchema): ElementPlan {
    const schema = shape.getSchema();
    // A leaf's reading depends on its member's traits too, and is cheap to make.
    if (typeof schema !== "object") return this.#make(shape);
    let plan = this.#plans.get(schema);
    if (plan === undefined) {
      plan = this.#make(shape);
      this.#plans.set(schema, plan);
    }
    return plan;
  }

  #make(shape: NormalizedSchema): ElementPlan {
    // An operation without output is still answered with a document: a request id, and EC2's <return>.
    if (shape.isUnitSchema()) return new StructurePlan(new Map(), []);
    if (shape.isStructSchema()) return this.#structure(shape);
    if (shape.isListSchema()) return this.#list(shape);
    if (shape.isMapSchema()) return new MapPlan(() => this.#entry(shape));
    return new LeafPlan(shape);
  }

  #structure(shape: NormalizedSchema): StructurePlan {
    const fields = new Map<string, Field>();
    const attributes: Attribute[] = [];
    for (const [member, memberShape] of shape.structIterator()) {
      const name = String(memberShape.getMemberTraits().xmlName ?? member);
      if (memberShape.getMergedTraits().xmlAttribute) {
        attributes.push({ name, member, leaf: new LeafPlan(memberShape) });
      } else {
        fields.set(name, this.#field(new ElementName(name), member, memberShape));
      }
    }
    return new StructurePlan(fields, attributes);
  }

  #field(name: ElementName, member: string, shape: NormalizedSchema): Field {
    const flattened = Boolean(shape.getMergedTraits().xmlFlattened);
    if (flattened && shape.isListSchema()) {
      return new Field(name, member, "flattened-list", () => this.of(shape.getValueSchema()));
    }
    if (flattened && shape.isMapSchema()) return new Field(name, member, "flattened-map", () => this.#entry(shape));
    return new Field(name, member, "plain", () => this.of(shape));
  }

  #list(shape: NormalizedSchema): ListPlan {
    const itemShape = shape.getValueSchema();
    return new ListPlan(new ElementName(String(itemShape.getMergedTraits().xmlName ?? "member")), () =>
      this.of(itemShape),
    );
  }

  #entry(shape: NormalizedSchema): MapEntryPlan {
    const valueShape = shape.getValueSchema();
    const keyName = new ElementName(String(shape.getKeySchema().getMergedTraits().xmlName ?? "key"));
    const valueName = new ElementName(String(valueShape.getMergedTraits().xmlName ?? "value"));
    return new MapEntryPlan(keyName, valueName, () => this.of(valueShape));
  }
}

interface Attribute {
  readonly name: string;
  readonly member: string;
  readonly leaf: LeafPlan;
}

/** A member of a structure: where its element's value goes. */
class Field {
  /** The field that came after this one last time, and most probably comes next time. */
  next: Field | undefined = undefined;
  /** Place among the fields of its structure, in the order in which they first came; 0 before that. */
  rank = 0;
  #plan: ElementPlan | MapEntryPlan | undefined = undefined;
  readonly #later: Later<ElementPlan | MapEntryPlan>;

  /** @param later - plan of the member; of its items, when they are not wrapped; of its entries, when those are not */
  constructor(
    readonly name: ElementName,
    readonly member: string,
    readonly kind: "plain" | "flattened-list" | "flattened-map",
    later: Later<ElementPlan | MapEntryPlan>,
  ) {
    this.#later = later;
  }

  /** Plan of a member that can be read in slices. */
  sliced(): SlicedPlan | undefined {
    if (this.kind !== "plain") return undefined;
    this.#plan ??= this.#later();
    return isSliced(this.#plan) ? this.#plan : undefined;
  }

  /** Of an element that wrongly comes twice the first counts, as in the SDK's reading of lists. */
  put(output: Record<string, unknown>, value: unknown): void {
    if (value !== undefined && output[this.member] === undefined) output[this.member] = value;
  }

  /** As {@link Field.readInto}, where the field has not come before: nobody has to look whether it has. */
  readFirst(output: Record<string, unknown>, scanner: XmlScanner): void {
    if (this.kind !== "plain") {
      this.readInto(output, scanner);
      return;
    }
    this.#plan ??= this.#later();
    const plan = this.#plan as ElementPlan;
    const value = scanner.empty ? plan.empty() : plan.read(scanner, this.name);
    if (value !== undefined) output[this.member] = value;
  }

  readInto(output: Record<string, unknown>, scanner: XmlScanner): void {
    this.#plan ??= this.#later();
    if (this.kind === "plain") {
      const plan = this.#plan as ElementPlan;
      this.put(output, scanner.empty ? plan.empty() : plan.read(scanner, this.name));
    } else if (this.kind === "flattened-list") {
      const plan = this.#plan as ElementPlan;
      let items = output[this.member] as unknown[] | undefined;
      if (items === undefined) output[this.member] = items = [];
      items.push(scanner.empty ? plan.empty() : plan.read(scanner, this.name));
    } else {
      let entries = output[this.member] as Record<string, unknown> | undefined;
      if (entries === undefined) output[this.member] = entries = {};
      if (!scanner.empty) (this.#plan as MapEntryPlan).readInto(entries, scanner, this.name);
    }
  }
}

class StructurePlan implements ElementPlan {
  readonly #Output = plainObject();
  #first: Field | undefined = undefined;
  #ranks = 0;

  constructor(
    readonly fields: ReadonlyMap<string, Field>,
    readonly attributes: readonly Attribute[],
  ) {}

  empty(): unknown {
    return {};
  }

  read(scanner: XmlScanner, name: ElementName): unknown {
    const output = new this.#Output();
    if (scanner.attributes !== "") this.#readAttributes(output, scanner);
    let previous: Field | undefined;
    let highest = 0;
    let field = this.#first;
    for (;;) {
      // AWS writes the members of a shape in one order, so that what came next last time is nearly always right.
      if (field === undefined || !scanner.opens(field.name)) {
        if (!scanner.nextChild()) break;
        field = this.fields.get(scanner.name);
        if (field === undefined) {
          if (!scanner.empty) scanner.skip(scanner.name);
          continue;
        }
        if (previous === undefined) this.#first = field;
        else previous.next = field;
        if (field.rank === 0) field.rank = this.#ranks += 1;
      }
      // Behind all that came so far: so it comes for the first time.
      if (field.rank > highest) {
        highest = field.rank;
        field.readFirst(output, scanner);
      } else {
        field.readInto(output, scanner);
      }
      previous = field;
      field = field.next;
    }
    scanner.closeKnown(name);
    return output;
  }

  *readInSlices(scanner: XmlScanner, name: ElementName, listsDeep: number): Slices {
    const output: Record<string, unknown> = {};
    if (scanner.attributes !== "") this.#readAttributes(output, scanner);
    while (scanner.nextChild()) {
      const field = this.fields.get(scanner.name);
      if (field === undefined) {
        if (!scanner.empty) scanner.skip(scanner.name);
        continue;
      }
      const plan = scanner.empty ? undefined : field.sliced();
      if (plan === undefined) field.readInto(output, scanner);
      else field.put(output, yield* plan.readInSlices(scanner, field.name, listsDeep));
      if (scanner.isSliceOver()) yield;
    }
    scanner.closeKnown(name);
    return output;
  }

  #readAttributes(output: Record<string, unknown>, scanner: XmlScanner): void {
    for (const { name, member, leaf } of this.attributes) {
      const text = scanner.attribute(name);
      if (text !== undefined) output[member] = leaf.parse(text);
    }
  }
}

class ListPlan implements ElementPlan {
  readonly #later: Later<ElementPlan>;
  #item: ElementPlan | undefined = undefined;

  constructor(
    readonly itemName: ElementName,
    later: Later<ElementPlan>,
  ) {
    this.#later = later;
  }

  empty(): unknown {
    return [];
  }

  read(scanner: XmlScanner, name: ElementName): unknown {
    const items: unknown[] = [];
    this.#item ??= this.#later();
    const item = this.#item;
    const { itemName } = this;
    for (;;) {
      if (scanner.opens(itemName)) {
        items.push(item.read(scanner, itemName));
      } else {
        if (!scanner.nextChild()) break;
        if (scanner.name === itemName.text) items.push(scanner.empty ? item.empty() : item.read(scanner, itemName));
        else if (!scanner.empty) scanner.skip(scanner.name);
      }
    }
    scanner.closeKnown(name);
    return items;
  }

  *readInSlices(scanner: XmlScanner, name: ElementName, listsDeep: number): Slices {
    const items: unknown[] = [];
    this.#item ??= this.#later();
    const item = this.#item;
    const sliced = listsDeep > 1 && isSliced(item) ? item : undefined;
    while (scanner.nextChild()) {
      if (scanner.name !== this.itemName.text) {
        if (!scanner.empty) scanner.skip(scanner.name);
      } else if (scanner.empty) items.push(item.empty());
      else if (sliced === undefined) items.push(item.read(scanner, this.itemName));
      else items.push(yield* sliced.readInSlices(scanner, this.itemName, listsDeep - 1));
      if (scanner.isSliceOver()) yield;
    }
    scanner.closeKnown(name);
    return items;
  }
}

/** A plan of what may be long. */
export type SlicedPlan = StructurePlan | ListPlan;

export const isSliced = (plan: object): plan is SlicedPlan => plan instanceof StructurePlan || plan instanceof ListPlan;
