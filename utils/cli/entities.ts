/** Owns `adapter-aws entities`: what is shipped, and the way to the catalog that adds to it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { shippedServices } from "./method-names";
import { adapterFolder } from "./open-adapter";
import type { Terminal } from "./terminal";

/** Where the catalog is: beside this file in a checkout, one folder above dist/ in a built one, nowhere in an installed adapter. */
function sourceCheckout(): string | undefined {
  return [adapterFolder, join(adapterFolder, "..")].find((folder) =>
    existsSync(join(folder, "utils", "catalog", "main.ts")),
  );
}

/** Runs the catalog in a process of its own: it is for development, and the adapter must not load it. */
function runCatalog(terminal: Terminal, given: readonly string[]): void {
  const folder = sourceCheckout();
  if (folder === undefined) {
    terminal.say(`entities ${given.join(" ")} needs a source checkout of the adapter: this is an installed one.`);
    terminal.fail();
    return;
  }
  const program = ["--import", "tsx", join("utils", "catalog", "main.ts"), ...given];
  const { status, error } = spawnSync(process.execPath, program, { cwd: folder, stdio: "inherit" });
  if (error !== undefined) terminal.say(error.message);
  if (status !== 0) terminal.fail();
}

export function addEntities(program: Command, terminal: Terminal): void {
  const entities = program.command("entities").description("the AWS services that the adapter knows");
  entities
    .command("list")
    .description("print the services in entities/, with versions and operation counts")
    .action(() => terminal.result(shippedServices()));
  entities
    .command("add")
    .description("add a service from its published client package (source checkout only)")
    .argument("<service>", "as in @aws-sdk/client-<service>")
    .action((service: string) => runCatalog(terminal, ["add", service]));
  for (const [change, effect] of [
    ["enable", "make the operations of a service methods, listed in pronghorn.json"],
    ["disable", "leave the operations of a service to awsRequest"],
  ] as const) {
    entities
      .command(change)
      .description(`${effect} (source checkout only)`)
      .argument("<service>", "as in entities/")
      .action((service: string) => runCatalog(terminal, [change, service]));
  }
  entities
    .command("check")
    .description("compare the generated files with their packages (source checkout only)")
    .action(() => runCatalog(terminal, ["check"]));
}
