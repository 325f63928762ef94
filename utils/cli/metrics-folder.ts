/** Owns the reading of the sockets that running adapters have in a folder. */
import { lstatSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { SOCKET_SUFFIX } from "../runtime/metrics-socket";
import { isProcessSnapshot, type ProcessSnapshot } from "./process-snapshot";

const LIMIT_MS = 2000;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * @returns the answer of each adapter that runs; a socket where nobody answers belongs to one that does not, and what answers
 *   anything else is no adapter
 * @throws the system's error when the folder cannot be read
 */
export async function readMetricsFolder(folder: string): Promise<readonly ProcessSnapshot[]> {
  const paths = readdirSync(folder)
    .filter((name) => name.endsWith(SOCKET_SUFFIX))
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true);
  const answers = await Promise.all(paths.map((path) => ask(path).catch(() => undefined)));
  const found = answers.filter((answer) => answer !== undefined);
  return found.sort((one, other) => one.id.localeCompare(other.id) || one.pid - other.pid);
}

function ask(socketPath: string): Promise<ProcessSnapshot> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const asked = request({ socketPath, path: "/", agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_BYTES) asked.destroy(new Error("the answer is too long"));
      });
      response.on("error", reject);
      response.on("end", () => {
        try {
          const answer: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
          if (response.statusCode === 200 && isProcessSnapshot(answer)) resolve(answer);
          else reject(new Error("this is no adapter's answer"));
        } catch (reason) {
          reject(reason);
        }
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
