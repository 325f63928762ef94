/** Owns the trial of the files that are made from data: those in the repository are the ones that are made now. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { EntityIndex, OperationRecord, ShapeRecord, ShapeReference } from "../../../utils/models/entity-format";

const project = resolve(__dirname, "../../..");
const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(project, ...path), "utf8")) as T;
const index = json<EntityIndex>("entities", "index.json");

function referencesOf(record: ShapeRecord): readonly ShapeReference[] {
  switch (record[0]) {
    case 0:
    case 1:
      return [record[2]];
    case 2:
      return [record[2], record[3]];
    default:
      assert.equal(record[2].length, record[3].length);
      return record[3];
  }
}

interface Method {
  readonly name: string;
  readonly input: readonly { readonly name: string }[];
  readonly task: boolean;
}

describe("pronghorn.json", () => {
  const {
    methods,
    src,
    export: exported,
  } = json<{ methods: readonly Method[]; src: string; export: string }>("pronghorn.json");
  const platform = json<{ methods: readonly Method[] }>("utils", "catalog", "platform-methods.json").methods;

  it("lists two methods for each operation, the platform's own, and nothing else", () => {
    const operations = Object.values(index)
      .filter(({ reach }) => reach === "methods")
      .flatMap(({ prefix, operations }) =>
        operations.flatMap((operation) => [`${prefix}${operation}`, `${prefix}${operation}STSRole`]),
      );
    const connection = ["Get", "Upsert", "Delete", "List", "Query"].flatMap((operation) => [
      `s3Connection${operation}`,
      `s3Connection${operation}STSRole`,
    ]);
    const expected = [...operations, ...connection, ...platform.map(({ name }) => name)];
    assert.deepEqual(
      methods.map(({ name }) => name),
      expected,
    );
    assert.equal(new Set(expected).size, expected.length);
  });

  it("gives each kind of method its arguments", () => {
    const arguments_ = new Map(methods.map(({ name, input }) => [name, input.map((argument) => argument.name)]));
    assert.deepEqual(arguments_.get("ec2DescribeInstances"), ["params", "iapMetadata"]);
    assert.deepEqual(arguments_.get("route53ListHostedZonesSTSRole"), [
      "params",
      "stsParams",
      "roleName",
      "iapMetadata",
    ]);
    assert.ok(arguments_.has("secretsManagerGetSecretValue"));
  });

  it("names the file and the class that the build makes", () => {
    assert.deepEqual([src, exported], ["adapter.js", "AwsAdapter"]);
  });
});

const COUNTS: Readonly<Record<string, number>> = {
  dynamodb: 62,
  ec2: 823,
  iam: 180,
  lambda: 88,
  "route-53": 74,
  s3: 112,
  "secrets-manager": 23,
  sqs: 23,
  sts: 11,
};

describe("entities/", () => {
  it("has at least the operations that were first shipped", () => {
    for (const [service, count] of Object.entries(COUNTS)) {
      assert.ok((index[service]?.operations.length ?? 0) >= count, `${service}: ${index[service]?.operations.length}`);
    }
  });

  for (const service of Object.keys(index)) {
    const folder = join("entities", service);

    it(`${service} is ASCII and refers to nothing that it does not hold`, () => {
      for (const file of readdirSync(join(project, folder))) {
        assert.ok(!readFileSync(join(project, folder, file)).some((byte) => byte > 0x7e), file);
      }
      const { shapes } = json<{ shapes: Record<string, ShapeRecord> }>(folder, "schema.json");
      const { operations } = json<{ operations: Record<string, OperationRecord> }>(folder, "action.json");
      // The reader finds entries by halving.
      for (const keys of [Object.keys(shapes), Object.keys(operations)]) assert.deepEqual(keys, [...keys].sort());
      const used = new Set<string>();
      const follow = (reference: ShapeReference): void => {
        const target = typeof reference === "object" ? reference[0] : reference;
        if (typeof target === "object") throw new Error("traits of traits");
        if (typeof target === "number" || target === "smithy.api#Unit" || used.has(target)) return;
        const record = shapes[target];
        assert.ok(record, `${service} has no shape ${target}`);
        used.add(target);
        for (const next of referencesOf(record)) follow(next);
      };
      for (const { input, output } of Object.values(operations)) for (const side of [input, output]) follow(side);
      const errors = Object.keys(shapes).filter((name) => shapes[name]?.[0] === -3);
      for (const name of errors) follow(name);
      assert.deepEqual(
        Object.keys(shapes).filter((name) => !used.has(name)),
        [],
        "shapes that nothing refers to",
      );
    });

    it(`${service} has endpoint rules whose nodes stay within their bounds`, () => {
      const { nodes, root, conditions, results } = json<{
        nodes: number[];
        root: number;
        conditions: unknown[];
        results: unknown[];
      }>(folder, "endpoint.json");
      const RESULT = 100_000_000;
      const valid = (reference: number): boolean =>
        Math.abs(reference) === 1 ||
        (reference >= RESULT ? reference - RESULT < results.length + 1 : Math.abs(reference) <= nodes.length / 3);
      assert.equal(nodes.length % 3, 0);
      assert.ok(valid(root));
      for (let node = 3; node < nodes.length; node += 3) {
        assert.ok((nodes[node] as number) < conditions.length);
        assert.ok(valid(nodes[node + 1] as number) && valid(nodes[node + 2] as number), `node ${node / 3}`);
      }
    });
  }
});
