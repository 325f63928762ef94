/** Owns files that nobody else may read, on node:fs. */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type PrivateFiles, UNFINISHED_SUFFIX } from "../credentials/credential-store/private-files";

const OWNER_ONLY = 0o600;
/** Never a file that is there already, and never what a link points to. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** @returns what `work` answers, or `otherwise` when the file is not there */
async function unlessMissing<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}

async function write(path: string, content: Buffer): Promise<void> {
  const file = await open(path, CREATE, OWNER_ONLY);
  try {
    await file.writeFile(content);
    // The name must not survive a power failure that the content does not.
    await file.sync();
  } finally {
    await file.close();
  }
}

export const nodePrivateFiles: PrivateFiles = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  read: (path) => unlessMissing(readFile(path), undefined),
  replace: async (path, content, modifiedMs) => {
    const unfinished = `${path}.${randomBytes(8).toString("hex")}${UNFINISHED_SUFFIX}`;
    try {
      await write(unfinished, content);
      await utimes(unfinished, modifiedMs / 1000, modifiedMs / 1000);
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  },
  create: async (path, content) => {
    try {
      const file = await open(path, CREATE, OWNER_ONLY);
      try {
        await file.writeFile(content).finally(() => file.close());
      } catch (error) {
        // On a full disk there is a file all the same, and nobody would own it.
        await rm(path, { force: true });
        throw error;
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  },
  rename: (from, to) =>
    unlessMissing(
      rename(from, to).then(() => true),
      false,
    ),
  remove: (path) => rm(path, { force: true }),
  modifiedMs: async (path) => (await unlessMissing(stat(path), undefined))?.mtimeMs,
  touch: (path, modifiedMs) => unlessMissing(utimes(path, modifiedMs / 1000, modifiedMs / 1000), undefined),
  list: async (path) => {
    const names = await readdir(path);
    const found = await Promise.all(
      names.map(async (name) => ({
        name,
        modifiedMs: (await unlessMissing(stat(join(path, name)), undefined))?.mtimeMs,
      })),
    );
    return found.flatMap(({ name, modifiedMs }) => (modifiedMs === undefined ? [] : [{ name, modifiedMs }]));
  },
};
