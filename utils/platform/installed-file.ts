/** Owns the access to the adapter's own files: found inside its folder or refused, checked before they are written. */
import { isAbsolute, join, relative, sep } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import type { InstalledParts } from "./adapter-parts";

export const refusedFile = (parameter: string, found: string, reason: string): AdapterError =>
  new AdapterError(
    "FILE_REFUSED",
    { parameter, found: JSON.stringify(found), reason },
    { recommendation: "Name a file of the adapter: one in its folder, or in one of its entity folders." },
  );

/**
 * @param names - folders below the adapter's, and the file; none may be a path itself
 * @returns the path; it, or the folder it will be made in, is inside the adapter's folder, links resolved
 * @throws AdapterError `FILE_REFUSED`
 */
export function installedPath(
  { folder, files }: InstalledParts,
  parameter: string,
  ...names: readonly string[]
): string {
  const shown = names.join("/");
  if (names.some((name) => !/^[\w.-]+$/.test(name) || /^\.+$/.test(name))) {
    throw refusedFile(parameter, shown, "it is not the name of a file");
  }
  const root = files.realPath(folder);
  let path = folder;
  for (const name of names) {
    path = join(path, name);
    if (!files.exists(path)) continue;
    const way = relative(root, files.realPath(path));
    if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) {
      throw refusedFile(parameter, shown, "it is outside of the adapter's folder");
    }
  }
  return path;
}

/** @throws AdapterError `FILE_REFUSED` when it is no JSON object */
export function readInstalled(parts: InstalledParts, path: string, parameter: string): Record<string, unknown> {
  try {
    return JSON.parse(parts.files.read(path).toString("utf8")) as Record<string, unknown>;
  } catch {
    throw refusedFile(parameter, relative(parts.folder, path), "it cannot be read as JSON");
  }
}

/**
 * Reads, changes and replaces a file, while no other process that shares the folder does.
 * @throws AdapterError `FILE_REFUSED` when somebody else is at it, or the file system does not let it be written
 */
export function changeInstalled(
  parts: InstalledParts,
  path: string,
  parameter: string,
  change: () => string | undefined,
): void {
  const refused = (reason: string): AdapterError => refusedFile(parameter, relative(parts.folder, path), reason);
  let content: string | undefined;
  try {
    parts.files.exclusively(path, () => {
      content = change();
      if (content !== undefined) parts.files.writeWhole(path, content);
    });
  } catch (cause) {
    if (cause instanceof AdapterError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw refused(code === "EEXIST" ? "somebody else is changing it: try again" : (code ?? message));
  }
}
