/** Owns `adapter-aws top`: what running adapters do at the moment, until it is interrupted. */
import { setTimeout as delay } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import { AdapterError } from "../errors/adapter-error";
import { readServiceInstance } from "../settings/read-service-instance";
import { readMetricsFolder } from "./metrics-folder";
import { metricsPicture } from "./metrics-picture";
import { jsonFile } from "./options";
import type { ProcessSnapshot } from "./process-snapshot";
import type { Terminal } from "./terminal";

interface TopOptions {
  readonly config?: string;
  readonly folder?: string;
  readonly interval: number;
  readonly once?: true;
}

function secondsOption(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.2 && seconds <= 3600)) throw new InvalidArgumentError("An interval is 0.2 to 3600 seconds.");
  return seconds;
}

/** @throws AdapterError when neither names a folder */
function folderOf({ folder, config }: TopOptions): string {
  if (folder !== undefined) return folder;
  const { properties } = config === undefined ? { properties: {} } : readServiceInstance(jsonFile(config));
  const { metrics } = properties as { metrics?: { socket_folder?: unknown } };
  if (typeof metrics?.socket_folder === "string" && metrics.socket_folder !== "") return metrics.socket_folder;
  throw new AdapterError("INVALID_INPUT", {
    parameter: config === undefined ? "--folder" : "--config",
    found: config === undefined ? "nothing" : "a service instance without metrics.socket_folder",
    expected: "the folder in which adapters open their sockets",
    documentation:
      'Set "metrics": { "socket_folder": "/run/adapter-aws" } in the service instance, as the user of the platform.',
  });
}

async function read(folder: string): Promise<readonly ProcessSnapshot[]> {
  try {
    return await readMetricsFolder(folder);
  } catch (cause) {
    const found = `${folder}, which cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`;
    const documentation = "Only the user that the platform runs as can read it, once an adapter has come online.";
    throw new AdapterError(
      "INVALID_INPUT",
      { parameter: "--folder", found, expected: "a folder", documentation },
      { cause },
    );
  }
}

async function run(options: TopOptions, terminal: Terminal): Promise<void> {
  const folder = folderOf(options);
  const end = new AbortController();
  void terminal.interrupted().then(() => end.abort());
  let before: readonly ProcessSnapshot[] = [];
  let beforeMs: number | undefined;
  do {
    const now = await read(folder);
    const nowMs = performance.now();
    const looks = { now, before, ...(beforeMs === undefined ? {} : { seconds: (nowMs - beforeMs) / 1000 }) };
    const picture = now.length === 0 ? `No adapter answers in ${folder}.` : metricsPicture(looks, terminal.width);
    await terminal.redraw(picture);
    if (options.once) {
      if (now.length === 0) terminal.fail();
      return;
    }
    [before, beforeMs] = [now, nowMs];
    await delay(options.interval * 1000, undefined, { signal: end.signal }).catch(() => undefined);
  } while (!end.signal.aborted);
}

export function addTop(program: Command, terminal: Terminal): void {
  program
    .command("top")
    .description("show what running adapters do: calls, errors, identities, waits; until it is interrupted")
    .option("-c, --config <file>", "service instance as JSON, whose metrics.socket_folder is read")
    .option("-f, --folder <folder>", "the folder itself")
    .option("-i, --interval <seconds>", "time between two looks", secondsOption, 2)
    .option("--once", "show everything since the start of each process, once")
    .action((options: TopOptions) => run(options, terminal));
}
