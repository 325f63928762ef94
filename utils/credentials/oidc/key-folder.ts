/** Owns the reading of the folder of an issuer's signing keys: one file a key, closed to others, read anew each time. */
import { join } from "node:path";
import { AdapterError } from "../../errors/adapter-error";
import type { GuardedFiles } from "../../types/files";
import type { SecretKeeper } from "../secret-keeper";
import { type IssuerKey, parseIssuerKey, privateValues } from "./issuer-key";

export const KEY_FILE_SUFFIX = ".jwk.json";
/** Reading for everybody, writing for the group: what no key file may allow. Containers mount secrets for a group. */
const FORBIDDEN_BITS = 0o027;

/** A key and where it lies: its name is in the content, the file's own may be any. */
export interface KeyFile {
  readonly path: string;
  readonly key: IssuerKey;
}

/**
 * @param secrets - learns the private parts before anything can print them
 * @param words - what errors call the step
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` for a folder or file that cannot be read, that others can read, or that holds no key
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
  const names = attempt(() => files.list(folder), folder).filter((name) => name.endsWith(KEY_FILE_SUFFIX));
  return names.map((name) => {
    const path = join(folder, name);
    const mode = attempt(() => files.permissions(path), path);
    if ((mode & FORBIDDEN_BITS) !== 0) {
      throw failed(
        `others than its owner may use the key file ${path} (mode ${mode.toString(8).padStart(4, "0")})`,
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
