/** Owns the trial of opening services and operations by name. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { NormalizedSchema } from "@smithy/core/schema";
import type { $SchemaRef } from "@smithy/types";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { ModelCatalog } from "../../../utils/models/model-catalog";
import type { Files } from "../../../utils/types/files";

const entities = resolve(__dirname, "../../../entities");
const files: Files = {
  read: (path) => readFileSync(path),
  exists: existsSync,
  list: (path) => readdirSync(path).sort(),
};
const catalog = (): ModelCatalog => new ModelCatalog(entities, files);
const thrown = (run: () => unknown): AdapterError => {
  try {
    run();
  } catch (error) {
    if (error instanceof AdapterError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

/** Visits every shape that can be reached from a reference, through Smithy's own reader. */
function visit(reference: $SchemaRef, seen: Set<string>): void {
  const schema = NormalizedSchema.of(reference);
  if (schema.isUnitSchema()) return;
  walk(schema, seen);
}

function walk(schema: NormalizedSchema, seen: Set<string>): void {
  if (schema.isStructSchema()) {
    const name = schema.getName(true) ?? "";
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, member] of schema.structIterator()) walk(member, seen);
  } else if (schema.isListSchema()) {
    walk(schema.getValueSchema(), seen);
  } else if (schema.isMapSchema()) {
    walk(schema.getKeySchema(), seen);
    walk(schema.getValueSchema(), seen);
  }
}

describe("ModelCatalog", () => {
  const index = JSON.parse(readFileSync(join(entities, "index.json"), "utf8")) as Record<
    string,
    { version: string; operations: string[] }
  >;

  it("lists the services of index.json", () => {
    assert.deepEqual(catalog().services(), Object.keys(index));
  });

  it("names the nearest service for an unknown one", () => {
    const error = thrown(() => catalog().service("route53"));
    assert.equal(error.code, "UNKNOWN_SERVICE");
    assert.match(error.message, /Did you mean route-53\?/);
  });

  for (const name of ["../ec2", "ec2/../s3", "", ".", "EC2\0", "index.json"]) {
    it(`takes no path for a service: ${JSON.stringify(name)}`, () => {
      assert.equal(thrown(() => catalog().service(name)).code, "UNKNOWN_SERVICE");
    });
  }

  for (const name of Object.keys(index)) {
    it(`opens ${name} and rehydrates every shape of every operation`, () => {
      const service = catalog().service(name);
      assert.equal(service.model.packageVersion, index[name]?.version);
      assert.deepEqual(service.operationNames(), index[name]?.operations);
      const seen = new Set<string>();
      for (const operation of service.operationNames()) {
        const { input, output, schema } = service.operation(operation);
        assert.equal(schema.name, operation);
        visit(input, seen);
        visit(output, seen);
      }
      assert.ok(seen.size > 0);
    });
  }

  it("names the nearest operation for an unknown one", () => {
    const error = thrown(() => catalog().service("ec2").operation("describeInstance"));
    assert.equal(error.code, "UNKNOWN_OPERATION");
    assert.match(error.message, /Did you mean DescribeInstance/);
  });
});
