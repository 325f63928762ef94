/** Owns the question whether a role is the very one attached to the instance: then its credentials are at hand already. */
import { AdapterError } from "../errors/adapter-error";
import { isRoleName, parseRoleArn } from "../settings/role-arn";
import type { AwsCredentialIdentity } from "../types/identity";

/** What instance metadata says about the role whose credentials it hands out. */
export interface AttachedRole {
  readonly name: string;
  /** Not known when the instance profile document could not be read. */
  readonly accountId?: string;
  readonly partition?: string;
}

/** Credentials of instance metadata carry whose they are. */
export interface InstanceIdentity extends AwsCredentialIdentity {
  readonly attachedRole: AttachedRole;
}

function attachedRoleOf(identity: AwsCredentialIdentity): AttachedRole | undefined {
  return (identity as Partial<InstanceIdentity>).attachedRole;
}

/** Whether instance metadata handed it out. */
export const isOfInstance = (identity: AwsCredentialIdentity): boolean => attachedRoleOf(identity) !== undefined;

/**
 * The same name in another account is another role; when the account is not known, the role is assumed like any other.
 * @param role - an ARN, or the name alone
 * @throws AdapterError `INVALID_ROLE_REQUEST` when a name alone is not that of the attached role
 */
export function isAttachedRole(identity: AwsCredentialIdentity, role: string, words: string): boolean {
  const attached = attachedRoleOf(identity);
  if (isRoleName(role)) {
    if (attached?.name === role) return true;
    throw new AdapterError(
      "INVALID_ROLE_REQUEST",
      {
        parameter: words,
        found: `the role name ${role}`,
        expected: `${attached?.name ?? "the role attached to the instance"}, which is attached to the instance, or the ARN of another role`,
        reason: "",
      },
      { step: words },
    );
  }
  const arn = parseRoleArn(role);
  return (
    arn !== undefined &&
    attached !== undefined &&
    attached.name === arn.roleName &&
    attached.accountId === arn.accountId &&
    attached.partition === arn.partition
  );
}
