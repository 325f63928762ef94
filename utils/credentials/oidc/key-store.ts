/** Owns what becomes of an issuer's keys: made, listed, retired. */
import { join } from "node:path";
import { AdapterError } from "../../errors/adapter-error";
import type { Clock } from "../../types/clock";
import type { GuardedFiles } from "../../types/files";
import type { PrivateFiles } from "../credential-store/private-files";
import { type IssuerAlgorithm, type IssuerKey, signingKey } from "./issuer-key";
import { KEY_FILE_SUFFIX, type KeyFile, readKeyFiles } from "./key-folder";
import { makeIssuerKey } from "./make-key";

/** Until then the new documents are published, and whoever remembers the old ones has asked again. */
const DEFAULT_DELAY_SECONDS = 3600;

export interface KeyStoreDependencies {
  readonly files: GuardedFiles;
  readonly privateFiles: Pick<PrivateFiles, "makeFolder" | "create" | "remove">;
  readonly clock: Pick<Clock, "now">;
}

/** What may be told of a key. */
export interface ListedKey {
  readonly kid: string;
  readonly alg: IssuerAlgorithm;
  readonly madeAt: string;
  readonly signsFrom: string;
  /** `published`: it signs no more, and what it signed is still accepted. */
  readonly state: "signs" | "published" | "waits";
}

export class KeyStore {
  readonly #folder: string;
  readonly #dependencies: KeyStoreDependencies;

  /** @param folder - its path; made with the first key */
  constructor(folder: string, dependencies: KeyStoreDependencies) {
    this.#folder = folder;
    this.#dependencies = dependencies;
  }

  /** @throws AdapterError `CREDENTIAL_SOURCE_FAILED` for what cannot be read or is open to others */
  keys(): IssuerKey[] {
    return this.#files().map(({ key }) => key);
  }

  /** Newest first. */
  list(): ListedKey[] {
    const nowMs = this.#dependencies.clock.now();
    const keys = this.keys().sort((one, other) => other.nbf - one.nbf || other.iat - one.iat);
    const signing = signingKey(keys, nowMs)?.kid;
    const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
    return keys.map(({ kid, alg, iat, nbf }) => ({
      kid,
      alg,
      madeAt: time(iat),
      signsFrom: time(nbf),
      state: kid === signing ? "signs" : nbf * 1000 > nowMs ? "waits" : "published",
    }));
  }

  /**
   * Makes a key, closed to everybody but its owner.
   * @param delaySeconds - until it signs; at once for the first key and an hour for others, unless it is given
   * @returns its name
   */
  async rotate(alg: IssuerAlgorithm, delaySeconds?: number): Promise<string> {
    const { privateFiles, clock } = this.#dependencies;
    const isFirst = this.keys().length === 0;
    const nowMs = clock.now();
    const key = await makeIssuerKey(alg, nowMs, nowMs + (delaySeconds ?? (isFirst ? 0 : DEFAULT_DELAY_SECONDS)) * 1000);
    await privateFiles.makeFolder(this.#folder);
    if (!(await privateFiles.create(this.#path(key.kid), Buffer.from(`${JSON.stringify(key, null, 2)}\n`)))) {
      throw new Error(`there is a key ${key.kid} already`);
    }
    return key.kid;
  }

  /**
   * Deletes a key: once the documents are published anew, nothing that it signed is accepted.
   * @throws AdapterError `INVALID_INPUT` for a name that no key has, and for the only key that can sign
   */
  async retire(kid: string): Promise<void> {
    const found = this.#files();
    const keys = found.map(({ key }) => key);
    const rest = keys.filter((key) => key.kid !== kid);
    const refused = (given: string, expected: string): AdapterError =>
      new AdapterError("INVALID_INPUT", {
        parameter: "kid",
        found: given,
        expected,
        documentation: "adapter-aws oidc --help tells more.",
      });
    if (rest.length === keys.length) throw refused(JSON.stringify(kid), "the kid of a key that keys list shows");
    const nowMs = this.#dependencies.clock.now();
    if (signingKey(rest, nowMs) === undefined && signingKey(keys, nowMs) !== undefined) {
      throw refused(`${kid}, the only key that signs`, "another one; rotate first, and wait until the new key signs");
    }
    for (const { path, key } of found) {
      if (key.kid === kid) await this.#dependencies.privateFiles.remove(path);
    }
  }

  #files(): KeyFile[] {
    const { files } = this.#dependencies;
    return files.exists(this.#folder)
      ? readKeyFiles(this.#folder, files, { addSecret: () => undefined }, "issuer keys")
      : [];
  }

  #path(kid: string): string {
    return join(this.#folder, `${kid}${KEY_FILE_SUFFIX}`);
  }
}
