/** Owns the table of commands, and what becomes of an error that a command leaves. */
import { Command, CommanderError } from "commander";
import { toAdapterError } from "../errors/adapter-error";
import { CallError } from "../platform/envelope";
import { withoutUserInfo } from "../settings/found-text";
import { addCall } from "./call";
import { addConnectivity } from "./connectivity";
import { addEntities } from "./entities";
import { addExplain } from "./explain";
import { addHealthcheck } from "./healthcheck";
import { addIdentity } from "./identity";
import { addOidc } from "./oidc";
import { addProxy } from "./proxy";
import { addSimulate } from "./simulate";
import { addStart } from "./start";
import type { Terminal } from "./terminal";
import { addTestConnection } from "./test-connection";
import { addTop } from "./top";
import { addTroubleshoot } from "./troubleshoot";

const commands = [
  addStart,
  addCall,
  addExplain,
  addHealthcheck,
  addConnectivity,
  addTestConnection,
  addIdentity,
  addOidc,
  addTroubleshoot,
  addProxy,
  addTop,
  addSimulate,
  addEntities,
];

/** A call's error as the platform would get it; what failed outside of a call, by its texts. */
function shownError(thrown: unknown): object {
  if (thrown instanceof CallError) return thrown.toEnvelope();
  const { icode, displayString, recommendation } = toAdapterError(thrown);
  return { icode, displayString, recommendation };
}

/**
 * Runs one command line.
 * @param given - the arguments behind the program's name
 */
export async function runProgram(given: readonly string[], terminal: Terminal): Promise<void> {
  const program = new Command("adapter-aws")
    .description("Calls any AWS operation as any AWS role, from a service instance.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.help(text),
      writeErr: (text) => terminal.say(withoutUserInfo(text.trimEnd())),
    });
  for (const add of commands) add(program, terminal);
  try {
    await program.parseAsync([...given], { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode !== 0) terminal.fail();
      return;
    }
    terminal.say(JSON.stringify(shownError(thrown), null, 2));
    terminal.fail();
  }
}
