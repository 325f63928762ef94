/** Owns the file system as the product sees it, on node:fs. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { LinkedFiles, Replacement } from "../client/file-access";
import type { GuardedFiles, ReplaceableFiles } from "../types/files";

/** A link put at the path after it was checked must not lead out of the folder. */
const READ_NO_FOLLOW = constants.O_RDONLY | constants.O_NOFOLLOW;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const PIECE_BYTES = 256 * 1024;

export const nodeFiles: ReplaceableFiles & LinkedFiles & GuardedFiles = {
  read: (path) => readFileSync(path),
  exists: (path) => existsSync(path),
  list: (path) => readdirSync(path).sort(),
  permissions: (path) => (process.platform === "win32" ? 0o600 : statSync(path).mode & 0o1777),
  isOurs: (path) => {
    const self = process.getuid?.();
    const owners = [lstatSync(path).uid, statSync(path).uid];
    return self === undefined || owners.every((uid) => uid === self || uid === 0);
  },
  realPath: (path) => realpathSync(path),
  size: (path) => {
    const found = statSync(path);
    if (!found.isFile()) throw Object.assign(new Error("it is no file"), { code: "EISDIR" });
    return found.size;
  },
  readInPieces: async function* (path) {
    yield* createReadStream(path, { fd: openSync(path, READ_NO_FOLLOW), highWaterMark: PIECE_BYTES });
  },
  replace,
  exclusively,
  writeWhole: (path, content) => {
    mkdirSync(dirname(path), { recursive: true });
    const mode = existsSync(path) ? statSync(path).mode & 0o777 : 0o644;
    const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
    try {
      writeFileSync(unfinished, content, { mode, flag: "wx" });
      renameSync(unfinished, path);
    } catch (reason) {
      rmSync(unfinished, { force: true });
      throw reason;
    }
  },
};

/** Longer than any change takes: whoever made the lock is gone. */
const STALE_LOCK_MS = 30_000;

function exclusively<T>(path: string, run: () => T): T {
  mkdirSync(dirname(path), { recursive: true });
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const isStale = existsSync(lock) && Math.abs(Date.now() - statSync(lock).mtimeMs) > STALE_LOCK_MS;
  if (isStale) rmSync(lock, { force: true });
  closeSync(openSync(lock, NEW_FILE, 0o600));
  try {
    return run();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A rename within a folder is atomic, and replaces a link in place of following it. */
function replace(path: string): Replacement {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  const stream = createWriteStream(unfinished, {
    fd: openSync(unfinished, NEW_FILE, 0o600),
    highWaterMark: PIECE_BYTES,
  });
  return {
    stream,
    commit: () => renameSync(unfinished, path),
    discard: () => rmSync(unfinished, { force: true }),
  };
}
