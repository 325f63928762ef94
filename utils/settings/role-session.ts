/** Owns the question whether a source answers the session of a role, so that AWS calls whatever follows role chaining. */
import type { CredentialSource } from "../types/role-chain";

const roleSessions: ReadonlySet<CredentialSource["type"]> = new Set([
  "webIdentity",
  "container",
  "rolesAnywhere",
  "aembit",
]);

/**
 * Keys of the environment and profiles may be a user's, and for the role of an instance AWS's rule is not plain, so these
 * are left to STS.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
 */
export function isRoleSession(source: CredentialSource): boolean {
  return roleSessions.has(source.type);
}
