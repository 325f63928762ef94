/** Owns the keys that exist: those of the world's users, and the temporary ones issued since the start. */
import type { Caller } from "./caller";
import { userArn, type World } from "./world";

/** A key that can sign, and whom it stands for. */
export interface StoredKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Epoch milliseconds. */
  readonly expirationMs?: number;
  readonly caller: Caller;
}

export type TemporaryCredentials = StoredKey & { readonly sessionToken: string; readonly expirationMs: number };

/** Answers that many random bytes. */
export type RandomBytes = (size: number) => Buffer;

const keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const maxTemporaryKeys = 100_000;

export class CredentialStore {
  readonly #keys = new Map<string, StoredKey>();
  readonly #temporary: string[] = [];

  /** @param forcedLifetimeSeconds - when given, how long every issued credential lives, whatever was asked for */
  constructor(
    world: World,
    private readonly randomBytes: RandomBytes,
    private readonly now: () => number,
    private readonly forcedLifetimeSeconds: number | undefined,
  ) {
    for (const user of world.users) {
      const caller: Caller = {
        type: "user",
        accountId: user.accountId,
        arn: userArn(user),
        userId: user.userId,
        permissions: user.permissions,
        sessionPolicies: [],
        sessionTags: {},
        transitiveTagKeys: [],
      };
      for (const key of user.accessKeys) this.#keys.set(key.accessKeyId, { ...key, caller });
    }
  }

  find(accessKeyId: string): StoredKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** Issues random credentials for `caller` that live `durationSeconds`. */
  issue(caller: Caller, durationSeconds: number): TemporaryCredentials {
    const lifetimeMs = (this.forcedLifetimeSeconds ?? durationSeconds) * 1000;
    const letters = Array.from(this.randomBytes(16), (byte) => keyAlphabet[byte % 32]).join("");
    const key: TemporaryCredentials = {
      accessKeyId: `ASIA${letters}`,
      secretAccessKey: this.randomBytes(30).toString("base64"),
      sessionToken: `IQoJ${this.randomBytes(252).toString("base64")}`,
      // AWS gives expirations in whole seconds.
      expirationMs: Math.floor((this.now() + lifetimeMs) / 1000) * 1000,
      caller,
    };
    this.#keys.set(key.accessKeyId, key);
    this.#temporary.push(key.accessKeyId);
    if (this.#temporary.length > maxTemporaryKeys) {
      for (const old of this.#temporary.splice(0, maxTemporaryKeys / 10)) this.#keys.delete(old);
    }
    return key;
  }
}

/** @returns a user id, role id or session id of AWS's form: the prefix and 17 letters */
export const randomId = (prefix: string, randomBytes: RandomBytes): string =>
  prefix + Array.from(randomBytes(17), (byte) => keyAlphabet[byte % 32]).join("");
