/** Owns the `credential_cache` block: how many sessions are kept, who shares them, and what stands behind the memory. */
import { AdapterError } from "../errors/adapter-error";
import { Secret } from "../types/secret";
import { foundText } from "./found-text";
import type { CredentialCacheSettings } from "./settings";

/** The block, complete with defaults. */
export interface CredentialCacheSection {
  readonly type: "memory" | "file";
  readonly name: string;
  readonly max_chains: number;
  readonly folder: string;
  readonly key: string | readonly string[];
}

const BLOCK = "credential_cache";
/** A key is stretched by HKDF only, so it must bring its own strength. */
const MIN_KEY_LENGTH = 32;

/** @throws AdapterError `INVALID_PROPERTIES` for files without a folder, without a key, or with one that can be guessed */
export function credentialCacheOf(section: CredentialCacheSection): CredentialCacheSettings {
  const cache = { ...(section.name === "" ? {} : { name: section.name }), maxChains: section.max_chains };
  if (section.type === "memory") return cache;
  if (section.folder === "") throw invalid("folder", "nothing", "a folder for the encrypted files, as type is file");
  const keys = [section.key].flat().filter((key) => key !== "");
  if (keys.length === 0)
    throw invalid("key", "nothing", "the secret that the files are encrypted with, as type is file");
  for (const key of keys) {
    if (key.length >= MIN_KEY_LENGTH) continue;
    throw invalid(
      "key",
      foundText(key, "secret"),
      `at least ${MIN_KEY_LENGTH} characters, for example the output of: openssl rand -base64 32`,
    );
  }
  return { ...cache, store: { type: "file", folder: section.folder, keys: keys.map((key) => new Secret(key)) } };
}

function invalid(name: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property: `${BLOCK}.${name}`, found, expected });
}
