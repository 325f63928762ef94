/** Owns `adapter-aws healthcheck`: what the platform's health check would say. */
import type { Command } from "commander";
import { openConfigured } from "./open-adapter";
import { addCommonOptions, type CommonOptions } from "./options";
import type { Terminal } from "./terminal";

export function addHealthcheck(program: Command, terminal: Terminal): void {
  addCommonOptions(program.command("healthcheck"))
    .description("run the adapter's health check: a signed GetCallerIdentity as the service instance")
    .action(async (options: CommonOptions) => {
      const { adapter, id } = openConfigured(options, terminal);
      const healthy = (await adapter.healthCheck()) === true;
      terminal.result({ id, healthy });
      if (!healthy) terminal.fail();
    });
}
