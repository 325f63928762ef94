/** Owns `adapter-aws identity`: who AWS says that the service instance is, or the proof of it for somebody else. */
import type { Command } from "commander";
import { openConfigured } from "./open-adapter";
import { addCommonOptions, type CommonOptions } from "./options";
import type { Terminal } from "./terminal";

interface IdentityOptions extends CommonOptions {
  readonly edge?: true;
  readonly region?: string;
}

export function addIdentity(program: Command, terminal: Terminal): void {
  addCommonOptions(program.command("identity"))
    .description("ask AWS who the service instance is: a signed GetCallerIdentity")
    .option(
      "--edge",
      "send nothing: print the signed request, for the Aembit Edge API; whoever has it can prove to be us",
    )
    .option("--region <region>", "with --edge: whose STS verifies it; aws-global for the global endpoint")
    .action(async ({ edge, region, ...options }: IdentityOptions) => {
      const { call } = openConfigured(options, terminal);
      const { response, metrics } = await (edge
        ? call("getSignedCallerIdentity", region === undefined ? {} : { region })
        : call("stsGetCallerIdentity", {}));
      const { credentialSource, roleChain } = metrics;
      if (!edge) return terminal.result({ identity: response, credentialSource, roleChain });
      const { headers, region: signedFor } = response as { headers: object; region: string };
      return terminal.result({ stsGetCallerIdentity: { headers, region: signedFor }, credentialSource, roleChain });
    });
}
