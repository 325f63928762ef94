/** Owns which client packages the catalog has, and their installation by npm. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogFolder, clientPackagesFolder } from "./catalog-paths";
import { ExtractionError } from "./extraction-error";

const PREFIX = "@aws-sdk/client-";
const MANIFESTS = ["package.json", "package-lock.json"].map((name) => join(catalogFolder, name));

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

function installedVersion({ folder }: ClientPackage): string | undefined {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

function npm(...parameters: readonly string[]): void {
  const options = { cwd: catalogFolder, shell: process.platform === "win32", encoding: "utf8", stdio: "pipe" } as const;
  execFileSync("npm", [...parameters, "--no-audit", "--no-fund", "--ignore-scripts"], options);
}

/** Installs the packages in the versions of the lock file, unless they are there. */
export function ensureInstalled(): void {
  if (clientPackages().every((entry) => installedVersion(entry) === entry.version)) return;
  console.error("Installing the client packages of utils/catalog …");
  npm("ci");
}

/**
 * Adds the newest version of a service's client package to the catalog, exactly, and installs it.
 * @param service - the package's name without `@aws-sdk/client-`
 * @returns what takes it back, with every version as before
 * @throws ExtractionError when there is no such package
 */
export function addClientPackage(service: string): () => void {
  const name = `${PREFIX}${service}`;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(service)) throw new ExtractionError(name, "this is no name of a client package");
  ensureInstalled();
  const before = MANIFESTS.map((path) => readFileSync(path));
  const takeBack = (): void => {
    MANIFESTS.forEach((path, index) => {
      writeFileSync(path, before[index] as Buffer);
    });
    npm("ci");
  };
  try {
    npm("install", "--save-exact", `${name}@latest`);
  } catch (cause) {
    MANIFESTS.forEach((path, index) => {
      writeFileSync(path, before[index] as Buffer);
    });
    const output = String((cause as { stderr?: unknown }).stderr ?? cause);
    if (/\bE404\b/.test(output)) {
      throw new ExtractionError(
        name,
        "npm knows no such package; the name is the one after https://www.npmjs.com/package/@aws-sdk/client-",
      );
    }
    throw new ExtractionError(name, `npm could not install it: ${output.trim().split("\n").at(-1) ?? ""}`);
  }
  return takeBack;
}
