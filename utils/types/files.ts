/** Owns the little of the file system that the product needs, as something that is handed in. */

export interface Files {
  /** @throws the file system's own error when it cannot be read */
  read(path: string): Buffer;
  exists(path: string): boolean;
  /** Names in a folder, sorted. */
  list(path: string): readonly string[];
}

/** Files that are replaced whole: a reader sees the old content or the new one, never a part. */
export interface ReplaceableFiles extends Files {
  /** The path with every link resolved. @throws the file system's error when there is no such file */
  realPath(path: string): string;
  /** Creates folders that are missing. @throws the file system's error */
  writeWhole(path: string, content: string): void;
  /**
   * Runs what reads a file, changes it and replaces it, while nobody else who asks does so, in any process.
   * @throws the file system's error, `EEXIST` while somebody else is at it
   */
  exclusively<T>(path: string, run: () => T): T;
}

/** Files that may hold a key: whose they are, and who else may use them, can be asked. */
export interface GuardedFiles extends Files {
  /**
   * @returns the permission bits of the file and the sticky one, of what a link leads to; `0o600` where the system has none
   * @throws the file system's own error
   */
  permissions(path: string): number;
  /**
   * @returns whether it, and what it leads to when it is a link, belongs to this process's user or to root; true where
   *   the system has no owners
   * @throws the file system's own error
   */
  isOurs(path: string): boolean;
}
