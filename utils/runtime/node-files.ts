/** Owns the file system as the product sees it, on node:fs. */
import {
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import type { LinkedFiles } from "../client/file-access";
import type { Files } from "../types/files";

/** A link put at the path after it was checked must not lead out of the folder. */
const REPLACE_NO_FOLLOW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

export const nodeFiles: Files & LinkedFiles = {
  read: (path) => readFileSync(path),
  exists: (path) => existsSync(path),
  list: (path) => readdirSync(path).sort(),
  realPath: (path) => realpathSync(path),
  stream: (path) => createReadStream(path),
  write: (path) => createWriteStream(path, { fd: openSync(path, REPLACE_NO_FOLLOW, 0o600) }),
};
