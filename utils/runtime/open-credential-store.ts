/** Owns the credential store of a process: where it meets disk, network, clock and randomness. */
import { fileStore } from "../credentials/credential-store/file-store";
import { lazy } from "../types/lazy";
import type { OpenCredentialStore } from "./identities";
import { nodePrivateFiles } from "./node-private-files";
import { systemClock } from "./system-clock";
import { systemRandomness } from "./system-randomness";

const inRedis = lazy(() => require("./open-redis-store") as typeof import("./open-redis-store"));

export const openCredentialStore: OpenCredentialStore = (settings, warn, info = () => undefined) => {
  const process = { clock: systemClock, ...systemRandomness };
  if (settings.type === "redis") return inRedis().openRedisStore(settings, { ...process, warn, info });
  return fileStore(settings, { ...process, files: nodePrivateFiles, warn });
};
