/** Owns the catalog's command line: `list`, `add`, `enable` or `disable <service>`, `check`, `build`; a result as JSON on stdout, the rest on stderr. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EntityIndex } from "../models/entity-format";
import { entitiesFolder } from "./catalog-paths";
import { addService } from "./catalog-services";
import { ensureInstalled } from "./client-packages";
import { reportExtractionErrors } from "./extraction-error";
import { type Generated, generate } from "./generate";
import { changePalette } from "./palette";
import { differences, writeGenerated } from "./stale-files";

const print = (result: unknown): void => console.log(JSON.stringify(result, null, 2));

function list(): void {
  const index = JSON.parse(readFileSync(join(entitiesFolder, "index.json"), "utf8")) as EntityIndex;
  print(
    Object.entries(index).map(([service, { operations, ...facts }]) => ({
      service,
      ...facts,
      operations: operations.length,
    })),
  );
}

function report({ entities }: Generated, changed: readonly unknown[]): void {
  for (const [service, { omissions }] of entities) {
    for (const omission of omissions) console.error(`${service}: left out: ${omission}`);
  }
  print({
    services: entities.size,
    operations: [...entities.values()].reduce((sum, { operations }) => sum + operations.length, 0),
    changed,
  });
}

function build(): void {
  ensureInstalled();
  const generated = generate();
  report(generated, writeGenerated(generated));
}

const add = (service: string): void => regenerate(addService(service));

function reach(service: string, change: "enable" | "disable"): void {
  ensureInstalled();
  regenerate(changePalette(service, change));
}

function regenerate(takeBack: () => void): void {
  try {
    const generated = generate();
    report(generated, writeGenerated(generated));
  } catch (error) {
    takeBack();
    throw error;
  }
}

function check(): void {
  ensureInstalled();
  const stale = differences(generate());
  for (const { path, reason } of stale) console.error(`${path} ${reason}; run: npm run entities`);
  print({ stale });
  if (stale.length > 0) process.exitCode = 1;
}

const USAGE = `Usage: tsx utils/catalog/main.ts <command>
  list                services in entities/, with versions and operation counts
  add <service>       add the newest @aws-sdk/client-<service> and regenerate
  enable <service>    make its operations methods, listed in pronghorn.json
  disable <service>   leave them to awsRequest
  check               compare the generated files with their packages
  build               regenerate
`;

const COMMANDS: Readonly<Record<string, () => void>> = { list, check, build };
const SERVICE_COMMANDS: Readonly<Record<string, (service: string) => void>> = {
  add,
  enable: (service) => reach(service, "enable"),
  disable: (service) => reach(service, "disable"),
};

function run([command = "build", ...parameters]: readonly string[]): void {
  const [service] = parameters;
  const withoutParameter = COMMANDS[command];
  const ofService = SERVICE_COMMANDS[command];
  if (withoutParameter !== undefined && parameters.length === 0) withoutParameter();
  else if (ofService !== undefined && service !== undefined && parameters.length === 1) ofService(service);
  else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

reportExtractionErrors(() => run(process.argv.slice(2)));
