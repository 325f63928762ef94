/** Owns the way from a configuration file to an adapter that a command can use. */
import AwsAdapter = require("../../adapter");

import { createLogger } from "../logging/platform-logger";
import type { SuccessEnvelope } from "../platform/envelope";
import { adapterFolderOf } from "../runtime/adapter-folder";
import { readServiceInstance } from "../settings/read-service-instance";
import type { Environment } from "../types/environment";
import { jsonFile } from "./options";
import { type Terminal, terminalLog } from "./terminal";

/** The folder that holds adapter, entities/ and sampleProperties.json: the same place in a checkout and in dist/. */
export const adapterFolder: string = adapterFolderOf(__dirname);

export interface OpenedAdapter {
  readonly id: string;
  readonly properties: unknown;
  readonly adapter: AwsAdapter;
  /** Calls a method of pronghorn.json. @throws CallError */
  readonly call: (method: string, ...given: readonly unknown[]) => Promise<SuccessEnvelope>;
}

/**
 * @param id - of the service instance
 * @param environment - the one that is searched for credentials
 */
export function openAdapter(
  id: string,
  properties: unknown,
  environment: Environment,
  terminal: Terminal,
  verbosity: "quiet" | "verbose",
): OpenedAdapter {
  const logger = createLogger(id, terminalLog(terminal, verbosity === "verbose" ? "debug" : "warn"));
  const adapter = new AwsAdapter(id, properties, { environment, logger });
  const methods = adapter as unknown as Record<string, (...given: readonly unknown[]) => Promise<SuccessEnvelope>>;
  return { id, properties, adapter, call: (method, ...given) => methods[method]!.call(adapter, ...given) };
}

/** @param config - path of a service instance, or of its properties */
export function openConfigured(
  options: { readonly config: string; readonly verbose?: true },
  terminal: Terminal,
): OpenedAdapter {
  const { id, properties } = readServiceInstance(jsonFile(options.config));
  return openAdapter(id, properties, terminal.environment, terminal, options.verbose ? "verbose" : "quiet");
}
