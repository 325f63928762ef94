/** Owns why a chain is as it is: for each source and each step, the setting or the absence of one that decided it. */
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../types/role-chain";

const reasonOfSource: Readonly<Record<CredentialSource["type"], string>> = {
  static: "authentication.aws_access_key and aws_secret_key are set",
  environment: "the service instance has no keys; AWS_ACCESS_KEY_ID is in the environment",
  webIdentity: "a web identity token is configured, and no keys are",
  rolesAnywhere: "authentication.aws_roles_anywhere is set",
  profile: "authentication.aws_profile is set",
  aembit: "authentication.aembit is set",
  container: "neither the service instance nor the environment has keys; the container has a credentials URI",
  instanceMetadata: "nothing else is configured, so the role attached to the instance is asked for",
};

export const reasonOfStep: Readonly<Record<AssumeRoleStep["origin"], string>> = {
  credential_providers: "the credential provider names this role",
  aws_iam_role: "authentication.aws_iam_role is set: every call passes through this role",
  roleName: "the call gives roleName",
  stsParams: "the call gives stsParams.RoleArn",
};

/** @returns why the chain begins where it does */
export function reasonOfChain({ provider, source }: RoleChain): string {
  if (provider === undefined) return reasonOfSource[source.type];
  return `callProperties.credential_provider chooses ${provider}, an entry of authentication.credential_providers`;
}
