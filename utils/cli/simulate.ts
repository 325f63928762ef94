/** Owns `adapter-aws simulate`: the embedded AWS, until it is interrupted. */
import type { Command } from "commander";
import { startSimulator } from "../simulator/simulator";
import { simulatorEnvironment, simulatorServiceInstance } from "../simulator/simulator-service-instance";
import { roleArn } from "../simulator/world";
import { portOption } from "./options";
import type { Terminal } from "./terminal";

export function addSimulate(program: Command, terminal: Terminal): void {
  program
    .command("simulate")
    .description("run the embedded AWS simulator on 127.0.0.1 until it is interrupted")
    .option("--port <port>", "port to listen on; a free one without it", portOption)
    .action(async ({ port }: { readonly port?: number }) => {
      const simulator = await startSimulator(port === undefined ? {} : { port });
      terminal.result({
        url: simulator.url,
        serviceInstance: { id: "simulated", type: "AwsAdapter", properties: simulatorServiceInstance(simulator) },
        environment: simulatorEnvironment(simulator),
        roles: simulator.world.roles.map(roleArn),
        control: `${simulator.url}/_simulator/world`,
      });
      terminal.say("The simulator runs until it is interrupted. Its keys open nothing but itself.");
      await terminal.interrupted();
      await simulator.close();
    });
}
