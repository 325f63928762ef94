/** Owns the files that the user names for output: one that cannot be written is said before anything is asked of AWS. */
import { statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { AdapterError } from "../errors/adapter-error";

const refused = (parameter: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", {
    parameter,
    found,
    expected,
    documentation: "adapter-aws --help tells more.",
  });

/** What a path leads to. */
function kindOf(parameter: string, path: string): "folder" | "file" | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status && (status.isDirectory() ? "folder" : "file");
  } catch (reason) {
    const found = `${path}, which cannot be reached (${(reason as NodeJS.ErrnoException).code})`;
    throw refused(parameter, found, "a path of files and folders that are there");
  }
}

/** @throws AdapterError `INVALID_INPUT` that names the option, for a folder and for a file in no folder */
export function checkOutputFile(parameter: string, path: string): void {
  if (kindOf(parameter, path) === "folder")
    throw refused(parameter, `${path}, which is a folder`, "the name of a file");
  const parent = dirname(resolve(path));
  if (kindOf(parameter, parent) !== "folder")
    throw refused(parameter, `${path}, whose folder does not exist`, "a file in a folder");
}

/** @throws AdapterError `INVALID_INPUT` that names the option */
export function writeOutput(parameter: string, path: string, write: () => void): void {
  try {
    write();
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException;
    const found = `${path}, which cannot be written (${code ?? "unknown reason"})`;
    throw refused(parameter, found, "a place where the user of this process may write");
  }
}

/** @throws AdapterError `INVALID_INPUT` that names the option */
export const writeOutputFile = (parameter: string, path: string, text: string): void =>
  writeOutput(parameter, path, () => writeFileSync(path, text));

/** @throws AdapterError `INVALID_INPUT` that names the option, for anything that is no folder */
export function checkFolder(parameter: string, path: string, when: "exists" | "may be made"): void {
  const kind = kindOf(parameter, path);
  if (kind === "file") throw refused(parameter, `${path}, which is a file`, "a folder");
  if (kind === undefined && when === "exists") throw refused(parameter, `${path}, which does not exist`, "a folder");
}
