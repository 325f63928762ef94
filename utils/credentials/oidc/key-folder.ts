/** Owns the reading of the folder of an issuer's signing keys: one file a key, closed to others, read anew each time. */
import { join } from "node:path";
import { AdapterError } from "../../errors/adapter-error";
import type { GuardedFiles } from "../../types/files";
import type { SecretKeeper } from "../secret-keeper";
import { type IssuerKey, parseIssuerKey, privateValues } from "./issuer-key";

export const KEY_FILE_SUFFIX = ".jwk.json";
/** Reading for everybody, writing for the group: what no key file may allow. Containers mount secrets for a group. */
const FORBIDDEN_BITS = 0o027;
/** Whoever may write into the folder could put a key there that is not ours, and the issuer would publish it. */
const OTHERS_MAY_WRITE = 0o022;
/** Nobody removes or renames the files of others there, and files of others are refused: so Kubernetes mounts secrets. */
const STICKY = 0o1000;

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

/** A key and where it lies: its name is in the content, the file's own may be any. */
export interface KeyFile {
  readonly path: string;
  readonly key: IssuerKey;
}

/**
 * @param secrets - learns the private parts before anything can print them
 * @param words - what errors call the step
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` for a folder or file that cannot be read, that others can read,
 *   that somebody else owns, or that holds no key; for a folder that others can write into
 */
export function readKeyFiles(
  folder: string,
  files: GuardedFiles,
  secrets: Pick<SecretKeeper, "addSecret">,
  words: string,
): KeyFile[] {
  const failed = (reason: string, advice: string): AdapterError =>
    new AdapterError("CREDENTIAL_SOURCE_FAILED", { step: words, reason, advice }, { step: words });
  const attempt = <T>(read: () => T, path: string): T => {
    try {
      return read();
    } catch (error) {
      const code = String((error as { code?: unknown }).code);
      throw failed(
        code === "ENOENT" ? `${path} does not exist` : `${path} cannot be read (${code})`,
        "Check aws_web_identity.issuer.key_folder, and that the user of the platform process may read it; adapter-aws oidc keys rotate makes the first key.",
      );
    }
  };
  const checkOwner = (path: string, what: string): void => {
    if (attempt(() => files.isOurs(path), path)) return;
    throw failed(
      `${what} ${path} belongs to another user`,
      "Whoever owns it decides who can sign as the issuer: expected is one that the user of this process, or root, owns. Check aws_web_identity.issuer.key_folder, or --keys; run adapter-aws oidc as the user of the platform.",
    );
  };
  const folderMode = attempt(() => files.permissions(folder), folder);
  if ((folderMode & OTHERS_MAY_WRITE) !== 0 && (folderMode & STICKY) === 0) {
    throw failed(
      `others than its owner may write into the key folder ${folder} (mode ${octal(folderMode)})`,
      "Whoever writes a key there can sign as the issuer: expected in aws_web_identity.issuer.key_folder, or --keys, is a folder that only its owner writes into; set mode 0700, or 0750 for a group that reads. Check by adapter-aws oidc keys list that every key is yours.",
    );
  }
  checkOwner(folder, "the key folder");
  const names = attempt(() => files.list(folder), folder).filter((name) => name.endsWith(KEY_FILE_SUFFIX));
  return names.map((name) => {
    const path = join(folder, name);
    checkOwner(path, "the key file");
    const mode = attempt(() => files.permissions(path), path);
    if ((mode & FORBIDDEN_BITS) !== 0) {
      throw failed(
        `others than its owner may use the key file ${path} (mode ${octal(mode)})`,
        "Whoever reads the key can sign as the issuer: set mode 0600, or 0440 where a container mounts it for a group. If others could read it until now, rotate and retire the key.",
      );
    }
    const key = parseIssuerKey(attempt(() => files.read(path), path).toString("utf8"));
    if (key === undefined) {
      throw failed(`${path} holds no signing key`, "Remove the file, or make a key by adapter-aws oidc keys rotate.");
    }
    for (const value of privateValues(key)) secrets.addSecret(value);
    return { path, key };
  });
}
