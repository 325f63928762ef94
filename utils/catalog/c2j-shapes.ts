/** Owns the turning of a minified API model into Smithy's static schemas, with the names that its declarations have for shapes. */

import type { Declarations, DeclaredShape } from "./c2j-declarations";
import type { C2jModel, C2jShape } from "./c2j-model";
import { memberTraits, packTraits, shapeTraits, simpleType } from "./c2j-traits";
import type { RawSchema } from "./captured-client";
import { ExtractionError } from "./extraction-error";

/** A list of a simple type, and a map of texts to one, where nothing else is said of them. */
const LIST = 64;
const MAP = 128;
const DOCUMENT = 15;

/** The same text for the same shape, in whatever order its members are written. */
const canonical = (shape: object): string =>
  JSON.stringify(shape, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );

const isSimple = (reference: unknown): reference is number => typeof reference === "number" && reference < LIST;

export class C2jShapes {
  readonly #subject: string;
  readonly #namespace: string;
  readonly #model: Pick<C2jModel, "shapes">;
  readonly #declarations: Declarations;
  readonly #built = new Map<string, { readonly text: string; reference: unknown }>();

  /**
   * @param subject - the model's file, for errors
   * @param namespace - of its shapes
   */
  constructor(subject: string, namespace: string, model: Pick<C2jModel, "shapes">, declarations: Declarations) {
    this.#subject = subject;
    this.#namespace = namespace;
    this.#model = model;
    this.#declarations = declarations;
  }

  /**
   * @param name - as declared
   * @param given - as the model has it: there, or in place
   * @returns a schema, or a simple type by number
   * @throws ExtractionError where model and declarations differ
   */
  reference(name: string, given: C2jShape): unknown {
    const shape = this.#resolved(given);
    const traits = packTraits(shapeTraits(shape));
    const kind = shape["document"] === true ? "document" : (shape.type ?? "string");
    const members = kind === "structure" || kind === "list" || kind === "map";
    if (!members) {
      const type = kind === "document" ? DOCUMENT : simpleType(shape, `${this.#subject}: ${name}`);
      return traits === 0 ? type : this.#once(name, shape, () => [0, this.#namespace, name, traits, type]);
    }
    return this.#once(name, shape, () => this.#collection(name, kind, shape, traits));
  }

  /** The shape itself, and what is said where it is referred to: a minified model has both in one. */
  #resolved(given: C2jShape): C2jShape {
    if (given.shape === undefined) return given;
    const { shape: target, ...said } = given;
    const shape = this.#model.shapes[target];
    if (shape === undefined) throw new ExtractionError(this.#subject, `there is no shape ${target}`);
    return { ...this.#resolved(shape), ...said };
  }

  /** One name is one shape, however often it is written out. */
  #once(name: string, shape: C2jShape, build: () => unknown): unknown {
    const { location: _l, locationName: _n, idempotencyToken: _i, hostLabel: _h, contextParam: _c, ...own } = shape;
    const text = canonical(own);
    const present = this.#built.get(name);
    if (present !== undefined) {
      if (present.text !== text) throw new ExtractionError(this.#subject, `two shapes are called ${name}`);
      return present.reference ?? (() => this.#built.get(name)?.reference);
    }
    const entry: { readonly text: string; reference: unknown } = { text, reference: undefined };
    this.#built.set(name, entry);
    entry.reference = build();
    return entry.reference;
  }

  #declared<K extends DeclaredShape["kind"]>(name: string, kind: K): Extract<DeclaredShape, { kind: K }> {
    const declared = this.#declarations.shapes.get(name);
    if (declared?.kind !== kind)
      throw new ExtractionError(this.#subject, `${name} is a ${kind}, but declared as ${declared?.kind ?? "nothing"}`);
    return declared as Extract<DeclaredShape, { kind: K }>;
  }

  #collection(name: string, kind: "structure" | "list" | "map", shape: C2jShape, traits: unknown): unknown {
    if (kind === "structure") return this.#structure(name, shape, traits);
    if (kind === "list") {
      const element = this.#reference(this.#declared(name, "list").element, shape.member);
      return isSimple(element) && traits === 0 ? LIST + element : [1, this.#namespace, name, traits, element];
    }
    const key = this.#reference(`${name}Key`, shape.key);
    const value = this.#reference(this.#declared(name, "map").value, shape.value);
    if (key === 0 && isSimple(value) && traits === 0) return MAP + value;
    return [2, this.#namespace, name, traits, key, value];
  }

  /** With what is said at the place of reference. */
  #reference(name: string, given: C2jShape = {}, said: unknown = 0): unknown {
    const target = this.reference(name, given);
    return said === 0 ? target : [target, said];
  }

  #structure(name: string, shape: C2jShape, traits: unknown): RawSchema {
    const declared = this.#declared(name, "structure").members;
    const given = Object.entries(shape.members ?? {});
    const strange = [...declared.keys()].filter((member) => shape.members?.[member] === undefined);
    if (strange.length > 0 || declared.size !== given.length)
      throw new ExtractionError(this.#subject, `${name} has other members than it is declared with`);
    const isRequired = (member: string): boolean => declared.get(member)?.required === true;
    const forgotten = shape.required?.find((member) => !isRequired(member));
    if (forgotten !== undefined)
      throw new ExtractionError(this.#subject, `${name}.${forgotten} is required, but not declared so`);
    // Required ones stand first; those are counted.
    const required = given.filter(([member]) => isRequired(member));
    const ordered = [...required, ...given.filter(([member]) => !isRequired(member))];
    const kind = shape["union"] === true ? 4 : 3;
    const members = ordered.map(([member, target]) => {
      const path = `${this.#subject}: ${name}.${member}`;
      const said = packTraits(memberTraits(path, member, this.#resolved(target), shape.payload === member));
      return this.#reference(declared.get(member)?.target ?? "", target, said);
    });
    const record = [kind, this.#namespace, name, traits, ordered.map(([member]) => member), members] as const;
    return required.length === 0 ? record : [...record, required.length];
  }
}
