/** Owns where the catalog reads and writes. */
import { join, resolve } from "node:path";

export const projectFolder = resolve(__dirname, "../..");
export const catalogFolder = __dirname;
export const entitiesFolder = join(projectFolder, "entities");
export const methodPagesFolder = join(projectFolder, "docs", "methods");
export const clientPackagesFolder = join(catalogFolder, "node_modules", "@aws-sdk");
/** Archives of packages that are not installed. */
export const packagesFolder = join(projectFolder, ".cache", "packages");
export const pronghornFilePath = join(projectFolder, "pronghorn.json");
export const propertiesPagePath = join(projectFolder, "docs", "properties.md");
