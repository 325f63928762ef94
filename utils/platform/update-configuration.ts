/** Owns iapUpdateAdapterConfiguration: a file of the adapter is changed, checked as it will be, and only then written. */
import { AdapterError } from "../errors/adapter-error";
import { ModelCatalog } from "../models/model-catalog";
import { readServiceInstance } from "../settings/read-service-instance";
import { type PropertySchema, validateProperties } from "../settings/validate-properties";
import type { AdapterParts, Performance } from "./adapter-parts";
import { editSection, merged } from "./edit-entity-file";
import { localEnvelope } from "./envelope";
import { installedPath, readInstalled, refusedFile, replaceInstalled } from "./installed-file";
import { objectArgument, textArgument } from "./read-arguments";

type Document = Record<string, unknown>;

const invalid = (parameter: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", { parameter, found, expected, documentation: "pronghorn.json describes each." });

/** Files beside the code, each with what it must still be after the change. */
const ROOT_FILES: Readonly<Record<string, (document: Document, before: Document) => void>> = {
  "package.json": (document, before) => {
    for (const name of ["name", "version", "main"]) {
      if (document[name] !== before[name]) throw invalid(`changes.${name}`, "another value", "the value that is there");
    }
  },
  "propertiesSchema.json": (document) => {
    try {
      validateProperties({ authentication: { auth_method: "aws_authentication" } }, document as PropertySchema);
    } catch (reason) {
      throw invalid("changes", `a schema that is refused: ${(reason as Error).message}`, "a JSON schema");
    }
  },
  "sampleProperties.json": (document) => void validateProperties(readServiceInstance(document).properties),
};

/** @see pronghorn.json for the order of the values */
export const updateConfiguration: Performance = async (parts, values) => {
  const [configFile, given, entity, type, action, replace] = values;
  const changes = objectArgument("changes", given) ?? {};
  if (Object.keys(changes).length === 0) return localEnvelope("No configuration updates to make");
  const file = textArgument("configFile", configFile) ?? "";
  const how = replace === true || replace === "true" ? "replace" : "merge";
  const folder = textArgument("entity", entity);
  if (folder === undefined) return updateRootFile(parts, file, changes, how);
  return updateEntity(parts, { folder, file, type, action, changes, how });
};

function updateRootFile(parts: AdapterParts, file: string, changes: Document, how: "merge" | "replace") {
  const check = Object.hasOwn(ROOT_FILES, file) ? ROOT_FILES[file] : undefined;
  if (check === undefined) {
    throw refusedFile("configFile", file, `without an entity it is one of ${Object.keys(ROOT_FILES).join(", ")}`);
  }
  const path = installedPath(parts, "configFile", file);
  const before = readInstalled(parts, path, "configFile");
  const after = (how === "replace" ? changes : merged(before, changes)) as Document;
  check(after, before);
  replaceInstalled(parts, path, "configFile", `${JSON.stringify(after, null, 2)}\n`);
  return localEnvelope({ updated: file, effective: "after a restart of the adapter" });
}

interface EntityChange {
  readonly folder: string;
  readonly file: string;
  readonly type: unknown;
  readonly action: unknown;
  readonly changes: Document;
  readonly how: "merge" | "replace";
}

function updateEntity(parts: AdapterParts, change: EntityChange) {
  const { folder, file, type, changes, how } = change;
  const models = new ModelCatalog(installedPath(parts, "entity", "entities"), parts.files);
  if (!models.services().includes(folder)) models.service(folder);
  if (type === "mock") return updateMock(parts, models, folder, file, changes);
  if (type !== "action" && type !== "schema") throw invalid("type", JSON.stringify(type), "action, schema or mock");
  const name = `${type}.json`;
  const path = installedPath(parts, "entity", "entities", folder, name);
  const operation = textArgument("action", change.action);
  if (type === "action" && operation === undefined) throw invalid("action", "nothing", "the name of an operation");
  if (type === "action") models.service(folder).operation(operation ?? "");
  const entries = type === "action" ? { [operation ?? ""]: changes } : changes;
  const before = parts.files.read(path).toString("latin1");
  const after = editSection(before, type === "action" ? "operations" : "shapes", entries, how);
  checkEntity(parts, folder, path, after);
  replaceInstalled(parts, path, "entity", after);
  parts.reopen();
  return localEnvelope({ updated: `entities/${folder}/${name}`, changed: Object.keys(entries) });
}

const UNIT = "smithy.api#Unit";

/** Looks at the entity as it will be: every operation has a method, a path, and shapes that exist. */
function checkEntity(parts: AdapterParts, folder: string, path: string, content: string): void {
  const textOf = (name: string): string => {
    const file = installedPath(parts, "entity", "entities", folder, name);
    return file === path ? content : parts.files.read(file).toString("latin1");
  };
  const { operations } = JSON.parse(textOf("action.json")) as { readonly operations: Record<string, Document> };
  const { shapes } = JSON.parse(textOf("schema.json")) as { readonly shapes: Document };
  const broken = (what: string) => invalid("changes", `something that breaks the entity: ${what}`, "a working entity");
  for (const [name, { method, path: uri, input, output }] of Object.entries(operations)) {
    if (typeof method !== "string" || !/^[A-Z]+$/.test(method)) throw broken(`${name} has no HTTP method`);
    if (typeof uri !== "string" || !uri.startsWith("/")) throw broken(`${name} has no path`);
    for (const shape of [input, output]) {
      if (shape !== UNIT && !Object.hasOwn(shapes, String(shape))) throw broken(`${name} needs the shape ${shape}`);
    }
  }
  const odd = Object.entries(shapes).find(([, shape]) => !Array.isArray(shape) && typeof shape !== "number");
  if (odd !== undefined) throw broken(`${odd[0]} is not written as a shape`);
}

function updateMock(parts: AdapterParts, models: ModelCatalog, folder: string, file: string, changes: Document) {
  const operation = file.replace(/\.json$/, "");
  models.service(folder).operation(operation);
  const path = installedPath(parts, "configFile", "entities", folder, "mockdata", `${operation}.json`);
  replaceInstalled(parts, path, "configFile", `${JSON.stringify(changes, null, 2)}\n`);
  return localEnvelope({ updated: `entities/${folder}/mockdata/${operation}.json` });
}
