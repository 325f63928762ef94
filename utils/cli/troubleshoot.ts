/** Owns `adapter-aws troubleshoot`: every check in its order, for a person, a program and a browser. */
import type { Command } from "commander";
import { createLogger } from "../logging/platform-logger";
import { type OperationCall, operationCall } from "../platform/read-arguments";
import { htmlPage } from "../platform/troubleshoot/html-page";
import { troubleshoot } from "../platform/troubleshoot/troubleshoot";
import { defaultDependencies } from "../runtime/default-dependencies";
import { readServiceInstance } from "../settings/read-service-instance";
import { methodArguments } from "./call";
import { methodTarget } from "./method-names";
import { adapterFolder } from "./open-adapter";
import { addCallOptions, type CallOptions, jsonFile } from "./options";
import { checkOutputFile, writeOutputFile } from "./output-file";
import { reportTable } from "./report-table";
import { type Terminal, terminalLog } from "./terminal";

function callOf(name: string | undefined, options: CallOptions): { call?: OperationCall } {
  if (name === undefined) return {};
  const target = methodTarget(name);
  const { service, operation, kind } = target;
  return { call: operationCall(service, operation, kind, methodArguments(name, target, options)) };
}

export function addTroubleshoot(program: Command, terminal: Terminal): void {
  addCallOptions(program.command("troubleshoot"))
    .description(
      "check everything in order: properties, clock, DNS, proxy, metadata, STS, each step of the chain, the call",
    )
    .argument("[method]", "the call to look into, ec2DescribeInstancesSTSRole; only one that reads is sent")
    .option("--html <file>", "also write a page with the role chain drawn")
    .action(async (name: string | undefined, options: CallOptions & { readonly html?: string }) => {
      const call = callOf(name, options);
      if (options.html !== undefined) checkOutputFile("--html", options.html);
      const { id, properties } = readServiceInstance(jsonFile(options.config));
      const logger = createLogger(id, terminalLog(terminal, options.verbose ? "debug" : "error"));
      const dependencies = { ...defaultDependencies(adapterFolder, logger), environment: terminal.environment };
      const report = await troubleshoot({ id, properties, ...call }, dependencies);
      terminal.say(reportTable(report, terminal.width));
      terminal.result(report);
      if (report.status === "failed") terminal.fail();
      if (options.html !== undefined) writeOutputFile("--html", options.html, htmlPage(report));
    });
}
