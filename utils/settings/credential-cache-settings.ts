/** Owns the `credential_cache` block: how many sessions are kept, who shares them, and what stands behind the memory. */
import { AdapterError } from "../errors/adapter-error";
import { Secret } from "../types/secret";
import { foundText } from "./found-text";
import { type RedisSection, redisSettingsOf } from "./redis-store-settings";
import type { CredentialCacheSettings } from "./settings";

/** The block, complete with defaults. */
export interface CredentialCacheSection extends RedisSection {
  readonly type: "memory" | "file" | "redis";
  readonly name: string;
  readonly max_chains: number;
  readonly folder: string;
  readonly key: string | readonly string[];
}

const BLOCK = "credential_cache";
/** A key is stretched by HKDF only, so it must bring its own strength. */
const MIN_KEY_LENGTH = 32;
/** The least of different characters that a random key of that length has, whatever it is written in. */
const MIN_KEY_VARIETY = 8;
const NAMESPACE = /^[\w.-]{1,64}$/;

/** @throws AdapterError `INVALID_PROPERTIES` for a store without a place, without a key, or with one that can be guessed */
export function credentialCacheOf(section: CredentialCacheSection): CredentialCacheSettings {
  const cache = { ...(section.name === "" ? {} : { name: section.name }), maxChains: section.max_chains };
  if (section.type === "memory") return cache;
  if (section.type === "file") {
    if (section.folder === "") throw invalid("folder", "nothing", "a folder for the encrypted files, as type is file");
    return { ...cache, store: { type: "file", folder: section.folder, keys: keysOf(section) } };
  }
  const { namespace } = section;
  if (!NAMESPACE.test(namespace)) {
    throw invalid("namespace", foundText(namespace), "1 to 64 letters, digits, dots, hyphens and underscores");
  }
  return { ...cache, store: { type: "redis", redis: redisSettingsOf(section), namespace, keys: keysOf(section) } };
}

function keysOf({ type, key: given }: CredentialCacheSection): Secret[] {
  const keys = [given].flat().filter((key) => key !== "");
  if (keys.length === 0)
    throw invalid("key", "nothing", `the secret that sessions are encrypted with, as type is ${type}`);
  for (const key of keys) {
    if (key.length >= MIN_KEY_LENGTH && new Set(key).size >= MIN_KEY_VARIETY) continue;
    const found = key.length < MIN_KEY_LENGTH ? foundText(key, "secret") : "a secret of few different characters";
    const expected = `at least ${MIN_KEY_LENGTH} characters, for example the output of: openssl rand -base64 32`;
    throw invalid("key", found, expected);
  }
  // The same key twice is one: whoever writes with the first removes what is kept under the others.
  return [...new Set(keys)].map((key) => new Secret(key));
}

function invalid(name: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property: `${BLOCK}.${name}`, found, expected });
}
