/** Owns what the file store needs of the file system: files of one owner, replaced in one step. */

export interface ListedFile {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
}

/** Given at the composition root. Every method throws the file system's own error unless it says otherwise. */
export interface PrivateFiles {
  /** Makes the folder and those above it, mode 0700, where they are missing. */
  makeFolder(path: string): Promise<void>;
  /** @returns `undefined` for a file that is not there */
  read(path: string): Promise<Buffer | undefined>;
  /**
   * Puts `content` in place of whatever is at `path`, mode 0600, in one step: a reader and a crash see the old content
   * or the new, never a part.
   * @param modifiedMs - becomes the file's time
   */
  replace(path: string, content: Buffer, modifiedMs: number): Promise<void>;
  /** Makes a new file, mode 0600. @returns false when there is one already */
  create(path: string, content: Buffer): Promise<boolean>;
  /** @returns false when there is nothing at `from` any more */
  rename(from: string, to: string): Promise<boolean>;
  /** A file that is not there is fine. */
  remove(path: string): Promise<void>;
  /** @returns epoch milliseconds, `undefined` for a file that is not there */
  modifiedMs(path: string): Promise<number | undefined>;
  /** Sets the file's time; a file that is not there is fine. */
  touch(path: string, modifiedMs: number): Promise<void>;
  list(path: string): Promise<readonly ListedFile[]>;
}

/** Ending of files that are being written, and are nothing yet. */
export const UNFINISHED_SUFFIX = ".tmp";
