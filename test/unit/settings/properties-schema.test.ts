/** Owns the completeness of propertiesSchema.json, and of what editors complete a service instance by. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import propertiesSchema from "../../../propertiesSchema.json";
import sample from "../../../sampleProperties.json";
import serviceInstanceSchema from "../../../serviceInstanceSchema.json";
import { membersOf, type NamedProperty, propertiesPage, rootProperties } from "../../../utils/catalog/properties-page";
import { validatorOptions } from "../../../utils/settings/validate-properties";

const every = (named: NamedProperty): readonly NamedProperty[] =>
  membersOf(named).flatMap((member) => [member, ...every(member)]);
const all = every(rootProperties);

/** Why a property has no default: whoever adds one without says so here. */
const WITHOUT_DEFAULT: Readonly<Record<string, string>> = {
  port: "the protocol's own: 443 or 80",
  authentication: "required: whoever configures nothing shall say so",
  "authentication.auth_method": "required, and of one value",
};

describe("propertiesSchema.json", () => {
  it("every property has a description, and a default or a reason for none", () => {
    assert.ok(all.length > 150);
    for (const { path, schema } of all) {
      assert.match(schema.description ?? "", /^\S.{10,}/, `${path} has no description`);
      const isOfListElement = path.includes("[].");
      if (schema.default === undefined && schema.$ref === undefined && !isOfListElement) {
        assert.ok(WITHOUT_DEFAULT[path], `${path} has no default`);
      }
    }
    const known = new Set(all.map(({ path }) => path));
    assert.deepEqual(
      Object.keys(WITHOUT_DEFAULT).filter((path) => !known.has(path)),
      [],
    );
  });

  it("every default is one that the schema itself accepts", () => {
    const ajv = new Ajv({ ...validatorOptions, useDefaults: false, strictTypes: false });
    for (const { path, schema } of all) {
      // References lead to objects, whose members are tried by themselves.
      if (schema.default === undefined || JSON.stringify(schema).includes("$ref")) continue;
      // An empty object says nothing of members: compiling all of them for each block on the way takes a second.
      const members = JSON.stringify(schema.default) === "{}" ? { properties: {} } : {};
      assert.ok(ajv.validate({ ...schema, ...members, required: [] }, schema.default), `${path}: ${ajv.errorsText()}`);
    }
  });

  it("what is secret by its name is marked so", () => {
    const secret = /(?:secret|password|passphrase|private_key|session_token)(?:_key)?$/i;
    const unmarked = all.filter(({ path, schema }) => secret.test(path) && schema.writeOnly !== true);
    assert.deepEqual(
      unmarked.map(({ path }) => path),
      [],
    );
  });

  it("docs/properties.md has each of them", () => {
    const page = propertiesPage();
    assert.equal(readFileSync(join(__dirname, "../../../docs/properties.md"), "utf8"), page);
    for (const { path } of all) assert.ok(page.includes(`\`${path.split(".").at(-1)}\``), path);
    const anchors = new Set(
      [...page.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replace(/[^\w-]/g, "")),
    );
    for (const [, target = ""] of page.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.has(target), target);
  });
});

describe("serviceInstanceSchema.json", () => {
  let validate: ValidateFunction;
  before(() => {
    const ajv = new Ajv({ ...validatorOptions, useDefaults: false, strictRequired: false, strictTypes: false });
    ajv.addSchema(propertiesSchema, "propertiesSchema.json");
    validate = ajv.compile(serviceInstanceSchema);
  });
  const properties = { authentication: { auth_method: "aws_authentication" }, healthcheck: { type: "none" } };
  const problems = (document: unknown): string[] => {
    validate(document);
    return (validate.errors ?? []).filter(({ keyword }) => keyword !== "if").map(({ instancePath }) => instancePath);
  };

  it("is what sampleProperties.json names, from the place where it lies", () => {
    assert.equal(sample.$schema, "./serviceInstanceSchema.json");
    assert.deepEqual(problems(sample), []);
  });

  it("knows the properties in both forms in which service instances are kept", () => {
    assert.deepEqual(problems({ id: "a", type: "AwsAdapter", properties }), []);
    const inner = { id: "a", type: "AwsAdapter", properties };
    assert.deepEqual(problems({ name: "a", type: "Adapter", properties: inner }), []);
    const wrong = { ...properties, port: "x" };
    assert.deepEqual(problems({ id: "a", properties: wrong }), ["/properties/port"]);
    assert.deepEqual(problems({ name: "a", properties: { ...inner, properties: wrong } }), [
      "/properties/properties/port",
    ]);
    assert.deepEqual(problems({ id: "a" }), [""]);
  });
});
