/** Owns `adapter-aws call`: one method, as a workflow would call it. */
import type { Command } from "commander";
import { AdapterError } from "../errors/adapter-error";
import { maskAnswer } from "./mask-answer";
import { type MethodTarget, methodTarget } from "./method-names";
import { openConfigured } from "./open-adapter";
import { addCallOptions, type CallOptions } from "./options";
import type { Terminal } from "./terminal";

/** @throws AdapterError `INVALID_INPUT` when a role is given to a method that takes none */
export function methodArguments(name: string, { kind }: MethodTarget, options: CallOptions): unknown[] {
  const { params, stsParams = null, roleName = null, metadata } = options;
  if (kind === "STSRole") return [params, stsParams, roleName, metadata];
  if (stsParams !== null || roleName !== null) {
    throw new AdapterError("INVALID_INPUT", {
      parameter: "method",
      found: name,
      expected: `${name}STSRole: --sts-params and --role-name belong to the methods of that suffix`,
      documentation: "a plain method acts as the service instance itself.",
    });
  }
  return [params, metadata];
}

export function addCall(program: Command, terminal: Terminal): void {
  addCallOptions(program.command("call"))
    .description("call one method and print its answer")
    .argument("<method>", "as pronghorn.json lists it: ec2DescribeInstances, ec2DescribeInstancesSTSRole")
    .option("--show-secrets", "print secrets in the answer; otherwise they are masked")
    .action(async (name: string, options: CallOptions & { readonly showSecrets?: true }) => {
      const target = methodTarget(name);
      const given = methodArguments(name, target, options);
      const { call, properties } = openConfigured(options, terminal);
      const answer = await call(name, ...given);
      terminal.result(options.showSecrets ? answer : maskAnswer(answer, target, properties));
    });
}
