/** Owns what signatures of the same second and the same day share: the timestamp, the derived keys, the order of headers. */
import type { AwsCredentialIdentity } from "../types/identity";
import { HeaderOrders } from "./header-orders";
import { SigningKey } from "./signing-key";

interface Entry {
  readonly secretAccessKey: string;
  readonly key: SigningKey;
}

/** Whose key it is, and what for. */
export interface ScopedKey {
  readonly credentialScope: string;
  /** Access key id and scope. */
  readonly credential: string;
  readonly key: SigningKey;
}

/** The key that was asked for last, with all that it was asked for by. */
interface LastKey extends ScopedKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const DEFAULT_LIMIT = 1000;

/** Bounded, least recently used out first. One belongs to one signer; nothing in it can be printed. */
export class SigningKeyCache {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  #second = Number.NaN;
  #timestamp = "";
  #date = "";
  #last: LastKey | undefined;
  readonly orders: HeaderOrders = new HeaderOrders();

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
      this.#date = this.#timestamp.slice(0, 8);
      this.#second = second;
    }
    return this.#timestamp;
  }

  /** @param timestamp - as {@link SigningKeyCache.timestamp} writes it; the key is for its day */
  scoped(timestamp: string, identity: AwsCredentialIdentity, region: string, service: string): ScopedKey {
    const { accessKeyId, secretAccessKey } = identity;
    const date = timestamp === this.#timestamp ? this.#date : timestamp.slice(0, 8);
    const last = this.#last;
    if (
      last !== undefined &&
      last.accessKeyId === accessKeyId &&
      last.secretAccessKey === secretAccessKey &&
      last.date === date &&
      last.region === region &&
      last.service === service
    )
      return last;
    const credentialScope = `${date}/${region}/${service}/aws4_request`;
    const credential = `${accessKeyId}/${credentialScope}`;
    const key = this.key(credential, identity, date, region, service);
    this.#last = { credentialScope, credential, key, accessKeyId, secretAccessKey, date, region, service };
    return this.#last;
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
