/** Owns the cache keys of a role chain: one for the source and one for every step, each made of all that led there. */
import { createHash } from "node:crypto";
import type { RoleChain } from "../types/role-chain";
import { Secret } from "../types/secret";

/**
 * Secrets go into the hash, never into the key: two instances with the same key id and another secret are two identities.
 * @returns one key more than there are steps; key `n` stands for the identity after `n` steps
 */
export function chainKeys(chain: RoleChain): string[] {
  const keys = [digest("source", canonical(chain.source))];
  for (const step of chain.steps) keys.push(digest(keys.at(-1) as string, canonical(step)));
  return keys;
}

/** @returns a hash of plain data, secrets included */
export const digestOf = (value: unknown): string => digest("value", canonical(value));

const digest = (before: string, text: string): string =>
  createHash("sha256").update(before).update("\n").update(text).digest("base64url");

/** JSON with sorted names, and with secrets spelled out, because a key that forgets an input mixes identities up. */
function canonical(value: unknown): string {
  if (value instanceof Secret) return `secret:${JSON.stringify(value.reveal())}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
