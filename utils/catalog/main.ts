/** Owns the catalog's command line: builds the generated files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generate } from "./generate";

for (const [path, text] of generate().files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
