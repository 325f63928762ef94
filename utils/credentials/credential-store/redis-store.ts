/** Owns the credential store in Redis: one sealed entry an identity, shared by all nodes that have namespace and key. */
import { prolongIfEqual, type RedisClient, type RedisUse, removeIfEqual } from "../../redis/redis-client";
import type { AwsCredentialIdentity } from "../../types/identity";
import type { Secret } from "../../types/secret";
import { type CredentialStore, isSameIdentity } from "./credential-store";
import { lockInRedis, type RedisLockDependencies } from "./redis-lock";
import { IdentitySeal } from "./sealed-identity";

const IV_LENGTH = 12;
/** Credentials with less than this left are of no use to anybody. */
const UNUSED_LAST_MS = 60_000;
const TRIAL_LIVES_MS = 1000;

export interface RedisStoreDependencies extends RedisLockDependencies {
  readonly link: RedisUse & { reopen(): void; close(): void };
}

/** Tries what the store and its locks need of Redis, on a key of its own that it leaves no trace of. */
export async function tryStore(client: RedisClient, name: string): Promise<void> {
  await client.claim(name, "trial", TRIAL_LIVES_MS);
  await Promise.all([client.get(name), client.run(prolongIfEqual, name, ["trial", TRIAL_LIVES_MS])]);
  await Promise.all([client.run(removeIfEqual, name, ["trial"]), client.remove(name)]);
}

/**
 * Another namespace or another key makes other names and another cipher, so instances that differ in one of them neither
 * read nor overwrite each other's entries.
 * @param settings - keys of which the first writes and all read
 */
export function redisStore(
  settings: { readonly namespace: string; readonly keys: readonly Secret[] },
  { link, clock, random, randomBytes }: RedisStoreDependencies,
): CredentialStore {
  const { namespace } = settings;
  const seals = settings.keys.map((key) => new IdentitySeal(key, `Redis namespace ${namespace}`));
  const [first, ...others] = seals as [IdentitySeal, ...IdentitySeal[]];
  const name = (seal: IdentitySeal, key: string): string => `${namespace}:${seal.name(key)}`;

  const read = async (
    client: RedisClient,
    key: string,
  ): Promise<readonly { name: string; content: Buffer; identity: AwsCredentialIdentity }[]> => {
    const found = await Promise.all(
      seals.map(async (seal) => {
        const content = await client.get(name(seal, key));
        const identity = content === undefined ? undefined : seal.open(key, content);
        return content === undefined || identity === undefined ? [] : [{ name: name(seal, key), content, identity }];
      }),
    );
    return found.flat();
  };
  const endOf = ({ expiration }: AwsCredentialIdentity): number => expiration?.getTime() ?? 0;

  return {
    get: (key) =>
      link.use(async (client) => {
        const identities = (await read(client, key)).map(({ identity }) => identity);
        // While keys are being changed there may be an older one beside it.
        return identities.sort((one, other) => endOf(other) - endOf(one))[0];
      }),
    set: async (key, identity, expiresMs) => {
      const livesMs = Math.floor(expiresMs - UNUSED_LAST_MS - clock.now());
      if (livesMs <= 0) return;
      await link.use(async (client) => {
        await client.set(name(first, key), first.seal(key, identity, randomBytes(IV_LENGTH)), livesMs);
        await Promise.all(others.map((seal) => client.remove(name(seal, key))));
      });
    },
    remove: async (key, identity) => {
      await link.use(async (client) => {
        const same = (await read(client, key)).filter((found) => isSameIdentity(found.identity, identity));
        // What somebody else has put there since is not the one that is to go.
        await Promise.all(same.map((found) => client.run(removeIfEqual, found.name, [found.content])));
      });
    },
    lock: (key, signal, wait) => {
      const names = seals.map((seal) => `${name(seal, key)}:lock`);
      return lockInRedis(names, { link, clock, random, randomBytes }, signal, wait);
    },
    open: () => link.reopen(),
    close: () => link.close(),
  };
}
