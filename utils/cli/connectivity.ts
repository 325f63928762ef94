/** Owns `adapter-aws connectivity`: the way from here to AWS, step by step. */
import type { Command } from "commander";
import { openConfigured } from "./open-adapter";
import { addCommonOptions, type CommonOptions } from "./options";
import type { Terminal } from "./terminal";

export function addConnectivity(program: Command, terminal: Terminal): void {
  addCommonOptions(program.command("connectivity"))
    .description("take the steps of a connection to AWS one by one: name, connection, TLS, answer")
    .action(async (options: CommonOptions) => {
      const { response } = await openConfigured(options, terminal).call("iapRunAdapterConnectivity");
      terminal.result(response);
      if (!(response as { readonly reachable: boolean }).reachable) terminal.fail();
    });
}
