/** Owns the reading of XML answers, shape by shape, straight into JSON-safe output. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { numberFromText, setKey, timestampText } from "./json-safe";
import { XmlScanner } from "./xml-scanner";

/** How one shape is read: `read` after its opening tag, `empty` for `<Name/>`. */
interface ElementPlan {
  read(scanner: XmlScanner, name: string): unknown;
  empty(): unknown;
}

interface FieldPlan {
  readonly member: string;
  readonly kind: "plain" | "flattened-list" | "flattened-map";
  /** Of the member, or of the item of a flattened list. */
  element(): ElementPlan;
  /** Of a flattened map. */
  entry?(): MapEntryPlan;
}

interface MapEntryPlan {
  readInto(target: Record<string, unknown>, scanner: XmlScanner, name: string): void;
}

/** Where the members of an answer stand in its document. */
export interface XmlLayout {
  /** Element below the root that holds the members; without it, the root itself. */
  readonly resultElement?: string;
  /** What the root's name must end with; something else that happens to be XML answered otherwise. */
  readonly rootSuffix?: string;
}

/**
 * Reads the bodies of ec2Query, awsQuery and restXml answers. Members that the shape does not know are skipped;
 * everything else must be well-formed.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization
 * @see https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
export class XmlReader {
  readonly #plans = new WeakMap<object, ElementPlan>();

  /**
   * @param shape - schema of the members to read, a structure
   * @param body - UTF-8
   * @returns a JSON-safe object
   * @throws SyntaxError when the document is malformed, cut off, or of another kind
   */
  read(shape: NormalizedSchema, body: Buffer | string, layout: XmlLayout): Record<string, unknown> {
    const scanner = new XmlScanner(typeof body === "string" ? body : body.toString("utf8"));
    scanner.openRoot();
    const root = scanner.name;
    if (/^html$/i.test(root) || (layout.rootSuffix !== undefined && !root.endsWith(layout.rootSuffix))) {
      throw new SyntaxError(`a document of <${root}>`);
    }
    let output: unknown;
    if (scanner.empty) output = {};
    else if (layout.resultElement === undefined) output = this.#plan(shape).read(scanner, root);
    else output = this.#readResult(shape, scanner, root, layout.resultElement);
    scanner.end();
    return output as Record<string, unknown>;
  }

  #readResult(shape: NormalizedSchema, scanner: XmlScanner, root: string, resultElement: string): unknown {
    let output: unknown = {};
    while (scanner.nextChild()) {
      const { name, empty } = scanner;
      if (name === resultElement) output = empty ? {} : this.#plan(shape).read(scanner, name);
      else if (!empty) scanner.skip(name);
    }
    scanner.close(root);
    return output;
  }

  #plan(shape: NormalizedSchema): ElementPlan {
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
    if (shape.isStructSchema()) return this.#structure(shape);
    if (shape.isListSchema()) return this.#list(shape);
    if (shape.isMapSchema()) return this.#map(shape);
    return leafPlan(leafReader(shape));
  }

  #structure(shape: NormalizedSchema): ElementPlan {
    const fields = new Map<string, FieldPlan>();
    const attributes: [string, string, LeafReader][] = [];
    for (const [member, memberShape] of shape.structIterator()) {
      const name = String(memberShape.getMemberTraits().xmlName ?? member);
      if (memberShape.getMergedTraits().xmlAttribute) attributes.push([name, member, leafReader(memberShape)]);
      else fields.set(name, this.#field(member, memberShape));
    }
    return {
      empty: () => ({}),
      read: (scanner, name) => {
        const output: Record<string, unknown> = {};
        for (const [attribute, member, read] of attributes) {
          const text = scanner.attribute(attribute);
          if (text !== undefined) output[member] = read(text);
        }
        while (scanner.nextChild()) {
          const field = fields.get(scanner.name);
          if (field === undefined) {
            if (!scanner.empty) scanner.skip(scanner.name);
          } else {
            readField(output, field, scanner);
          }
        }
        scanner.close(name);
        return output;
      },
    };
  }

  #field(member: string, shape: NormalizedSchema): FieldPlan {
    const flattened = Boolean(shape.getMergedTraits().xmlFlattened);
    if (flattened && shape.isListSchema()) {
      return { member, kind: "flattened-list", element: once(() => this.#plan(shape.getValueSchema())) };
    }
    if (flattened && shape.isMapSchema()) {
      const element = once(() => this.#plan(shape));
      return { member, kind: "flattened-map", element, entry: once(() => this.#entry(shape)) };
    }
    return { member, kind: "plain", element: once(() => this.#plan(shape)) };
  }

  #list(shape: NormalizedSchema): ElementPlan {
    const itemShape = shape.getValueSchema();
    const itemName = String(itemShape.getMergedTraits().xmlName ?? "member");
    const item = once(() => this.#plan(itemShape));
    return {
      empty: () => [],
      read: (scanner, name) => {
        const items: unknown[] = [];
        while (scanner.nextChild()) {
          if (scanner.name === itemName) items.push(scanner.empty ? item().empty() : item().read(scanner, itemName));
          else if (!scanner.empty) scanner.skip(scanner.name);
        }
        scanner.close(name);
        return items;
      },
    };
  }

  #map(shape: NormalizedSchema): ElementPlan {
    const entry = once(() => this.#entry(shape));
    return {
      empty: () => ({}),
      read: (scanner, name) => {
        const output = {};
        while (scanner.nextChild()) {
          if (scanner.empty) continue;
          if (scanner.name === "entry") entry().readInto(output, scanner, "entry");
          else scanner.skip(scanner.name);
        }
        scanner.close(name);
        return output;
      },
    };
  }

  #entry(shape: NormalizedSchema): MapEntryPlan {
    const valueShape = shape.getValueSchema();
    const keyName = String(shape.getKeySchema().getMergedTraits().xmlName ?? "key");
    const valueName = String(valueShape.getMergedTraits().xmlName ?? "value");
    const element = once(() => this.#plan(valueShape));
    return {
      readInto: (target, scanner, name) => {
        let key: string | undefined;
        let value: unknown;
        while (scanner.nextChild()) {
          if (scanner.name === keyName) key = scanner.empty ? "" : scanner.readText(keyName);
          else if (scanner.name === valueName)
            value = scanner.empty ? element().empty() : element().read(scanner, valueName);
          else if (!scanner.empty) scanner.skip(scanner.name);
        }
        scanner.close(name);
        if (key !== undefined && value !== undefined) setKey(target, key, value);
      },
    };
  }
}

function readField(output: Record<string, unknown>, field: FieldPlan, scanner: XmlScanner): void {
  const { name, empty } = scanner;
  if (field.kind === "plain") {
    const value = empty ? field.element().empty() : field.element().read(scanner, name);
    // Of an element that wrongly comes twice the first counts, as in the SDK's reading of lists.
    if (value !== undefined && output[field.member] === undefined) output[field.member] = value;
  } else if (field.kind === "flattened-list") {
    let items = output[field.member] as unknown[] | undefined;
    if (items === undefined) output[field.member] = items = [];
    items.push(empty ? field.element().empty() : field.element().read(scanner, name));
  } else {
    let entries = output[field.member] as Record<string, unknown> | undefined;
    if (entries === undefined) output[field.member] = entries = {};
    if (!empty) field.entry?.().readInto(entries, scanner, name);
  }
}

type LeafReader = (text: string) => unknown;

function leafReader(shape: NormalizedSchema): LeafReader {
  if (shape.isBooleanSchema()) return (text) => text.toLowerCase() === "true";
  if (shape.isNumericSchema() || shape.isBigIntegerSchema()) return numberFromText;
  if (shape.isTimestampSchema()) return timestampReader(shape.getSchema() === 7 ? "epoch-seconds" : "text");
  if (shape.isBlobSchema()) return (text) => text.replace(/\s+/g, "");
  return (text) => text;
}

/** An empty timestamp is one that AWS does not know: it is left out. */
function timestampReader(format: "epoch-seconds" | "text"): LeafReader {
  return (text) => {
    if (text.trim() === "") return undefined;
    const ms = format === "epoch-seconds" ? Number(text) * 1000 : Date.parse(text);
    if (Number.isNaN(ms)) throw new SyntaxError(`a timestamp that is none: ${text.slice(0, 40)}`);
    return timestampText(new Date(ms));
  };
}

const leafPlan = (read: LeafReader): ElementPlan => ({
  empty: () => read(""),
  read: (scanner, name) => read(scanner.readText(name)),
});

const once = <T>(make: () => T): (() => T) => {
  let value: T | undefined;
  return () => (value ??= make());
};
