/** Owns what signatures of the same second and the same day share: the timestamp and the derived keys. */
import type { AwsCredentialIdentity } from "../types/identity";
import { SigningKey } from "./signing-key";

interface Entry {
  readonly secretAccessKey: string;
  readonly key: SigningKey;
}

const DEFAULT_LIMIT = 1000;

/** Bounded, least recently used out first. One belongs to one signer; nothing in it can be printed. */
export class SigningKeyCache {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  #second = Number.NaN;
  #timestamp = "";

  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /**
   * @param dateMs - epoch milliseconds
   * @returns `YYYYMMDD'T'HHMMSS'Z'` in UTC
   */
  timestamp(dateMs: number): string {
    const second = Math.floor(dateMs / 1000);
    if (second !== this.#second) {
      this.#timestamp = new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, "");
      this.#second = second;
    }
    return this.#timestamp;
  }

  /**
   * @param credential - access key id and credential scope joined with `/`: with the secret, all that a key is made of
   * @param date - `YYYYMMDD`
   */
  key(credential: string, identity: AwsCredentialIdentity, date: string, region: string, service: string): SigningKey {
    const { secretAccessKey } = identity;
    const found = this.#entries.get(credential);
    if (found !== undefined && found.secretAccessKey === secretAccessKey) {
      if (this.#entries.size >= this.#limit) {
        this.#entries.delete(credential);
        this.#entries.set(credential, found);
      }
      return found.key;
    }
    const key = new SigningKey(secretAccessKey, date, region, service);
    this.#entries.delete(credential);
    if (this.#entries.size >= this.#limit) this.#entries.delete(this.#entries.keys().next().value as string);
    this.#entries.set(credential, { secretAccessKey, key });
    return key;
  }
}
