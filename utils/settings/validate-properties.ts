/** Owns the check of properties against propertiesSchema.json: by code compiled ahead, or by ajv when the schema was edited. */
import { createHash } from "node:crypto";
import type { ErrorObject, Options } from "ajv";
import shippedSchema from "../../propertiesSchema.json";
import { AdapterError } from "../errors/adapter-error";
import { lazy } from "../types/lazy";
import { foundText } from "./found-text";
import * as compiled from "./properties-validator.generated";

/** What is read of a JSON schema here: enough to explain a violation and to list unknown properties. */
export interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly writeOnly?: boolean;
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly items?: PropertySchema;
  /** `#/properties/…`: the block described there may stand here, too. */
  readonly $ref?: string;
}

interface Validator {
  (data: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Options of every compilation, ahead of time or at run time: defaults are filled in, the first violation ends it. */
export const validatorOptions: Options = { useDefaults: true, allErrors: false, strict: true, allowUnionTypes: true };

/** @returns SHA-256 of a schema, in hex: which schema a compiled validator belongs to */
export function schemaHash(schema: unknown): string {
  return createHash("sha256").update(JSON.stringify(schema)).digest("hex");
}

/** Of the file that came with the adapter: every adapter of the process has the same. */
const shippedValidator = lazy(() => compiledOrMade(shippedSchema as PropertySchema));

const validatorOf = (schema: PropertySchema): Validator =>
  schema === shippedSchema ? shippedValidator() : compiledOrMade(schema);

function compiledOrMade(schema: PropertySchema): Validator {
  if (schemaHash(schema) === compiled.compiledFrom) return compiled.validate as unknown as Validator;
  const { Ajv } = require("ajv") as typeof import("ajv");
  return new Ajv(validatorOptions).compile(schema) as unknown as Validator;
}

/**
 * Fills in the defaults and checks names, types and limits.
 * @param properties - of a service instance; not changed
 * @param schema - propertiesSchema.json, another one only in tests
 * @returns a complete copy, and one warning for each property that the schema does not know
 * @throws AdapterError `INVALID_PROPERTIES` naming the property, what was found (masked if secret) and what is expected
 */
export function validateProperties(
  properties: unknown,
  schema: PropertySchema = shippedSchema as PropertySchema,
): { properties: Record<string, unknown>; warnings: string[] } {
  if (typeof properties !== "object" || properties === null || Array.isArray(properties)) {
    throw new AdapterError("INVALID_PROPERTIES", {
      property: "properties",
      found: foundText(properties),
      expected: "an object",
    });
  }
  const complete = structuredClone(properties) as Record<string, unknown>;
  const validate = validatorOf(schema);
  if (!validate(complete)) throw violation(validate.errors?.[0], complete, schema);
  return { properties: complete, warnings: unknownProperties(complete, schema, "", schema) };
}

function violation(error: ErrorObject | undefined, properties: unknown, schema: PropertySchema): AdapterError {
  const path = (error?.instancePath ?? "").split("/").slice(1);
  if (error?.keyword === "required") path.push(String(error.params["missingProperty"]));
  let at: PropertySchema | undefined = schema;
  let value: unknown = properties;
  let secret = false;
  for (const name of path) {
    at = resolved(at?.properties?.[name] ?? at?.items, schema);
    secret ||= at?.writeOnly === true;
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return new AdapterError("INVALID_PROPERTIES", {
    property: path.join("."),
    found: shown(value, secret, at),
    expected: expectedText(at),
  });
}

/** Text in the place of a block may be anything that belongs into the block, a secret among it. */
function shown(value: unknown, secret: boolean, schema: PropertySchema | undefined): string {
  const isBlock = [schema?.type ?? []].flat().some((type) => type === "object" || type === "array");
  if (typeof value === "string" && isBlock && value !== "") return `text of ${value.length} characters`;
  return foundText(value, secret ? "secret" : "plain");
}

/** @param root - the whole schema, which references point into */
function resolved(schema: PropertySchema | undefined, root: PropertySchema): PropertySchema | undefined {
  if (schema?.$ref === undefined) return schema;
  return schema.$ref
    .split("/")
    .slice(1)
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], root) as PropertySchema;
}

function expectedText(schema: PropertySchema | undefined): string {
  if (schema?.enum !== undefined) {
    const choices = schema.enum.filter((choice) => choice !== "").map(String);
    return choices.length === 1 ? String(choices[0]) : `one of ${choices.join(", ")}`;
  }
  const type = [schema?.type ?? "a value"].flat().join(" or ");
  if (schema?.minimum !== undefined && schema.maximum !== undefined) {
    return `${type} from ${schema.minimum} to ${schema.maximum}`;
  }
  if (schema?.exclusiveMinimum !== undefined && schema.maximum !== undefined) {
    return `${type} above ${schema.exclusiveMinimum} and up to ${schema.maximum}`;
  }
  return type;
}

function unknownProperties(value: unknown, schema: PropertySchema, path: string, root: PropertySchema): string[] {
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    return value.flatMap((entry, index) => unknownProperties(entry, items, `${path}${index}.`, root));
  }
  if (schema.properties === undefined || typeof value !== "object" || value === null) return [];
  const known = schema.properties;
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = resolved(Object.hasOwn(known, name) ? known[name] : undefined, root);
    return inner === undefined
      ? [`${path}${name} is not a property of this adapter; it is kept and not used`]
      : unknownProperties(member, inner, `${path}${name}.`, root);
  });
}
