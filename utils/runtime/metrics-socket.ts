/** Owns the socket that `adapter-aws top` reads: in a folder of the adapter's own, for its user only. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { join, resolve } from "node:path";

export interface MetricsSocketOptions {
  readonly folder: string;
  /** Of the service instance. */
  readonly id: string;
  readonly snapshot: () => unknown;
}

export interface MetricsSocket {
  readonly path: string;
  close(): void;
}

export const SOCKET_SUFFIX = ".metrics.sock";
/** Bytes of a socket's path; what is longer is cut by the system without a word. */
const MAX_PATH = 100;
const MAX_ID = 40;
const OTHERS_MAY_WRITE = 0o022;

/**
 * Listens at `<folder>/<id>.<pid>.metrics.sock`. Nobody is kept alive by it.
 * @throws Error that says why the folder cannot be used
 */
export async function openMetricsSocket({ folder, id, snapshot }: MetricsSocketOptions): Promise<MetricsSocket> {
  const name = `${id.replace(/[^\w-]/g, "_").slice(0, MAX_ID)}.${process.pid}${SOCKET_SUFFIX}`;
  const path = join(folder, name);
  if (Buffer.byteLength(path) > MAX_PATH) throw new Error(`${path} is too long for a socket`);
  makeFolder(folder);
  checkFolder(folder);
  await sweep(folder);
  const server = createServer((request, response) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    response.writeHead(isRead ? 200 : 405, { "content-type": "application/json", connection: "close" });
    response.end(isRead ? JSON.stringify({ pid: process.pid, ...(snapshot() as object) }) : undefined);
  });
  await listen(server, path);
  chmodSync(path, 0o600);
  server.unref();
  const remove = (): void => rmSync(path, { force: true });
  allowListeners(1);
  process.once("exit", remove);
  return {
    path,
    close: () => {
      if (process.listeners("exit").includes(remove)) allowListeners(-1);
      process.off("exit", remove);
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Each adapter has one listener of its own: more than ten of them are no leak. 0 allows any number. */
function allowListeners(more: number): void {
  const most = process.getMaxListeners();
  if (most > 0) process.setMaxListeners(Math.max(1, most + more));
}

/** Only the last folder of the path: making a whole path may never end on a file system that makes none. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Whoever may write into the folder could put a socket of his own there. */
function checkFolder(folder: string): void {
  // A slash or a dot at the end would have the system follow a link.
  const status = lstatSync(resolve(folder));
  const { mode, uid } = status;
  if (!status.isDirectory()) throw new Error(`${folder} is no folder`);
  const self = process.getuid?.();
  if (self !== undefined && uid !== self) throw new Error(`${folder} belongs to another user`);
  if (self !== undefined && (mode & OTHERS_MAY_WRITE) !== 0) {
    throw new Error(`others may write into ${folder}: chmod 700`);
  }
}

/** Removes the sockets of processes that were killed: nobody answers there. */
async function sweep(folder: string): Promise<void> {
  const paths = readdirSync(folder).filter((name) => name.endsWith(SOCKET_SUFFIX));
  await Promise.all(
    paths.map(async (name) => {
      const path = join(folder, name);
      if (await isAbandoned(path)) rmSync(path, { force: true });
    }),
  );
}

function isAbandoned(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      settle(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code === "ECONNREFUSED"));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((settle, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      settle();
    });
  });
}
