/** Owns the reading of one service's entity folder, and the error that names the file when it cannot be read. */
import { join } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import type { Files } from "../types/files";

export class EntityFolder {
  /** The folder's name, which is the client package's: `route-53`. */
  readonly service: string;
  readonly #folder: string;
  readonly #files: Files;

  /**
   * @param folder - `entities/<service>`
   * @param service - its name
   */
  constructor(folder: string, service: string, files: Files) {
    this.service = service;
    this.#folder = folder;
    this.#files = files;
  }

  /**
   * @param file - its name in the folder
   * @param parse - what to make of its bytes, which are ASCII
   * @throws AdapterError `MODEL_UNREADABLE` when it is missing or `parse` throws
   */
  read<T>(file: string, parse: (bytes: Buffer) => T): T {
    try {
      return parse(this.#files.read(join(this.#folder, file)));
    } catch (cause) {
      const reason = `${file}: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new AdapterError("MODEL_UNREADABLE", { service: this.service, reason }, { cause });
    }
  }
}
