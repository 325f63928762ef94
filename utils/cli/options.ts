/** Owns the options that commands share, and what the user may write for them. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";

export interface CommonOptions {
  readonly config: string;
  readonly verbose?: true;
}

export interface CallOptions extends CommonOptions {
  readonly params?: unknown;
  readonly stsParams?: unknown;
  readonly roleName?: string;
  readonly metadata?: unknown;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (reason) {
    throw new InvalidArgumentError(`${path} cannot be read: ${(reason as Error).message}`);
  }
}

/**
 * @param text - JSON, or `@` and the name of a file that holds JSON
 * @throws InvalidArgumentError, which does not repeat the text: it may hold a secret
 */
export function jsonOption(text: string): unknown {
  const json = text.startsWith("@") ? fileText(text.slice(1)) : text;
  try {
    return JSON.parse(json);
  } catch {
    throw new InvalidArgumentError(text.startsWith("@") ? `${text.slice(1)} holds no JSON.` : "It is no JSON.");
  }
}

/** @returns the parsed file. @throws InvalidArgumentError */
export function jsonFile(path: string): unknown {
  return jsonOption(`@${path}`);
}

/** @throws InvalidArgumentError */
export function portOption(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError("A port is 0 to 65535.");
  return port;
}

const VERBOSE = ["-v, --verbose", "write the adapter's debug log to stderr"] as const;

export function addVerboseOption(command: Command): Command {
  return command.option(...VERBOSE);
}

/** `--config` and `--verbose`. */
export function addCommonOptions(command: Command): Command {
  return addVerboseOption(
    command.requiredOption("-c, --config <file>", "service instance as JSON: all of it, or only its properties"),
  );
}

/** The arguments of an operation, besides its method. */
export function addCallOptions(command: Command): Command {
  return addCommonOptions(command)
    .option("-p, --params <json>", "input of the operation: JSON, or @file", jsonOption)
    .option("-s, --sts-params <json>", "stsParams of an STSRole method: JSON, or @file", jsonOption)
    .option("-r, --role-name <arn>", "roleName of an STSRole method")
    .option("-m, --metadata <json>", "iapMetadata: JSON, or @file", jsonOption);
}
