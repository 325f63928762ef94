/** Owns `adapter-aws explain`: as whom a call would act, and why, without calling anything. */
import type { Command } from "commander";
import { operationCall } from "../platform/read-arguments";
import { chainPicture } from "../platform/troubleshoot/chain-picture";
import { chainText } from "../platform/troubleshoot/chain-text";
import { describeRoleChain, describeStep } from "../settings/describe-role-chain";
import { reasonOfChain, reasonOfStep } from "../settings/explain-role-chain";
import { parseSettings } from "../settings/parse-settings";
import { planRoleChain } from "../settings/plan-role-chain";
import { readServiceInstance } from "../settings/read-service-instance";
import type { AssumeRoleStep } from "../types/role-chain";
import { methodArguments } from "./call";
import { methodTarget } from "./method-names";
import { addCallOptions, type CallOptions, jsonFile } from "./options";
import type { Terminal } from "./terminal";

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
      const region = call.metadata?.callProperties?.region ?? settings.endpoint.region;
      const picture = chainPicture(chain, { service, operation, ...(region === undefined ? {} : { region }) });
      for (const line of chainText(picture, "none")) terminal.say(line);
      terminal.result({
        method: name,
        service,
        operation,
        source: { identity: describeRoleChain(chain).source, why: reasonOfChain(chain) },
        steps: chain.steps.map(step),
      });
    });
}
