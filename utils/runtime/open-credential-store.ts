/** Owns the credential store of a process: where it meets disk, clock and randomness. */
import { randomBytes } from "node:crypto";
import { fileStore } from "../credentials/credential-store/file-store";
import type { OpenCredentialStore } from "./identities";
import { nodePrivateFiles } from "./node-private-files";
import { systemClock } from "./system-clock";

export const openCredentialStore: OpenCredentialStore = (settings, warn) =>
  fileStore(settings, { files: nodePrivateFiles, clock: systemClock, random: Math.random, randomBytes, warn });
