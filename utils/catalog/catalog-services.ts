/** Owns the list of all services of the catalog, and the adding of one, however its client package was generated. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { captureClient } from "./capture-client";
import type { CapturedClient } from "./captured-client";
import { addClientPackage, clientPackages } from "./client-packages";
import { addLegacyService, captureLegacyService, legacyServices, removeLegacyService } from "./legacy-services";

export interface CatalogService {
  /** The entity folder's name. */
  readonly service: string;
  capture(): CapturedClient;
}

/** Sorted by name. */
export function catalogServices(): readonly CatalogService[] {
  const withSchemas = clientPackages().map(({ service, folder }) => ({
    service,
    capture: () => captureClient(folder),
  }));
  const older = legacyServices().map((service) => ({ service, capture: () => captureLegacyService(service) }));
  return [...withSchemas, ...older].sort((left, right) => (left.service < right.service ? -1 : 1));
}

/** Before clients had schemas, every command named its serializer. */
const isOlderThanSchemas = (folder: string): boolean =>
  /\.ser\(se_\w+\)/.test(readFileSync(join(folder, "dist-cjs", "index.js"), "utf8"));

/**
 * Adds the newest client package of a service to the catalog: as a dependency, or, where it is older than schemas, to
 * legacy-services.json.
 * @returns what takes it back
 * @throws ExtractionError when there is no such package, or no model for an old one
 */
export function addService(service: string): () => void {
  const takeBack = addClientPackage(service);
  const added = clientPackages().find((entry) => entry.service === service);
  if (added === undefined || !isOlderThanSchemas(added.folder)) {
    const listAgain = removeLegacyService(service);
    return () => {
      listAgain();
      takeBack();
    };
  }
  takeBack();
  return addLegacyService(service, added.version);
}
