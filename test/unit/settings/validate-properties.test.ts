/** Owns the trials of the schema: the compiled validator is the schema's, and an edited schema is obeyed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, it } from "mocha";
import schema from "../../../propertiesSchema.json";
import { generatedValidatorPath, generateValidator } from "../../../utils/catalog/properties-validator";
import { readServiceInstance } from "../../../utils/settings/read-service-instance";
import { type PropertySchema, validateProperties, validatorOptions } from "../../../utils/settings/validate-properties";

/** Each number of a block of properties, with its path. */
function numbersOf(block: PropertySchema, path: readonly string[]): [readonly string[], PropertySchema][] {
  return Object.entries(block.properties ?? {}).flatMap(([name, member]) => {
    const at = [...path, name];
    return member.type === "integer" || member.type === "number" ? [[at, member]] : numbersOf(member, at);
  });
}

describe("validateProperties", () => {
  const blocks = ["throttle", "request", "rate_control", "healthcheck", "credential_cache"] as const;
  const numbers = blocks.flatMap((name) =>
    numbersOf((schema.properties as Record<string, PropertySchema>)[name]!, [name]),
  );

  it("says of each number out of its range which property it is, what was found and what is expected, once", () => {
    assert.ok(numbers.length >= 13, `${numbers.length} numbers`);
    for (const [path, { type, minimum, exclusiveMinimum, maximum }] of numbers) {
      const range =
        minimum === undefined ? `above ${exclusiveMinimum} and up to ${maximum}` : `from ${minimum} to ${maximum}`;
      const wrong: unknown[] = ["x", (maximum as number) + 1, minimum === undefined ? exclusiveMinimum : minimum - 1];
      if (type === "integer") wrong.push((maximum as number) - 0.5);
      for (const value of wrong) {
        const [block, ...inner] = path as [string, ...string[]];
        const nested = inner.reduceRight<unknown>((of, name) => ({ [name]: of }), value);
        const given = { [block]: nested, authentication: { auth_method: "aws_authentication" } };
        const said = `Service instance property ${path.join(".")}: found ${JSON.stringify(value)}, expected ${type} ${range}.`;
        assert.throws(
          () => validateProperties(given),
          (error: Error) => {
            assert.equal(error.message, said);
            return true;
          },
        );
      }
    }
  });

  it("runs code that was compiled from the present schema and needs no package", () => {
    const text = readFileSync(generatedValidatorPath, "utf8");
    assert.equal(text, generateValidator(), "stale: run npm run entities");
    assert.doesNotMatch(text, /require\(|from "/);
  });

  it("agrees with the schema compiler on anything, defaults included", () => {
    const compile = new Ajv(validatorOptions).compile(schema);
    const value = fc.oneof(
      fc.constantFrom(undefined, "", "x", 0, 1, 443, 70_000, -1, true, false, null, "http", "none", []),
      fc.dictionary(
        fc.constantFrom("type", "enabled", "port", "region", "auth_method"),
        fc.constantFrom("x", 1, true, "startup", "aws_authentication"),
        { maxKeys: 2 },
      ),
    );
    const properties = fc.dictionary(fc.constantFrom(...Object.keys(schema.properties)), value, { maxKeys: 4 });
    fc.assert(
      fc.property(properties, fc.boolean(), (given, authentic) => {
        const candidate = authentic ? { ...given, authentication: { auth_method: "aws_authentication" } } : given;
        const expected = JSON.parse(JSON.stringify(candidate)) as Record<string, unknown>;
        const valid = compile(expected);
        let result: unknown;
        try {
          result = validateProperties(JSON.parse(JSON.stringify(candidate))).properties;
        } catch {
          result = undefined;
        }
        assert.equal(result !== undefined, valid);
        if (valid) assert.deepEqual(result, expected);
      }),
      { numRuns: 500 },
    );
  });

  it("obeys a schema that an operator edited", () => {
    const edited = structuredClone(schema) as unknown as {
      properties: { request: { properties: { attempt_timeout: { default: number; maximum: number } } } };
    };
    edited.properties.request.properties.attempt_timeout.default = 9000;
    edited.properties.request.properties.attempt_timeout.maximum = 10_000;
    const given = { authentication: { auth_method: "aws_authentication" } };
    const { properties } = validateProperties(given, edited as unknown as PropertySchema);
    assert.equal((properties["request"] as { attempt_timeout: number }).attempt_timeout, 9000);
    assert.throws(
      () => validateProperties({ ...given, request: { attempt_timeout: 20_000 } }, edited as unknown as PropertySchema),
      /20000, expected integer from 1000 to 10000/,
    );
  });
});

describe("readServiceInstance", () => {
  const properties = { region: "us-east-1", authentication: { auth_method: "aws_authentication" } };
  const forms: [string, unknown, string][] = [
    ["bare properties", properties, "adapter-aws"],
    ["a configuration file", { id: "aws-1", type: "AwsAdapter", properties }, "aws-1"],
    [
      "an export of the platform",
      {
        name: "aws-2",
        model: "adapter-aws",
        type: "Adapter",
        properties: { id: "aws-2", type: "AwsAdapter", properties },
      },
      "aws-2",
    ],
    ["an export in an envelope", { serviceItem: { name: "aws-3", properties: { properties } } }, "aws-3"],
    ["an answer in an envelope", { data: { name: "aws-4", properties: { id: "aws-5", properties } } }, "aws-5"],
  ];
  for (const [name, document, id] of forms) {
    it(`reads ${name}`, () => assert.deepEqual(readServiceInstance(document), { id, properties }));
  }
  it("refuses what is none", () => {
    for (const document of [null, [], "x", { type: "Adapter" }, { properties: 7 }]) {
      assert.throws(() => readServiceInstance(document), { code: "INVALID_PROPERTIES" }, JSON.stringify(document));
    }
  });
});
