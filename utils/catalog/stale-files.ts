/** Owns the comparison of the generated files with what they should be. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { entitiesFolder, methodPagesFolder, projectFolder } from "./catalog-paths";
import type { Generated } from "./generate";

export interface Difference {
  /** From the project folder. */
  readonly path: string;
  readonly reason: "is missing" | "is stale" | "belongs to no client package";
}

function presentFiles(): readonly string[] {
  return [entitiesFolder, methodPagesFolder].filter(existsSync).flatMap((folder) => {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  });
}

/** @returns every generated file that is not, byte for byte, what it should be; sorted by path */
export function differences({ files }: Generated): readonly Difference[] {
  const found: Difference[] = [];
  const note = (path: string, reason: Difference["reason"]): void => {
    found.push({ path: relative(projectFolder, path), reason });
  };
  for (const [path, text] of files) {
    if (!existsSync(path)) note(path, "is missing");
    else if (readFileSync(path, "utf8") !== text) note(path, "is stale");
  }
  for (const path of presentFiles()) if (!files.has(path)) note(path, "belongs to no client package");
  return found.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Makes every generated file what it should be. @returns what was different */
export function writeGenerated(generated: Generated): readonly Difference[] {
  const found = differences(generated);
  for (const { path } of found) {
    const target = join(projectFolder, path);
    const text = generated.files.get(target);
    if (text === undefined) {
      rmSync(target);
    } else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
  return found;
}
