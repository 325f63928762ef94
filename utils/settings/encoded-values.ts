/** Owns the values of a service instance that are not written in the clear: `{code}` is base64, `{crypt}` is encrypted. */
import { createCipheriv, createDecipheriv, createHash, scryptSync } from "node:crypto";
import { AdapterError } from "../errors/adapter-error";
import type { Environment } from "../types/environment";

const CODE = "{code}";
const CRYPT = "{crypt}";
/** Where the passphrase is taken from; without it the adapter's id is one, which hides a value and protects nothing. */
export const PASSPHRASE_VARIABLE = "ADAPTER_AWS_PROPERTY_KEY";
/** How older adapters' values begin once base64 is off: the form of `openssl enc`. */
const SALTED = Buffer.from("Salted__");
const OURS = Buffer.from("AG1:");
const DEPTH_LIMIT = 16;

const passphraseOf = (id: string, environment: Environment): string => environment[PASSPHRASE_VARIABLE] || id;

/** Under which passphrase a value is encrypted, and of what its salt and its nonce are made. */
export interface EncodingParts {
  /** Of the adapter. */
  readonly id: string;
  readonly environment: Environment;
  readonly randomBytes: (size: number) => Buffer;
}

/** AES-256-GCM under a key that scrypt makes of the passphrase and a salt of its own. */
function encrypt(text: string, { id, environment, randomBytes }: EncodingParts): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphraseOf(id, environment), salt, 32), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([OURS, salt, nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

function decrypt(value: string, id: string, passphrase: string): string {
  const bytes = Buffer.from(value, "base64");
  // Older adapters know no passphrase but their id.
  if (bytes.subarray(0, SALTED.length).equals(SALTED)) return decryptSalted(bytes, id);
  if (!bytes.subarray(0, OURS.length).equals(OURS)) throw new Error("no encrypted value");
  const at = OURS.length;
  const key = scryptSync(passphrase, bytes.subarray(at, at + 16), 32);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(at + 16, at + 28));
  decipher.setAuthTag(bytes.subarray(at + 28, at + 44));
  return Buffer.concat([decipher.update(bytes.subarray(at + 44)), decipher.final()]).toString("utf8");
}

/** Key and vector are made by MD5 rounds: what an older adapter has encrypted must stay readable. */
function decryptSalted(bytes: Buffer, passphrase: string): string {
  const salt = bytes.subarray(8, 16);
  let digest = Buffer.alloc(0);
  let made = Buffer.alloc(0);
  while (made.length < 48) {
    digest = createHash("md5").update(digest).update(passphrase, "utf8").update(salt).digest();
    made = Buffer.concat([made, digest]);
  }
  const decipher = createDecipheriv("aes-256-cbc", made.subarray(0, 32), made.subarray(32, 48));
  const text = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  // Nothing authenticates such a value: what another id made is found out, at the latest, by not being text.
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}

/**
 * @param technique - `encode` or `encrypt`, in any case
 * @returns the value as it may stand in a service instance
 * @throws AdapterError `INVALID_INPUT`
 */
export function encodedValue(value: string, technique: string, parts: EncodingParts): string {
  const how = technique.toLowerCase();
  if (how === "encode") return CODE + Buffer.from(value, "utf8").toString("base64");
  if (how === "encrypt") return CRYPT + encrypt(value, parts);
  throw new AdapterError("INVALID_INPUT", {
    parameter: "technique",
    found: JSON.stringify(technique),
    expected: "encode or encrypt",
    documentation: "encode is base64, encrypt is AES-256-GCM.",
  });
}

/**
 * @param properties - of a service instance; not changed
 * @returns the same with every `{code}` and `{crypt}` value in the clear
 * @throws AdapterError `INVALID_PROPERTIES` naming the property that cannot be decrypted
 */
export function decodedProperties(
  properties: unknown,
  id: string,
  environment: Environment,
  path = "",
  depth = 0,
): unknown {
  if (typeof properties === "string") {
    if (properties.startsWith(CODE)) return Buffer.from(properties.slice(CODE.length), "base64").toString("utf8");
    if (!properties.startsWith(CRYPT)) return properties;
    try {
      return decrypt(properties.slice(CRYPT.length), id, passphraseOf(id, environment));
    } catch {
      throw new AdapterError("INVALID_PROPERTIES", {
        property: path,
        found: "a {crypt} value that cannot be decrypted",
        expected: `a value that encryptProperty made under the same ${PASSPHRASE_VARIABLE} (without it, adapter id)`,
      });
    }
  }
  if (typeof properties !== "object" || properties === null || depth > DEPTH_LIMIT) return properties;
  const decode = (value: unknown, name: string | number) =>
    decodedProperties(value, id, environment, path === "" ? String(name) : `${path}.${name}`, depth + 1);
  if (Array.isArray(properties)) return properties.map(decode);
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, decode(value, name)]));
}
