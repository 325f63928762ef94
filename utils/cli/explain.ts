/** Owns `adapter-aws explain`: as whom a call would act, and why, without calling anything. */
import type { Command } from "commander";
import { operationCall } from "../platform/read-arguments";
import { describeRoleChain, describeStep } from "../settings/describe-role-chain";
import { parseSettings } from "../settings/parse-settings";
import { planRoleChain } from "../settings/plan-role-chain";
import { readServiceInstance } from "../settings/read-service-instance";
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../types/role-chain";
import { methodArguments } from "./call";
import { methodTarget } from "./method-names";
import { addCallOptions, type CallOptions, jsonFile } from "./options";
import type { Terminal } from "./terminal";

const reasonOfSource: Record<CredentialSource["type"], string> = {
  static: "authentication.aws_access_key and aws_secret_key are set",
  environment: "the service instance has no keys; AWS_ACCESS_KEY_ID is in the environment",
  webIdentity: "a web identity token is configured, and no keys are",
  rolesAnywhere: "authentication.aws_roles_anywhere is set",
  profile: "authentication.aws_profile is set",
  container: "neither the service instance nor the environment has keys; the container has a credentials URI",
  instanceMetadata: "nothing else is configured, so the role attached to the instance is asked for",
};

const reasonOfStep: Record<AssumeRoleStep["origin"], string> = {
  credential_providers: "the credential provider names this role",
  aws_iam_role: "authentication.aws_iam_role is set: every call passes through this role",
  roleName: "the call gives roleName",
  stsParams: "the call gives stsParams.RoleArn",
};

function reasonOfChain({ provider, source }: RoleChain): string {
  if (provider === undefined) return reasonOfSource[source.type];
  return `callProperties.credential_provider chooses ${provider}, an entry of authentication.credential_providers`;
}

const step = (of: AssumeRoleStep) => ({
  action: describeStep(of),
  why: reasonOfStep[of.origin],
  roleSessionName: of.roleSessionName,
  durationSeconds: of.durationSeconds,
  externalId: of.externalId ?? null,
  sts: of.sts.url,
});

export function addExplain(program: Command, terminal: Terminal): void {
  addCallOptions(program.command("explain"))
    .description("print the role chain that a call would use, and why; nothing is called")
    .argument("<method>", "as pronghorn.json lists it: ec2DescribeInstances, ec2DescribeInstancesSTSRole")
    .action((name: string, options: CallOptions) => {
      const target = methodTarget(name);
      const { service, operation, kind } = target;
      const call = operationCall(service, operation, kind, methodArguments(name, target, options));
      const { id, properties } = readServiceInstance(jsonFile(options.config));
      const settings = parseSettings(id, properties, terminal.environment);
      for (const warning of settings.warnings) terminal.say(`warn  ${warning}`);
      const chain = planRoleChain(settings, terminal.environment, {
        kind,
        stsParams: call.stsParams,
        roleName: call.roleName,
        callProperties: call.metadata?.callProperties,
      });
      terminal.result({
        method: name,
        service,
        operation,
        source: { identity: describeRoleChain(chain).source, why: reasonOfChain(chain) },
        steps: chain.steps.map(step),
      });
    });
}
