/** Owns the trial of rehydrating shapes, one by one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { RawSchema } from "../../../utils/catalog/captured-client";
import { ShapeCollector } from "../../../utils/catalog/shape-collector";
import { ShapeRegistry } from "../../../utils/models/shape-registry";

const NAMESPACE = "com.amazonaws.birds";

/** How a shape of a random graph is described; numbers up to 20 are other shapes of the graph, the rest simple types. */
interface Plan {
  readonly kind: 0 | 1 | 2 | 3 | 4 | -3;
  readonly namespace: string;
  readonly traits: number | Record<string, unknown>;
  readonly targets: readonly { readonly target: number; readonly traits: number | undefined }[];
  readonly required: number | undefined;
}

const planArbitrary: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom(0, 1, 2, 3, 4, -3),
  namespace: fc.constantFrom(NAMESPACE, "smithy.other"),
  traits: fc.oneof(
    fc.nat(127),
    fc.dictionary(fc.constantFrom("xmlName", "sparse", "jsonName"), fc.oneof(fc.string(), fc.nat()), {
      noNullPrototype: true,
    }),
  ),
  targets: fc.array(fc.record({ target: fc.nat(40), traits: fc.option(fc.nat(127), { nil: undefined }) }), {
    minLength: 2,
    maxLength: 4,
  }),
  required: fc.option(fc.nat(2), { nil: undefined }),
});

/** A graph of static schemas, with cycles, as a client package builds it. */
function build(plans: readonly Plan[]): readonly RawSchema[] {
  const schemas: RawSchema[] = [];
  plans.forEach(({ kind, namespace, traits, targets, required }, index) => {
    const raw = targets.map(({ target, traits: member }) => {
      const shape = target < plans.length ? () => schemas[target] : target === 40 ? "unit" : target;
      return member === undefined ? shape : [shape, member];
    });
    const head = [kind, namespace, `Shape${index}`, traits] as const;
    if (kind === 0 || kind === 1) schemas.push([...head, raw[0]]);
    else if (kind === 2) schemas.push([...head, raw[0], raw[1]]);
    else
      schemas.push([
        ...head,
        raw.map((_, member) => `Member${member}`),
        raw,
        ...(required === undefined ? [] : [required]),
      ]);
  });
  return schemas;
}

function compare(found: unknown, expected: unknown, seen: Set<unknown>): void {
  const left = typeof found === "function" ? (found as () => unknown)() : found;
  const right = typeof expected === "function" ? (expected as () => unknown)() : expected;
  if (!Array.isArray(right) || !Array.isArray(left)) {
    assert.deepEqual(left, right);
    return;
  }
  if (seen.has(right)) return;
  seen.add(right);
  assert.equal(left.length, right.length);
  right.forEach((part, index) => {
    compare(left[index], part, seen);
  });
}

const schemaText = (collector: ShapeCollector): string =>
  `{\n"shapes": {\n${collector
    .records()
    .map(([key, record]) => `${JSON.stringify(key)}: ${JSON.stringify(record)}`)
    .join(",\n")}\n}\n}\n`;

describe("ShapeRegistry", () => {
  it("gives back any graph of shapes that was collected", () => {
    fc.assert(
      fc.property(fc.array(planArbitrary, { minLength: 1, maxLength: 12 }), (plans) => {
        const collector = new ShapeCollector("package", NAMESPACE);
        const schemas = build(plans);
        const references = schemas.map((schema) => collector.reference(schema));
        const registry = new ShapeRegistry(Buffer.from(schemaText(collector)), NAMESPACE);
        schemas.forEach((schema, index) => {
          compare(registry.resolve(references[index]!), schema, new Set());
        });
      }),
      { numRuns: 300 },
    );
  });

  const registry = new ShapeRegistry(
    Buffer.from('{\n"shapes": {\n"Tree": [3,0,["Left","Right"],["Tree",["Tree",8]]]\n}\n}\n'),
    NAMESPACE,
  );

  it("answers one function for one shape, however it is reached", () => {
    const thunk = registry.resolve("Tree");
    assert.equal(registry.resolve("Tree"), thunk);
    assert.ok(typeof thunk === "function");
    const tree = thunk() as unknown as [number, string, string, number, string[], [unknown, [unknown, number]]];
    assert.equal(thunk(), tree as unknown);
    assert.equal(tree[5][0], thunk);
    assert.equal(tree[5][1][0], thunk);
  });

  it("says which shape is missing when it is first looked at", () => {
    const thunk = registry.resolve("Bush") as () => unknown;
    assert.throws(thunk, /no shape Bush/);
  });
});
