/** Owns which files of the runtime dependencies travel in dist/: their code as Node loads it, and their licences. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectFolder } from "./catalog-paths";

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
}

/** Code for browsers, bundlers and compilers, and what is about the code: Node's `require` reaches none of it. */
const UNUSED_FOLDER =
  /(?:^|\/)(?:dist-es|dist-types|esm|esnext|browser|flash|tests?|benchmarks?|docs?|examples?|\.github)\//;
const UNUSED_FILE = /(?:\.(?:[cm]?ts|map|md|markdown|flow|tsbuildinfo)|\.min\.js|(?:^|\/)\.[^/]+)$/i;
const LEGAL = /(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i;

/** What adapter.d.ts speaks of, without the copy for old compilers. */
const TYPES = /^node_modules\/@smithy\/types\/dist-types\/(?!ts3\.4\/)/;

const isKept = (path: string): boolean =>
  LEGAL.test(path) || TYPES.test(path) || !(UNUSED_FOLDER.test(path) || UNUSED_FILE.test(path));

/** @throws Error where what is installed is not what the lock names */
function requireInstalled(folder: string, version: string): void {
  const manifest = join(projectFolder, folder, "package.json");
  const installed = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version
    : "not installed";
  if (installed !== version)
    throw new Error(`${folder} is ${installed}, package-lock.json says ${version}; run: npm ci`);
}

function filesOfPackage(folder: string): readonly string[] {
  const root = join(projectFolder, folder);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return (
    files
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      // A package inside a package has a line of its own in the lock.
      .filter((path) => !path.startsWith("node_modules/"))
      .map((path) => `${folder}/${path}`)
      .filter(isKept)
  );
}

/**
 * With these files the adapter directory runs where it is put, and its tarball installs without a registry.
 * @returns paths from the project folder, of every package that package-lock.json does not mark as development's
 * @throws Error where node_modules is not what the lock says
 */
export function bundledFiles(): readonly string[] {
  const lock = JSON.parse(readFileSync(join(projectFolder, "package-lock.json"), "utf8")) as Lock;
  return Object.entries(lock.packages)
    .filter(([folder, { dev }]) => folder !== "" && dev !== true)
    .flatMap(([folder, { version }]) => {
      requireInstalled(folder, version);
      return filesOfPackage(folder);
    });
}
