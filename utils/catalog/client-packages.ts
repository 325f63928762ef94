/** Owns which client packages the catalog has, and their installation. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogFolder, clientPackagesFolder } from "./catalog-paths";

const PREFIX = "@aws-sdk/client-";

export interface ClientPackage {
  /** The package's name without `@aws-sdk/client-`, and the entity folder's. */
  readonly service: string;
  /** Exact. */
  readonly version: string;
  readonly folder: string;
}

/** The packages that utils/catalog/package.json names, sorted by service. */
export function clientPackages(): readonly ClientPackage[] {
  const manifest = JSON.parse(readFileSync(join(catalogFolder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(manifest.dependencies)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, version]) => {
      const service = name.slice(PREFIX.length);
      return { service, version, folder: join(clientPackagesFolder, `client-${service}`) };
    })
    .sort((left, right) => (left.service < right.service ? -1 : 1));
}

/** @returns the version that is installed, or undefined */
export function installedVersion({ folder }: ClientPackage): string | undefined {
  const manifest = join(folder, "package.json");
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version : undefined;
}
