/** Owns the fetching of published packages without those that they depend on: one file each, checked against its pin whenever it is used. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packagesFolder } from "./catalog-paths";
import { ExtractionError } from "./extraction-error";

export interface PinnedPackage {
  readonly name: string;
  /** Exact. */
  readonly version: string;
  /** As registries have it: `sha512-…`. */
  readonly integrity: string;
}

/** What npm or tar said, without where npm keeps more of it. */
const complaint = (cause: unknown): string =>
  String((cause as { stderr?: unknown }).stderr ?? cause)
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^npm (?:warn|notice)|complete log of this run/.test(line))
    .slice(0, 2)
    .join("; ");

function run(program: "npm" | "tar", parameters: readonly string[], folder: string): string {
  const shell = program === "npm" && process.platform === "win32";
  return execFileSync(program, parameters, {
    ...{ cwd: folder, shell, encoding: "utf8", stdio: "pipe", maxBuffer: 64 * 1024 * 1024 },
  });
}

const digest = (file: string): string => `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;

/** @returns the archive, which is then in the folder */
type Fetch = (folder: string, pinned: PinnedPackage) => string;

const fetchByNpm: Fetch = (folder, { name, version }) => {
  try {
    const parameters = ["pack", `${name}@${version}`, "--ignore-scripts", "--loglevel=error"];
    return join(folder, run("npm", parameters, folder).trim().split("\n").at(-1) ?? "");
  } catch (cause) {
    throw new ExtractionError(`${name} ${version}`, `npm could not fetch it: ${complaint(cause)}`);
  }
};

/**
 * @param folder - of archives that were fetched before
 * @returns the package's archive
 * @throws ExtractionError when it cannot be fetched, or is not what was pinned
 */
export function packedPackage(pinned: PinnedPackage, folder = packagesFolder, fetch = fetchByNpm): string {
  const { name, version, integrity } = pinned;
  const archive = join(folder, `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`);
  if (existsSync(archive) && digest(archive) === integrity) return archive;
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, "fetch-"));
  try {
    const fetched = fetch(own, pinned);
    const found = digest(fetched);
    if (found !== integrity)
      throw new ExtractionError(`${name} ${version}`, `its digest is ${found}, but ${integrity} was pinned`);
    renameSync(fetched, archive);
    return archive;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/**
 * @param archive - of a package
 * @param wanted - paths in the package to unpack
 * @param folder - where to; it becomes the package's
 * @throws ExtractionError when the archive cannot be read
 */
export function unpack(archive: string, wanted: RegExp, folder: string): void {
  try {
    const top = "package/";
    const names = run("tar", ["-tzf", archive], folder)
      .split("\n")
      .filter((name) => name.startsWith(top) && wanted.test(name.slice(top.length)));
    if (names.length > 0) run("tar", ["-xzf", archive, "--strip-components=1", ...names], folder);
  } catch (cause) {
    throw new ExtractionError(archive, `tar could not unpack it: ${complaint(cause)}`);
  }
}

/** @returns the digest that the registry has for a version */
export function publishedIntegrity(name: string, version: string): string {
  try {
    return run("npm", ["view", `${name}@${version}`, "dist.integrity"], ".").trim();
  } catch (cause) {
    throw new ExtractionError(`${name} ${version}`, `npm could not tell its digest: ${complaint(cause)}`);
  }
}
