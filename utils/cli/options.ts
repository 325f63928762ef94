/** Owns the options that commands share, and what the user may write for them. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { AdapterError } from "../errors/adapter-error";

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

/** Not commander's own error: that one repeats the argument, which may hold a secret. */
function refused(parameter: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_INPUT", {
    parameter,
    found,
    expected,
    documentation: "an example: '{ \"MaxResults\": 5 }', or @file.json for the content of a file.",
  });
}

/** How a file of UTF-16 begins, in either order of bytes. */
const UTF16_MARKS = ["\xff\xfe", "\xfe\xff"];

/**
 * @param path - of a file that holds JSON
 * @param parameter - for the error
 * @throws AdapterError `INVALID_INPUT`
 */
export function jsonFile(path: string, parameter = "--config"): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (reason) {
    throw refused(parameter, `${path}, which cannot be read (${(reason as NodeJS.ErrnoException).code})`, "a file");
  }
  const isUtf16 = UTF16_MARKS.includes(bytes.toString("latin1", 0, 2));
  if (isUtf16) throw refused(parameter, `${path}, which is written in UTF-16`, "a file that holds JSON in UTF-8");
  try {
    // Editors of Windows begin a file of UTF-8 with a mark that is no part of the JSON.
    return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    throw refused(parameter, `${path}, which holds no JSON`, "a file that holds JSON");
  }
}

/** @returns the reader of an option whose argument is JSON, or `@` and the name of a file that holds JSON */
function jsonOption(parameter: string): (text: string) => unknown {
  return (text) => {
    if (text.startsWith("@")) return jsonFile(text.slice(1), parameter);
    try {
      return JSON.parse(text);
    } catch {
      throw refused(parameter, "text that is no JSON", "JSON, or @file");
    }
  };
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
    .option("-p, --params <json>", "input of the operation: JSON, or @file", jsonOption("--params"))
    .option("-s, --sts-params <json>", "stsParams of an STSRole method: JSON, or @file", jsonOption("--sts-params"))
    .option("-r, --role-name <arn>", "roleName of an STSRole method")
    .option("-m, --metadata <json>", "iapMetadata: JSON, or @file", jsonOption("--metadata"));
}
