/** Owns the bytes of the entity files: one entry a line, ASCII, the same for the same package. */
import type { EntityIndex } from "../models/entity-format";
import type { ServiceEntity } from "./extract-service";

/** JSON in ASCII, so that a reader may take bytes for characters. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const section = (name: string, entries: readonly (readonly [string, unknown])[]): string =>
  `"${name}": {\n${entries
    .map(([key, value]) => `${JSON.stringify(key)}: ${asciiJson(value)},\n`)
    .join("")
    .replace(/,\n$/, "\n")}}`;

const list = (name: string, values: readonly unknown[]): string =>
  `"${name}": [\n${values.map(asciiJson).join(",\n")}\n]`;

function nodeLines(nodes: readonly number[]): string {
  const triples: string[] = [];
  for (let index = 0; index < nodes.length; index += 3) triples.push(nodes.slice(index, index + 3).join(","));
  return `"nodes": [\n${triples.join(",\n")}\n]`;
}

/** @returns file name to text, for `entities/<service>/` */
export function entityFiles(entity: ServiceEntity): ReadonlyMap<string, string> {
  const { parameters, root, conditions, results, nodes } = entity.endpoint;
  const { shapes, enumerations } = entity.documentation;
  return new Map([
    ["action.json", `{\n"service": ${asciiJson(entity.service)},\n${section("operations", entity.operations)}\n}\n`],
    ["schema.json", `{\n${section("shapes", entity.shapes)}\n}\n`],
    ["documentation.json", `{\n${section("shapes", shapes)},\n${section("enumerations", enumerations)}\n}\n`],
    [
      "endpoint.json",
      `{\n"parameters": ${asciiJson(parameters)},\n"root": ${root},\n${list("conditions", conditions)},\n${list("results", results)},\n${nodeLines(nodes)}\n}\n`,
    ],
  ]);
}

/** @returns the method prefix of a service folder: `secrets-manager` → `secretsManager`, `route-53` → `route53` */
export function methodPrefix(service: string): string {
  return service.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * @param listed - services whose operations are methods
 * @returns entities/index.json, one service a line
 */
export function indexFile(entities: ReadonlyMap<string, ServiceEntity>, listed: ReadonlySet<string>): string {
  const lines = [...entities].map(([name, { service, operations }]) => {
    const entry: EntityIndex[string] = {
      prefix: methodPrefix(name),
      version: service.version,
      reach: listed.has(name) ? "methods" : "awsRequest",
      operations: operations.map(([operation]) => operation),
    };
    return `${JSON.stringify(name)}: ${asciiJson(entry)}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}
