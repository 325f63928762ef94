/** Owns a logger that writes nothing. */
import type { Logger } from "../../utils/types/logger";

const ignore = (): void => {};

export const silentLogger: Logger = {
  ...{ spam: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
  isEnabled: () => false,
};
