/** Owns the list of generated files: each path with the text that it should have. */
import { join } from "node:path";
import { captureClient } from "./capture-client";
import { entitiesFolder } from "./catalog-paths";
import { clientPackages } from "./client-packages";
import { entityFiles, indexFile } from "./entity-files";
import { extractService, type ServiceEntity } from "./extract-service";

/** @returns absolute path to text, of everything that the installed client packages determine */
export function generate(): ReadonlyMap<string, string> {
  const entities = new Map<string, ServiceEntity>();
  for (const { service, folder } of clientPackages()) entities.set(service, extractService(captureClient(folder)));
  const files = new Map<string, string>();
  for (const [service, entity] of entities) {
    for (const [name, text] of entityFiles(entity)) files.set(join(entitiesFolder, service, name), text);
  }
  files.set(join(entitiesFolder, "index.json"), indexFile(entities));
  return files;
}
