/** Owns the list of generated files: each path with the text that it should have. */
import { join } from "node:path";
import {
  entitiesFolder,
  methodPagesFolder,
  projectFolder,
  pronghornFilePath,
  propertiesPagePath,
} from "./catalog-paths";
import { catalogServices } from "./catalog-services";
import { entitiesReadme } from "./entities-readme";
import { entityFiles, indexFile } from "./entity-files";
import { extractService, type ServiceEntity } from "./extract-service";
import { methodPages } from "./method-pages";
import { palette } from "./palette";
import { pronghornFile } from "./pronghorn-file";
import { propertiesPage } from "./properties-page";
import { generatedValidatorPath, generateValidator } from "./properties-validator";
import { verifyService } from "./verify-service";

export interface Generated {
  /** By service, sorted. */
  readonly entities: ReadonlyMap<string, ServiceEntity>;
  /** Absolute path to text. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Extracts every service of the catalog; its packages are installed.
 * @returns the contents of every generated file of the project, written nowhere yet
 * @throws ExtractionError
 */
export function generate(): Generated {
  const entities = new Map<string, ServiceEntity>();
  const files = new Map<string, string>();
  const listed = palette();
  for (const { service, capture } of catalogServices()) {
    const client = capture();
    const entity = extractService(client);
    const texts = entityFiles(entity);
    verifyService(client, entity, texts.get("schema.json") as string);
    entities.set(service, entity);
    for (const [name, text] of texts) files.set(join(entitiesFolder, service, name), text);
  }
  files.set(join(entitiesFolder, "index.json"), indexFile(entities, listed));
  files.set(join(entitiesFolder, "README.md"), entitiesReadme(entities));
  files.set(pronghornFilePath, pronghornFile(new Map([...entities].filter(([service]) => listed.has(service)))));
  for (const [name, text] of methodPages(entities, listed)) files.set(join(methodPagesFolder, name), text);
  files.set(propertiesPagePath, propertiesPage());
  files.set(join(projectFolder, generatedValidatorPath), generateValidator());
  return { entities, files };
}
