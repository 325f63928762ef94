/** Owns the one door between a workflow's input and the platform's disk: files inside `file_access.root`, links resolved. */
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Writable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import { RepeatableStream } from "./repeatable-stream";

/** What is needed of the file system here; given at the composition root. */
export interface LinkedFiles {
  /** The path with every link resolved. @throws the file system's error when there is no such file */
  realPath(path: string): string;
  /** @throws the file system's error */
  read(path: string): Buffer;
  /** In bytes. @throws the file system's error, and for anything that is no plain file */
  size(path: string): number;
  /** Opens the file when the first piece is wanted; must refuse to follow a link at `path` itself (O_NOFOLLOW). */
  readInPieces(path: string): AsyncIterable<Uint8Array>;
  /** Opens a new file beside `path`, which takes its place once it is complete. */
  replace(path: string): Replacement;
}

/** A file that is being written and that nobody sees before it is complete. */
export interface Replacement {
  readonly stream: Writable;
  /** Takes the place of the file, or of a link, of that name. */
  commit(): void;
  discard(): void;
}

const noFiles = (): never => {
  throw new Error("no files");
};

/** Of a client that touches none. */
export const NO_FILES: LinkedFiles = {
  realPath: (path) => path,
  read: noFiles,
  size: noFiles,
  readInPieces: noFiles,
  replace: noFiles,
};

export class FileAccess {
  readonly #root: string | undefined;
  readonly #files: LinkedFiles;

  /** @param root - absolute folder; without it every file is refused */
  constructor(root: string | undefined, files: LinkedFiles) {
    this.#root = root === undefined || root === "" ? undefined : root;
    this.#files = files;
  }

  /**
   * @param path - absolute, or relative to the root
   * @param parameter - where the path stood, for the error
   * @throws AdapterError `FILE_REFUSED`
   */
  read(path: string, parameter: string): Buffer {
    const real = this.#inside(path, parameter);
    try {
      return this.#files.read(real);
    } catch (cause) {
      throw refused(parameter, path, reasonOf(cause), cause);
    }
  }

  /** @throws AdapterError `FILE_REFUSED`; later, while it is read, the file system's error */
  openForReading(path: string, parameter: string): RepeatableStream {
    const real = this.#inside(path, parameter);
    try {
      return new RepeatableStream(this.#files.size(real), () => this.#files.readInPieces(real));
    } catch (cause) {
      throw refused(parameter, path, reasonOf(cause), cause);
    }
  }

  /**
   * @returns the resolved path of a file that may be written; nothing is opened yet
   * @throws AdapterError `FILE_REFUSED`
   */
  resolveForWriting(path: string, parameter: string): string {
    const name = basename(path);
    // The folder must exist and be inside; the file itself may be new.
    const folder = this.#inside(dirname(path), parameter, path);
    if (name === "" || name === "." || name === "..") throw refused(parameter, path, "it names a folder");
    let file = join(folder, name);
    try {
      file = this.#files.realPath(file);
    } catch {
      // A new file, or a link to nowhere, which the writer does not follow.
    }
    if (!isInside(this.#realRoot(parameter, path), file)) throw refused(parameter, path, OUTSIDE);
    return file;
  }

  /** @throws AdapterError `FILE_REFUSED` */
  openForWriting(path: string, parameter: string): Replacement & { readonly file: string } {
    const file = this.resolveForWriting(path, parameter);
    try {
      return { file, ...this.#files.replace(file) };
    } catch (cause) {
      throw refused(parameter, path, reasonOf(cause), cause);
    }
  }

  #realRoot(parameter: string, shown: string): string {
    if (this.#root === undefined) throw refused(parameter, shown, "file_access.root is not set");
    try {
      return this.#files.realPath(this.#root);
    } catch (cause) {
      throw refused(parameter, shown, "the folder file_access.root does not exist", cause);
    }
  }

  #inside(path: string, parameter: string, shown = path): string {
    const root = this.#realRoot(parameter, shown);
    if (path.includes("\0")) throw refused(parameter, shown.replaceAll("\0", ""), OUTSIDE);
    let real: string;
    try {
      real = this.#files.realPath(isAbsolute(path) ? path : resolve(root, path));
    } catch {
      // Whether a file outside exists is nobody's business: both answers are the same.
      throw refused(parameter, shown, "there is no such file inside file_access.root");
    }
    if (!isInside(root, real)) throw refused(parameter, shown, "there is no such file inside file_access.root");
    return real;
  }
}

const OUTSIDE = "it is outside of file_access.root";

function isInside(root: string, real: string): boolean {
  const way = relative(root, real);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "it cannot be opened";

const refused = (parameter: string, found: string, reason: string, cause?: unknown): AdapterError =>
  new AdapterError("FILE_REFUSED", { parameter, found: JSON.stringify(found), reason }, { cause });
