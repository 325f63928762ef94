/** Owns the little of the file system that the product needs, as something that is handed in. */

export interface Files {
  /** @throws the file system's own error when it cannot be read */
  read(path: string): Buffer;
  exists(path: string): boolean;
  /** Names in a folder, sorted. */
  list(path: string): readonly string[];
}
