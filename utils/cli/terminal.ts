/** Owns the terminal: a result as JSON on stdout, everything else on stderr, and the exit code. */
import type { LogSink } from "../logging/platform-logger";
import type { Environment } from "../types/environment";
import type { LogLevel } from "../types/logger";

export interface Terminal {
  readonly environment: Environment;
  /** Of a line, in characters. */
  readonly width: number;
  /** The result, for a program to read. */
  result(value: unknown): void;
  /** Help that was asked for. */
  help(text: string): void;
  /** A line for a person. */
  say(line: string): void;
  /** A picture on stdout that takes the place of the one before; where stdout is no terminal, or one without a size, one after the other. */
  redraw(picture: string): Promise<void>;
  /** The command has failed: the process will exit with 1. */
  fail(): void;
  /** Resolves when the user wants the program to end. */
  interrupted(): Promise<void>;
}

/** @returns the terminal of this process */
export function processTerminal(): Terminal {
  // Whoever reads us may have seen enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  return {
    environment: { ...process.env },
    // A window may change its size, one of the two may be no window, and some windows do not know theirs: 0.
    get width() {
      return process.stdout.columns || process.stderr.columns || 100;
    },
    result: (value) => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    help: (text) => void process.stdout.write(text),
    say: (line) => void process.stderr.write(`${line}\n`),
    redraw: async (picture) => {
      if (!process.stdout.isTTY || process.stdout.rows === 0) return void process.stdout.write(`${picture}\n\n`);
      const { default: logUpdate } = await import("log-update");
      logUpdate(picture);
    },
    fail: () => {
      process.exitCode = 1;
    },
    interrupted: () =>
      new Promise((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      }),
  };
}

/** The adapter's log as lines of the terminal, from `level` on. */
export function terminalLog(terminal: Terminal, level: LogLevel): LogSink {
  const write = (name: LogLevel) => (message: string) => terminal.say(`${name.padEnd(5)} ${message}`);
  return {
    level,
    spam: write("spam"),
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}
