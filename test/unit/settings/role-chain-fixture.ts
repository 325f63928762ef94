/** Owns what the trials of the planner share: roles, keys, and the plan of one configuration. */
import assert from "node:assert/strict";
import { AdapterError, type ErrorCode } from "../../../utils/errors/adapter-error";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { planRoleChain, type RoleRequest } from "../../../utils/settings/plan-role-chain";
import type { StsParams } from "../../../utils/types/call";
import type { Environment } from "../../../utils/types/environment";

export const GLOBAL = "arn:aws:iam::123456789012:role/global";
export const NAMED = "arn:aws:iam::123456789012:role/named";
export const TASK = "arn:aws:iam::123456789012:role/task";
export const keys = { aws_access_key: "AKIAADAPTER", aws_secret_key: "adapter-secret" };
export const podKeys: Environment = { AWS_ACCESS_KEY_ID: "AKIAPOD", AWS_SECRET_ACCESS_KEY: "pod-secret" };

export function plan(
  auth: object,
  environment: Environment,
  request: Partial<RoleRequest> = {},
  properties: object = {},
) {
  const given = { ...properties, authentication: { auth_method: "aws_authentication", ...auth } };
  return planRoleChain(parseSettings("my adapter", given, environment), environment, { kind: "plain", ...request });
}

export function refusal(code: ErrorCode, parameter: string, work: () => unknown): AdapterError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.detail["parameter"] ?? error.detail["property"], parameter, error.message);
    return error;
  }
  return assert.fail("accepted");
}

export const task = (stsParams: StsParams, roleName?: string): Partial<RoleRequest> => ({
  kind: "STSRole",
  stsParams,
  roleName,
});
