/** Owns palette.json: the services whose operations are methods, and not only reached by awsRequest. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogFolder } from "./catalog-paths";
import { catalogServices } from "./catalog-services";
import { ExtractionError } from "./extraction-error";

const palettePath = join(catalogFolder, "palette.json");

interface PaletteFile {
  readonly description: string;
  readonly services: readonly string[];
}

const readFile = (): PaletteFile => JSON.parse(readFileSync(palettePath, "utf8")) as PaletteFile;

/** The services whose operations are methods. */
export function palette(): ReadonlySet<string> {
  return new Set(readFile().services);
}

/**
 * Writes palette.json anew; nothing else is regenerated.
 * @param service - of entities/
 * @returns what takes the change back
 * @throws ExtractionError when there is no such service
 */
export function changePalette(service: string, change: "enable" | "disable"): () => void {
  const known = catalogServices().map((entry) => entry.service);
  if (!known.includes(service)) {
    throw new ExtractionError(service, `entities/ has no such service; there are ${known.join(", ")}`);
  }
  const before = readFileSync(palettePath);
  const { description, services } = readFile();
  const others = services.filter((name) => name !== service);
  const changed = { description, services: (change === "enable" ? [...others, service] : others).sort() };
  writeFileSync(palettePath, `${JSON.stringify(changed, null, 2)}\n`);
  return () => writeFileSync(palettePath, before);
}
