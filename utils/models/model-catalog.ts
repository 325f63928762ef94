/** Owns the services that entities/ describes: which there are, and the opened folder of each. */
import { join } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import type { Files } from "../types/files";
import { lazy } from "../types/lazy";
import { EntityFolder } from "./entity-folder";
import { suggestion } from "./nearest-name";
import { ServiceOperations } from "./service-operations";

export class ModelCatalog {
  readonly #folder: string;
  readonly #files: Files;
  readonly #opened = new Map<string, ServiceOperations>();
  readonly #services: () => readonly string[];

  /**
   * @param entitiesFolder - holds one folder a service
   * @param files - how they are read
   */
  constructor(entitiesFolder: string, files: Files) {
    this.#folder = entitiesFolder;
    this.#files = files;
    this.#services = lazy(() =>
      files.list(entitiesFolder).filter((name) => files.exists(join(entitiesFolder, name, "action.json"))),
    );
  }

  /** Names of the entity folders, sorted. */
  services(): readonly string[] {
    return this.#services();
  }

  /**
   * @param name - of the entity folder: `ec2`, `route-53`
   * @throws AdapterError `UNKNOWN_SERVICE`, with the nearest name, or `MODEL_UNREADABLE`
   */
  service(name: string): ServiceOperations {
    let operations = this.#opened.get(name);
    if (operations === undefined) {
      // The name becomes part of a path: nothing but a folder that is listed may pass.
      if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !this.#files.exists(join(this.#folder, name, "action.json"))) {
        throw new AdapterError("UNKNOWN_SERVICE", { found: name, suggestion: suggestion(name, this.services()) });
      }
      operations = new ServiceOperations(new EntityFolder(join(this.#folder, name), name, this.#files));
      this.#opened.set(name, operations);
    }
    return operations;
  }
}
