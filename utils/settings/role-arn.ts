/** Owns the names of roles and sessions: what a role ARN looks like, and the session name of an adapter. */
import { AdapterError } from "../errors/adapter-error";
import { foundText } from "./found-text";
import { isPartition, partitionOfRegion } from "./partitions";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const ROLE_ARN = /^arn:(aws[a-z-]*):iam::(\d+):role\/((?:[\x21-\x2e\x30-\x7e]+\/)*)([\w+=,.@-]{1,64})$/;

export interface RoleArn {
  readonly partition: string;
  readonly accountId: string;
  readonly roleName: string;
}

/** @returns the parts of a role ARN, `undefined` when it is none */
export function parseRoleArn(text: string): RoleArn | undefined {
  const match = ROLE_ARN.exec(text);
  if (match === null || text.length > 2048) return undefined;
  return { partition: match[1] as string, accountId: match[2] as string, roleName: match[4] as string };
}

/** Whether text has the form of a role name, without an ARN. */
export function isRoleName(text: string): boolean {
  return /^[\w+=,.@-]{1,64}$/.test(text);
}

type RoleErrorCode = "INVALID_PROPERTIES" | "INVALID_ROLE_REQUEST";

/**
 * @param property - the setting or parameter, for the error
 * @param text - what stands there
 * @param code - whose fault it is: the service instance's or the task's
 * @param stsRegion - region of the STS that will be asked; its partition must be the role's
 * @throws AdapterError with that code
 */
export function checkRoleArn(property: string, text: string, code: RoleErrorCode, stsRegion: string): RoleArn {
  const arn = parseRoleArn(text);
  if (arn === undefined) throw malformed(property, text, code);
  if (!isPartition(arn.partition)) throw malformed(property, text, code);
  const partition = partitionOfRegion(stsRegion);
  if (partition !== undefined && partition.id !== arn.partition) {
    throw new AdapterError(code, {
      parameter: property,
      property,
      found: `${foundText(text)}, a role of partition ${arn.partition}`,
      expected: `a role of partition ${partition.id}, as STS is asked in ${stsRegion} (set aws_sts.region to a region of ${arn.partition})`,
      reason: "",
    });
  }
  return arn;
}

function malformed(property: string, text: string, code: RoleErrorCode): AdapterError {
  const spaces = text === text.trim() ? "" : " with leading or trailing spaces";
  const kind = text.includes(":assumed-role/")
    ? ", the ARN of a session"
    : text.includes(":instance-profile/")
      ? ", the ARN of an instance profile"
      : text.includes(":user/")
        ? ", the ARN of a user"
        : "";
  return new AdapterError(code, {
    parameter: property,
    property,
    found: `${foundText(text)}${kind}${spaces}`,
    expected: "the ARN of a role, arn:aws:iam::123456789012:role/name",
    reason: "",
  });
}

/**
 * Stable, so that a session can be cached and found again in CloudTrail; legal, whatever the adapter is called.
 * @returns 2 to 64 characters of `[\w+=,.@-]`
 */
export function defaultSessionName(adapterId: string): string {
  const legal = adapterId.replace(/[^\w+=,.@-]+/g, "-").slice(0, 64);
  return legal.length >= 2 && /\w/.test(legal) ? legal : `adapter-aws-${legal}`.replace(/-+$/, "").slice(0, 64);
}
