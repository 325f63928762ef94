/** Owns the logger the product writes to: the platform's six levels. */

export type LogLevel = "spam" | "trace" | "debug" | "info" | "warn" | "error";

/** Injected everywhere, imported nowhere. Every entry that reaches it is masked already. */
export interface Logger {
  spam(message: string): void;
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Whether an entry of that level would be written, so that costly entries are not even made. */
  isEnabled(level: LogLevel): boolean;
}
