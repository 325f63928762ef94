/** Owns what is known of the adapter as it is installed: its inventory, its paths, and whether its files belong together. */
import { join } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import { ModelCatalog } from "../models/model-catalog";
import type { AdapterParts, InstalledParts, Performance } from "./adapter-parts";
import { localEnvelope } from "./envelope";
import { readInstalled } from "./installed-file";
import { textArgument } from "./read-arguments";

interface PronghornMethod {
  readonly name: string;
  readonly task: boolean;
}

interface Listed {
  readonly prefix: string;
  readonly version: string;
  readonly operations: readonly string[];
}

const catalogOf = ({ folder, files }: InstalledParts): ModelCatalog =>
  new ModelCatalog(join(folder, "entities"), files);
const indexOf = (parts: InstalledParts) =>
  readInstalled(parts, join(parts.folder, "entities", "index.json"), "entities") as Record<string, Listed>;
const pronghornOf = (parts: InstalledParts): readonly PronghornMethod[] =>
  (readInstalled(parts, join(parts.folder, "pronghorn.json"), "pronghorn.json")["methods"] ?? []) as PronghornMethod[];

/** Operations whose path, name or method contains a text, in any case. */
export const findPath: Performance = async (parts, [apiPath]) => {
  const text = textArgument("apiPath", apiPath);
  if (text === undefined) {
    const detail = { parameter: "apiPath", found: "nothing", expected: "part of a path or of an operation's name" };
    throw new AdapterError("INVALID_INPUT", { ...detail, documentation: "an example: /2013-04-01/hostedzone." });
  }
  const wanted = text.toLowerCase();
  const index = indexOf(parts);
  const models = catalogOf(parts);
  const foundIn = Object.entries(index).flatMap(([entity, { prefix }]) => {
    const operations = models.service(entity);
    return operations.operationNames().flatMap((action) => {
      const { method, path } = operations.operation(action);
      const name = `${prefix}${action}`;
      const matches = [path, action, name].some((one) => one.toLowerCase().includes(wanted));
      return matches ? [{ entity, action, method, path, methodName: name }] : [];
    });
  });
  const found = foundIn.length > 0;
  return localEnvelope({ apiPath: text, found, message: found ? "API PATH FOUND!" : "API PATH NOT FOUND!", foundIn });
};

export const inventory: Performance = async (parts) => {
  const manifest = readInstalled(parts, join(parts.folder, "package.json"), "package.json");
  const methods = pronghornOf(parts);
  const index = indexOf(parts);
  const { name, version, dependencies } = manifest;
  return localEnvelope({
    ...{ id: parts.id, name, version, node: process.version, dependencies },
    methods: { total: methods.length, workflowTasks: methods.filter(({ task }) => task).length },
    entities: Object.entries(index).map(([entity, listed]) => ({
      ...{ entity, version: listed.version, operations: catalogOf(parts).service(entity).operationNames().length },
      methods: listed.operations.length * 2,
    })),
    healthcheck: parts.instance.settings?.healthcheck.type ?? null,
    throttled: parts.instance.settings?.throttle.enabled ?? false,
    stub: parts.instance.settings?.stub ?? false,
  });
};

/** @returns what is wrong with the entities, one text each; nothing for an installation that is whole */
export function checkEntities(parts: InstalledParts): string[] {
  const models = catalogOf(parts);
  return Object.entries(indexOf(parts)).flatMap(([entity, { operations }]) => {
    try {
      const service = models.service(entity);
      const problems = operations.filter((name) => !service.hasOperation(name));
      for (const name of operations) if (service.hasOperation(name)) service.operation(name);
      return problems.map((name) => `${entity}: index.json lists ${name}, action.json does not`);
    } catch (reason) {
      return [`${entity}: ${(reason as Error).message}`];
    }
  });
}

/** Everything that can be told from the files alone. */
export function lint(parts: AdapterParts): string[] {
  const listed = new Set(pronghornOf(parts).map(({ name }) => name));
  const bound = new Set(parts.methods());
  return [
    ...checkEntities(parts),
    ...[...listed].filter((name) => !bound.has(name)).map((name) => `pronghorn.json: the class has no method ${name}`),
    ...[...bound].filter((name) => !listed.has(name)).map((name) => `pronghorn.json does not list ${name}`),
    ...["propertiesSchema.json", "error.json", "sampleProperties.json"].flatMap((file) => {
      try {
        readInstalled(parts, join(parts.folder, file), file);
        return [];
      } catch (reason) {
        return [(reason as Error).message];
      }
    }),
  ];
}

export const runLint: Performance = async (parts) => {
  const problems = lint(parts);
  return localEnvelope({ passed: problems.length === 0, problems });
};
