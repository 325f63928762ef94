/** Owns the credential store in files: one encrypted file an identity, shared by the processes of a machine and by later runs. */
import { join } from "node:path";
import type { FileStoreSettings } from "../../settings/settings";
import type { Clock } from "../../types/clock";
import type { AwsCredentialIdentity } from "../../types/identity";
import { type CredentialStore, isSameIdentity, WAIT_SHARE } from "./credential-store";
import { lockFile } from "./file-lock";
import { type PrivateFiles, UNFINISHED_SUFFIX } from "./private-files";
import { IdentitySeal } from "./sealed-identity";

const SUFFIX = ".credentials";
const LOCK_SUFFIX = ".lock";
const IV_LENGTH = 12;
const OWNER_LENGTH = 12;
const SWEEP_EVERY_MS = 3_600_000;
/** Whatever writes or locks has long ended by then. */
const LEFT_BEHIND_MS = 600_000;

export interface FileStoreDependencies {
  readonly files: PrivateFiles;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  /** Of a cryptographic generator. */
  readonly randomBytes: (size: number) => Buffer;
  /** Hears that the folder cannot be used, once until it can be again. */
  readonly warn: (message: string) => void;
}

/** @param settings - folder, and keys of which the first writes and all read */
export function fileStore(settings: FileStoreSettings, dependencies: FileStoreDependencies): CredentialStore {
  const { folder } = settings;
  const { files, clock, random, randomBytes, warn } = dependencies;
  const seals = settings.keys.map((key) => new IdentitySeal(key));
  const [first] = seals as [IdentitySeal, ...IdentitySeal[]];
  let state: "usable" | "unusable" = "usable";
  let sweptMs = Number.NEGATIVE_INFINITY;

  const path = (seal: IdentitySeal, key: string, suffix = SUFFIX): string => join(folder, seal.name(key) + suffix);
  const attempt = async <T>(access: "read" | "write", work: () => Promise<T>): Promise<T | undefined> => {
    try {
      const result = await work();
      if (access === "write") state = "usable";
      return result;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      if (state === "usable")
        warn(`credential_cache.folder ${folder} cannot be used (${reason}); sessions are kept in memory only`);
      state = "unusable";
      return undefined;
    }
  };

  const find = async (key: string): Promise<AwsCredentialIdentity | undefined> => {
    for (const seal of seals) {
      const content = await files.read(path(seal, key));
      const identity = content === undefined ? undefined : seal.open(key, content);
      if (identity !== undefined) return identity;
    }
    return undefined;
  };

  /** A file's time is the end of what is in it, so that age alone tells what is over. */
  const sweep = async (): Promise<void> => {
    const now = clock.now();
    if (now - sweptMs < SWEEP_EVERY_MS) return;
    sweptMs = now;
    for (const { name, modifiedMs } of await files.list(folder)) {
      const isOver = name.endsWith(SUFFIX)
        ? modifiedMs < now
        : (name.endsWith(UNFINISHED_SUFFIX) || name.includes(LOCK_SUFFIX)) && modifiedMs < now - LEFT_BEHIND_MS;
      if (isOver) await files.remove(join(folder, name));
    }
  };

  return {
    get: (key) => attempt("read", () => find(key)),
    set: async (key, identity, expiresMs) => {
      await attempt("write", async () => {
        await files.makeFolder(folder);
        await files.replace(path(first, key), first.seal(key, identity, randomBytes(IV_LENGTH)), expiresMs);
        for (const seal of seals.slice(1)) await files.remove(path(seal, key));
        await sweep();
      });
    },
    remove: async (key, identity) => {
      await attempt("write", async () => {
        const found = await find(key);
        if (found === undefined || !isSameIdentity(found, identity)) return;
        for (const seal of seals) await files.remove(path(seal, key));
      });
    },
    lock: async (key, signal, { timeoutMs = Number.POSITIVE_INFINITY } = {}) => {
      const owner = (): string => randomBytes(OWNER_LENGTH).toString("base64url");
      const untilMs = clock.monotonic() + timeoutMs * WAIT_SHARE;
      // While the key is being changed, some write with the old one: all take all locks that they know, in the same order.
      const paths = seals.map((seal) => path(seal, key, LOCK_SUFFIX)).sort();
      const held: (() => Promise<void>)[] = [];
      const end = async (): Promise<void> => {
        for (const release of held.splice(0)) await attempt("write", release);
      };
      await attempt("write", async () => {
        await files.makeFolder(folder);
        for (const lock of paths) {
          const release = await lockFile(lock, { files, clock, random, owner }, signal, untilMs).catch(
            (error: unknown) => {
              if (signal?.aborted === true) return undefined;
              throw error;
            },
          );
          if (release === undefined) return;
          held.push(release);
        }
      });
      if (signal?.aborted === true) await end();
      signal?.throwIfAborted();
      return end;
    },
  };
}
