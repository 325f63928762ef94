/** Owns the logger: the platform's own when it has one, else pino, loaded when the first entry is written. */
import { lazy } from "../types/lazy";
import type { Logger, LogLevel } from "../types/logger";

/** Anything that may be a platform's log: some of the six levels, and perhaps a way to ask which are on. */
export type LogSink = Partial<Record<LogLevel, (message: string) => void>> & {
  readonly level?: unknown;
  /** winston: rank by name, lower is more important. */
  readonly levels?: Readonly<Record<string, number>>;
  /** pino, and winston under the same name. */
  readonly isLevelEnabled?: (level: string) => boolean;
};

/** From chatty to grave. */
export const logLevels: readonly LogLevel[] = ["spam", "trace", "debug", "info", "warn", "error"];

const isLogSink = (value: unknown): value is LogSink =>
  (typeof value === "object" || typeof value === "function") &&
  value !== null &&
  logLevels.some((level) => typeof (value as LogSink)[level] === "function");

/** The level that a sink has instead: the next graver one. */
function levelOf(sink: LogSink, wanted: LogLevel): LogLevel | undefined {
  for (let at = logLevels.indexOf(wanted); at < logLevels.length; at += 1) {
    const level = logLevels[at] as LogLevel;
    if (typeof sink[level] === "function") return level;
  }
  return undefined;
}

function sinkIsEnabled(sink: LogSink, level: LogLevel): boolean {
  if (typeof sink.isLevelEnabled === "function") return sink.isLevelEnabled(level) === true;
  if (typeof sink.level !== "string") return true;
  const rank = sink.levels?.[level];
  const threshold = sink.levels?.[sink.level];
  if (rank !== undefined && threshold !== undefined) return rank <= threshold;
  const known = logLevels.indexOf(sink.level as LogLevel);
  return known === -1 || logLevels.indexOf(level) >= known;
}

/** pino writes to stderr, so that a program's answers on stdout stay clean. It knows no `spam`. */
function pinoSink(level: LogLevel): LogSink {
  const open = lazy(() => {
    const { pino } = require("pino") as typeof import("pino");
    return pino({ level: level === "spam" ? "trace" : level, base: null }, pino.destination({ dest: 2, sync: true }));
  });
  return {
    level,
    trace: (message) => open().trace(message),
    debug: (message) => open().debug(message),
    info: (message) => open().info(message),
    warn: (message) => open().warn(message),
    error: (message) => open().error(message),
  };
}

/**
 * @param id - the adapter's id, put before every entry
 * @param sink - the platform's log; anything that is none, or undefined, means pino
 * @param level - of pino; a platform's log decides for itself
 */
export function createLogger(id: string, sink: unknown, level: LogLevel = "info"): Logger {
  const target = isLogSink(sink) ? sink : pinoSink(level);
  const isEnabled = (wanted: LogLevel): boolean => {
    const available = levelOf(target, wanted);
    return available !== undefined && sinkIsEnabled(target, available);
  };
  const write = (wanted: LogLevel) => (message: string) => {
    const available = levelOf(target, wanted);
    if (available !== undefined && sinkIsEnabled(target, available)) target[available]?.(`${id}: ${message}`);
  };
  return {
    spam: write("spam"),
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    isEnabled,
  };
}

/** A logger whose every entry passes the masker: for all parts of the product that do not mask by themselves. */
export function maskedLogger(logger: Logger, masker: { maskText(text: string): string }): Logger {
  const write = (level: LogLevel) => (message: string) => {
    if (logger.isEnabled(level)) logger[level](masker.maskText(message));
  };
  return {
    spam: write("spam"),
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    isEnabled: (level) => logger.isEnabled(level),
  };
}
