/** Owns the finding of the adapter's folder: code is bundled when it is published, so that a file's own place tells little. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** In a checkout and in what is published, beside entities/ and package.json. */
const MARK = "pronghorn.json";

/**
 * @param from - folder of the code that asks
 * @returns the nearest folder, going up, that is an adapter's; `from` where none is
 */
export function adapterFolderOf(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, MARK))) return folder;
    if (folder === dirname(folder)) return from;
  }
}
