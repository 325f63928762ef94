/** Owns the files of a local certificate authority, on node:fs: nobody but their owner may read the key. */
import { stat } from "node:fs/promises";
import { nodePrivateFiles } from "./node-private-files";

const OTHERS = 0o077;

export const nodeAuthorityFiles = {
  makeFolder: (path: string) => nodePrivateFiles.makeFolder(path),
  read: (path: string) => nodePrivateFiles.read(path),
  create: (path: string, content: Buffer) => nodePrivateFiles.create(path, content),
  remove: (path: string) => nodePrivateFiles.remove(path),
  /** Windows has no such bits: there the folder's own rights decide. */
  isExposed: async (path: string) => process.platform !== "win32" && ((await stat(path)).mode & OTHERS) !== 0,
};
