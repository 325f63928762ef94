/** Owns a logger that writes nothing, and one that remembers what an operator would read. */
import type { Logger } from "../../utils/types/logger";

const ignore = (): void => {};

export const silentLogger: Logger = {
  ...{ spam: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
  isEnabled: () => false,
};

/** @returns a logger, and what it was given from level info upward */
export function recordingLogger(): { readonly logger: Logger; readonly entries: string[] } {
  const entries: string[] = [];
  const keep = (message: string): void => {
    entries.push(message);
  };
  const isEnabled: Logger["isEnabled"] = (level) => level === "info" || level === "warn" || level === "error";
  return { logger: { ...silentLogger, info: keep, warn: keep, error: keep, isEnabled }, entries };
}
