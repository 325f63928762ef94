/** Owns `adapter-aws start`: the main job, shown from end to end, against the simulator or against AWS. */
import { join } from "node:path";
import type { Command } from "commander";
import { overlayProperties } from "../settings/overlay-properties";
import { readServiceInstance } from "../settings/read-service-instance";
import { type Simulator, startSimulator } from "../simulator/simulator";
import {
  simulatedRoleArn,
  simulatorEnvironment,
  simulatorServiceInstance,
} from "../simulator/simulator-service-instance";
import { adapterFolder, type OpenedAdapter, openAdapter, openConfigured } from "./open-adapter";
import { addVerboseOption, type CommonOptions, jsonFile } from "./options";
import type { Terminal } from "./terminal";

type Plain = Readonly<Record<string, unknown>>;

/** Pod Role from the environment, Adapter Role as `aws_iam_role`: the sample's own properties, pointed at the simulator. */
function simulatedInstance(simulator: Simulator): { id: string; properties: Plain } {
  const { id, properties } = readServiceInstance(jsonFile(join(adapterFolder, "sampleProperties.json")));
  const simulated = simulatorServiceInstance(simulator, { keysOf: "none", globalRole: "adapter" });
  const logging = { authentication: { auth_logging: true } };
  return { id, properties: overlayProperties(overlayProperties(properties, simulated), logging) };
}

/** Connects, and says every event as it comes. */
async function bringOnline({ adapter, id }: OpenedAdapter, terminal: Terminal): Promise<boolean> {
  for (const event of ["OFFLINE", "ONLINE", "DEGRADED", "FIXED"]) {
    adapter.on(event, () => terminal.say(`event ${id}: ${event}`));
  }
  await adapter.connect();
  return adapter.healthy;
}

/** One call, with the chain that it acted through. */
async function shown(opened: OpenedAdapter, terminal: Terminal, name: string, ...given: readonly unknown[]) {
  terminal.say(`\n--- ${name}`);
  const { response, metrics } = await opened.call(name, ...given);
  const chain = [metrics.credentialSource, ...metrics.roleChain];
  terminal.say(`--- ${name} acted as: ${chain.join(" → ")}`);
  return { method: name, chain, response, metrics };
}

async function startSimulated(terminal: Terminal): Promise<void> {
  const simulator = await startSimulator();
  terminal.say(`AWS simulator at ${simulator.url}: no account is needed, nothing leaves this process's machine.`);
  try {
    const { id, properties } = simulatedInstance(simulator);
    const opened = openAdapter(id, properties, simulatorEnvironment(simulator), terminal, "verbose");
    if (!(await bringOnline(opened, terminal))) return terminal.fail();
    const task = { RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "first-workflow" };
    const instance = simulator.world.instances.slice(0, 1).map(({ instanceId }) => instanceId);
    const calls = [
      await shown(opened, terminal, "ec2DescribeInstances", { InstanceIds: instance }),
      await shown(opened, terminal, "s3ListBucketsSTSRole", {}, task, null),
    ];
    terminal.result({ online: opened.adapter.healthy, calls, requestsSeenByAws: simulator.counts() });
  } finally {
    await simulator.close();
  }
}

async function startConfigured(options: CommonOptions, terminal: Terminal): Promise<void> {
  const opened = openConfigured(options, terminal);
  if (!(await bringOnline(opened, terminal))) return terminal.fail();
  terminal.result({ online: true, calls: [await shown(opened, terminal, "stsGetCallerIdentity", {})] });
}

export function addStart(program: Command, terminal: Terminal): void {
  addVerboseOption(program.command("start"))
    .description(
      "bring the adapter online and make its first calls: against the simulator, or with --config against AWS",
    )
    .option("-c, --config <file>", "service instance as JSON; without it, the embedded simulator")
    .action(async (options: Partial<CommonOptions>) => {
      if (options.config === undefined) await startSimulated(terminal);
      else await startConfigured({ ...options, config: options.config }, terminal);
    });
}
