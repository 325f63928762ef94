/** Owns how an identity is written into a file or into Redis: AES-256-GCM, so that it can be neither read nor changed nor moved to another name. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { AwsCredentialIdentity } from "../../types/identity";
import type { Secret } from "../../types/secret";

const VERSION = Buffer.from("AWC1");
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const HEADER_LENGTH = VERSION.length + IV_LENGTH + TAG_LENGTH;

interface Payload {
  readonly key: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly accountId?: string;
  readonly expirationMs?: number;
}

/** One key of `credential_cache.key`. */
export class IdentitySeal {
  readonly #encryptionKey: Buffer;
  readonly #nameKey: Buffer;

  /**
   * @param secret - brings its own strength: it is stretched by HKDF, not by a slow function
   * @param scope - where it seals; what was sealed in one scope is neither found nor read in another
   */
  constructor(secret: Secret, scope = "") {
    const derive = (use: string): Buffer => {
      const info = `adapter-aws credential cache, ${use}, version 1${scope === "" ? "" : `, ${scope}`}`;
      return Buffer.from(hkdfSync("sha256", secret.reveal(), "", info, 32));
    };
    this.#encryptionKey = derive("encryption");
    this.#nameKey = derive("names");
  }

  /** @returns a name that tells nothing about the identity */
  name(key: string): string {
    return createHmac("sha256", this.#nameKey).update(key).digest("base64url");
  }

  /** @param iv - 12 random bytes, never used before */
  seal(key: string, identity: AwsCredentialIdentity, iv: Buffer): Buffer {
    const payload: Payload = {
      key,
      accessKeyId: identity.accessKeyId,
      secretAccessKey: identity.secretAccessKey,
      ...(identity.sessionToken === undefined ? {} : { sessionToken: identity.sessionToken }),
      ...(identity.accountId === undefined ? {} : { accountId: identity.accountId }),
      ...(identity.expiration === undefined ? {} : { expirationMs: identity.expiration.getTime() }),
    };
    const cipher = createCipheriv("aes-256-gcm", this.#encryptionKey, iv, { authTagLength: TAG_LENGTH });
    cipher.setAAD(Buffer.from(this.name(key)));
    const text = Buffer.concat([cipher.update(JSON.stringify(payload), "utf8"), cipher.final()]);
    return Buffer.concat([VERSION, iv, cipher.getAuthTag(), text]);
  }

  /** @returns `undefined` for content that this key did not seal for that name */
  open(key: string, content: Buffer): AwsCredentialIdentity | undefined {
    if (content.length < HEADER_LENGTH || !content.subarray(0, VERSION.length).equals(VERSION)) return undefined;
    const iv = content.subarray(VERSION.length, VERSION.length + IV_LENGTH);
    const decipher = createDecipheriv("aes-256-gcm", this.#encryptionKey, iv, { authTagLength: TAG_LENGTH });
    decipher.setAAD(Buffer.from(this.name(key)));
    decipher.setAuthTag(content.subarray(HEADER_LENGTH - TAG_LENGTH, HEADER_LENGTH));
    try {
      const text = Buffer.concat([decipher.update(content.subarray(HEADER_LENGTH)), decipher.final()]);
      const payload = JSON.parse(text.toString("utf8")) as Payload;
      if (payload.key !== key) return undefined;
      const { accessKeyId, secretAccessKey, sessionToken, accountId, expirationMs } = payload;
      return {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
        ...(accountId === undefined ? {} : { accountId }),
        ...(expirationMs === undefined ? {} : { expiration: new Date(expirationMs) }),
      };
    } catch {
      return undefined;
    }
  }
}
