/** Owns `adapter-aws identity`: who AWS says that the service instance is. */
import type { Command } from "commander";
import { openConfigured } from "./open-adapter";
import { addCommonOptions, type CommonOptions } from "./options";
import type { Terminal } from "./terminal";

export function addIdentity(program: Command, terminal: Terminal): void {
  addCommonOptions(program.command("identity"))
    .description("ask AWS who the service instance is: a signed GetCallerIdentity")
    .action(async (options: CommonOptions) => {
      const { response, metrics } = await openConfigured(options, terminal).call("stsGetCallerIdentity", {});
      const { credentialSource, roleChain } = metrics;
      terminal.result({ identity: response, credentialSource, roleChain });
    });
}
