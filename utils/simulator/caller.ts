/** Owns who a request is made by, once its key is known. */
import type { PolicyStatement, Role } from "./world";

export interface Caller {
  readonly type: "user" | "role-session";
  readonly accountId: string;
  /** `arn:aws:iam::…:user/name` or `arn:aws:sts::…:assumed-role/role/session`. */
  readonly arn: string;
  readonly userId: string;
  readonly permissions: readonly PolicyStatement[];
  /** Session policies, each of which must allow as well. */
  readonly sessionPolicies: readonly (readonly PolicyStatement[])[];
  /** The role of a role session. */
  readonly role?: Role;
  readonly sourceIdentity?: string;
  readonly sessionTags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
}
