/** Owns iapUpdateAdapterConfiguration: a file of the adapter is changed, checked as it will be, and only then written. */
import { AdapterError } from "../errors/adapter-error";
import { ModelCatalog } from "../models/model-catalog";
import { parseSettings } from "../settings/parse-settings";
import { readServiceInstance } from "../settings/read-service-instance";
import { type PropertySchema, validateProperties } from "../settings/validate-properties";
import type { AdapterParts, Performance } from "./adapter-parts";
import { entityProblem } from "./check-entity";
import { editSection, merged } from "./edit-entity-file";
import { localEnvelope } from "./envelope";
import { changeInstalled, installedPath, readInstalled, refusedFile } from "./installed-file";
import { objectArgument, textArgument } from "./read-arguments";

type Document = Record<string, unknown>;

const invalid = (parameter: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", { parameter, found, expected, documentation: "pronghorn.json describes each." });

/** What Node or npm act upon: a workflow must not decide what runs with the next installation. */
const ACTED_UPON = [
  ...["name", "version", "main", "module", "type", "exports", "imports", "bin", "types", "files", "scripts", "engines"],
  ...["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"],
  ...["bundleDependencies", "bundledDependencies", "overrides", "workspaces", "gypfile", "config", "os", "cpu"],
];

/** Files beside the code, each with what it must still be after the change. */
const ROOT_FILES: Readonly<Record<string, (document: Document, before: Document, parts: AdapterParts) => void>> = {
  "package.json": (document, before) => {
    const changed = ACTED_UPON.find((name) => JSON.stringify(document[name]) !== JSON.stringify(before[name]));
    if (changed !== undefined) throw invalid(`changes.${changed}`, "another value", "the value that is there");
  },
  "propertiesSchema.json": (document, _, { properties }) => {
    const schema = document as PropertySchema;
    const least = { authentication: { auth_method: "aws_authentication" } };
    try {
      const gone = lostMember(validateProperties(least).properties, validateProperties(least, schema).properties);
      if (gone !== undefined) throw new Error(`${gone} has lost its default, and the adapter relies on it`);
      validateProperties(properties, schema);
    } catch (reason) {
      throw invalid("changes", `a schema that is refused: ${(reason as Error).message}`, "a JSON schema of properties");
    }
  },
  "sampleProperties.json": (document, _, { environment }) => {
    const { id, properties } = readServiceInstance(document);
    parseSettings(id, properties, environment);
  },
};

/** @returns the path of a member of `before` that `after` has not, or has of another type */
function lostMember(before: unknown, after: unknown, path = ""): string | undefined {
  if (typeof before !== typeof after || Array.isArray(before) !== Array.isArray(after)) return path;
  if (typeof before !== "object" || before === null || Array.isArray(before)) return undefined;
  for (const [name, value] of Object.entries(before)) {
    const lost = lostMember(value, (after as Document)[name], path === "" ? name : `${path}.${name}`);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

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
  changeInstalled(parts, path, "configFile", () => {
    const before = readInstalled(parts, path, "configFile");
    const after = (how === "replace" ? changes : merged(before, changes)) as Document;
    check(after, before, parts);
    return `${JSON.stringify(after, null, 2)}\n`;
  });
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
  const section = type === "action" ? "operations" : "shapes";
  checkNames(Object.keys(entries));
  changeInstalled(parts, path, "entity", () => {
    const content = editSection(parts.files.read(path).toString("latin1"), section, entries, how);
    const future = { path, content, changed: Object.keys(entries) };
    const problem = entityProblem(installedPath(parts, "entity", "entities"), folder, parts.files, future);
    if (problem === undefined) return content;
    throw invalid("changes", `something that breaks the entity: ${problem}`, "a working entity");
  });
  parts.reopen();
  return localEnvelope({ updated: `entities/${folder}/${name}`, changed: Object.keys(entries) });
}

/** A name is a line of the file: one with a quote or a break in it would make two of it. */
function checkNames(names: readonly string[]): void {
  const odd = names.find((name) => !/^[\w.#$-]{1,200}$/.test(name) || name === "__proto__");
  if (odd !== undefined) throw invalid("changes", JSON.stringify(odd), "names of letters, digits and . _ # $ -");
}

function updateMock(parts: AdapterParts, models: ModelCatalog, folder: string, file: string, changes: Document) {
  const operation = file.replace(/\.json$/, "");
  models.service(folder).operation(operation);
  const path = installedPath(parts, "configFile", "entities", folder, "mockdata", `${operation}.json`);
  changeInstalled(parts, path, "configFile", () => `${JSON.stringify(changes, null, 2)}\n`);
  return localEnvelope({ updated: `entities/${folder}/mockdata/${operation}.json` });
}
