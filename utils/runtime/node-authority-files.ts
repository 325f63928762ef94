/** Owns the files of a local certificate authority, on node:fs: nobody but their owner may read the key. */
import { stat } from "node:fs/promises";
import { nodePrivateFiles } from "./node-private-files";

const OTHERS = 0o077;

export const nodeAuthorityFiles = {
  makeFolder: (path: string): Promise<void> => nodePrivateFiles.makeFolder(path),
  read: (path: string): Promise<Buffer | undefined> => nodePrivateFiles.read(path),
  create: (path: string, content: Buffer): Promise<boolean> => nodePrivateFiles.create(path, content),
  remove: (path: string): Promise<void> => nodePrivateFiles.remove(path),
  /** Windows has no such bits: there the folder's own rights decide. */
  isExposed: async (path: string): Promise<boolean> =>
    process.platform !== "win32" && ((await stat(path)).mode & OTHERS) !== 0,
};
