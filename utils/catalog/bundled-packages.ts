/** Owns which files of the runtime dependencies travel in dist/: their code as Node loads it, and their licences. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectFolder } from "./catalog-paths";

/** What npm writes into node_modules about what it installed there. */
interface Installed {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(projectFolder, path), "utf8")) as T;

/** Code for browsers, bundlers and compilers, and what is about the code: Node's `require` reaches none of it. */
const UNUSED_FOLDER =
  /(?:^|\/)(?:dist-es|dist-types|esm|esnext|browser|flash|tests?|benchmarks?|docs?|examples?|\.github)\//;
const UNUSED_FILE = /(?:\.(?:[cm]?ts|map|md|markdown|flow|tsbuildinfo)|\.min\.js|(?:^|\/)\.[^/]+)$/i;
const LEGAL = /(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i;

/** What adapter.d.ts speaks of, without the copies for old compilers. */
const TYPES = /^node_modules\/(?:@smithy\/types\/dist-types\/(?!ts3\.4\/)|@opentelemetry\/api\/build\/src\/.*\.d\.ts$)/;

const isKept = (path: string): boolean =>
  LEGAL.test(path) || TYPES.test(path) || !(UNUSED_FOLDER.test(path) || UNUSED_FILE.test(path));

/** @throws Error where a dependency is not installed in its version */
function installedPackages(): Installed["packages"] {
  const { packages } = readJson<Installed>("node_modules/.package-lock.json");
  const { dependencies } = readJson<{ dependencies: Readonly<Record<string, string>> }>("package.json");
  for (const [name, version] of Object.entries(dependencies)) {
    const installed = packages[`node_modules/${name}`]?.version ?? "not installed";
    if (installed !== version) throw new Error(`${name} is ${installed}, package.json says ${version}; run: npm ci`);
  }
  return packages;
}

function filesOfPackage(folder: string): readonly string[] {
  const root = join(projectFolder, folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return (
    files
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      // A package inside a package is listed by itself.
      .filter((path) => !path.startsWith("node_modules/"))
      .map((path) => `${folder}/${path}`)
      .filter(isKept)
  );
}

/**
 * With these files the adapter directory runs where it is put, and its tarball installs without a registry.
 * @returns paths from the project folder, of every installed package that is not development's alone
 * @throws Error where node_modules is not what package.json says
 */
export function bundledFiles(): readonly string[] {
  return Object.entries(installedPackages())
    .filter(([, { dev }]) => dev !== true)
    .flatMap(([folder]) => filesOfPackage(folder));
}
