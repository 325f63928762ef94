/** Owns the way from a credential scope's service to the entity folder that describes it. */
import type { ModelCatalog } from "../models/model-catalog";
import type { ServiceModel } from "../models/service-model";
import { lazy } from "../types/lazy";

/** Several services may sign under one name; the one that has it as its own goes first. */
export class ServiceModels {
  readonly #catalog: ModelCatalog;
  readonly #folders = lazy(() => this.#readAll());

  constructor(catalog: ModelCatalog) {
    this.#catalog = catalog;
  }

  /** @returns undefined for a service without an entity folder */
  ofSigningName(name: string): ServiceModel | undefined {
    const folder = this.#catalog.services().includes(name) ? name : this.#folders().get(name);
    if (folder === undefined) return undefined;
    const { model } = this.#catalog.service(folder);
    return model.signingName === name ? model : undefined;
  }

  #readAll(): ReadonlyMap<string, string> {
    const folders = new Map<string, string>();
    for (const folder of this.#catalog.services()) {
      const { signingName } = this.#catalog.service(folder).model;
      if (!folders.has(signingName)) folders.set(signingName, folder);
    }
    return folders;
  }
}
