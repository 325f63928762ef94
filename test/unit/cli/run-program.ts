/** Owns how these tests run the command line: in this process, with a terminal that remembers what it was told. */
import assert from "node:assert/strict";
import { runProgram } from "../../../utils/cli/program";
import type { Terminal } from "../../../utils/cli/terminal";
import type { Environment } from "../../../utils/types/environment";

/** What one run of the program came to. */
export interface Run {
  readonly results: readonly Record<string, unknown>[];
  readonly said: string;
  readonly failed: boolean;
}

/** The `response` of a call's result. */
export const responseOf = ({ results, said }: Run): Record<string, string> => {
  assert.equal(results.length, 1, said);
  return results[0]?.["response"] as Record<string, string>;
};

/** Runs the program without a process: `given` are the arguments behind its name. */
export async function run(environment: Environment, ...given: readonly string[]): Promise<Run> {
  const results: Record<string, unknown>[] = [];
  const lines: string[] = [];
  let failed = false;
  const terminal: Terminal = {
    environment,
    width: 100,
    result: (value) => void results.push(JSON.parse(JSON.stringify(value)) as Record<string, unknown>),
    help: (text) => void lines.push(text),
    say: (line) => void lines.push(line),
    fail: () => {
      failed = true;
    },
    redraw: async (text) => void lines.push(text),
    interrupted: async () => {},
  };
  await runProgram(given, terminal);
  return { results, said: lines.join("\n"), failed };
}
