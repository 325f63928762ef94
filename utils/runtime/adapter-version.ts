/** Owns the version of the adapter, as its package says it. */
import { join } from "node:path";
import type { Files } from "../types/files";

/** @param adapterFolder - holds package.json */
export function adapterVersion(adapterFolder: string, files: Files): string {
  const path = join(adapterFolder, "package.json");
  if (!files.exists(path)) return "0.0.0";
  return String((JSON.parse(files.read(path).toString("utf8")) as { version?: unknown }).version);
}
