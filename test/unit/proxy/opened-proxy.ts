/** Owns a signing proxy for a test, what stands behind it, and clients that speak HTTP byte by byte. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type SigningProxy, type SigningProxyOptions, startSigningProxy } from "../../../utils/proxy/signing-proxy";
import { createRuntime } from "../../../utils/runtime/create-runtime";
import { defaultDependencies } from "../../../utils/runtime/default-dependencies";
import { systemRandomness } from "../../../utils/runtime/system-randomness";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { defaultWorld } from "../../../utils/simulator/default-world";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import type { World } from "../../../utils/simulator/world";
import type { Logger } from "../../../utils/types/logger";

export const SELECTOR = "AKIADUMMYFORROLEA";
export const SECRET_KEY = "proxyOwnersSecretKeyThatNobodySees000000";
const ACCESS_KEY = "AKIASIMULATEDOWNER00";

const closers: (() => unknown)[] = [];

/** Everything that the test opened. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export interface OpenedProxy {
  readonly proxy: SigningProxy;
  /** Everything that was logged. */
  readonly log: readonly string[];
}

/**
 * @param properties - of the service instance, besides its credentials
 * @param providers - in place of one with keys and the selector
 */
export async function openProxy(
  properties: object,
  options: Partial<SigningProxyOptions> = {},
  providers: readonly object[] = [
    { name: "owner", access_key_id_selector: SELECTOR, aws_access_key: ACCESS_KEY, aws_secret_key: SECRET_KEY },
  ],
): Promise<OpenedProxy> {
  const log: string[] = [];
  const keep = (entry: string): void => void log.push(entry);
  const logger: Logger = {
    ...{ spam: keep, trace: keep, debug: keep, info: keep, warn: keep, error: keep },
    isEnabled: () => true,
  };
  const dependencies = { ...defaultDependencies(join(__dirname, "../../.."), logger), environment: {} };
  const given = {
    region: "us-east-1",
    ...properties,
    authentication: {
      auth_method: "aws_authentication",
      aws_access_key: ACCESS_KEY,
      aws_secret_key: SECRET_KEY,
      credential_providers: providers,
      ...(properties as { authentication?: object }).authentication,
    },
  };
  const runtime = createRuntime(parseSettings("proxied", given, {}), dependencies);
  const proxy = await startSigningProxy(
    {
      ...{ port: 0, upstreams: new Map(), allowedHosts: [], timeoutMs: 5000, bufferLimitBytes: 1024 * 1024 },
      ...options,
    },
    { ...systemRandomness, runtime, clock: dependencies.clock, files: dependencies.files, logger },
  );
  closers.push(async () => {
    await proxy.close(0);
    runtime.close();
  });
  return { proxy, log };
}

/** A world in which the proxy's owner may do everything. */
function ownersWorld(): World {
  const world = defaultWorld();
  const owner = {
    accountId: "123456789012",
    name: "owner",
    userId: "AIDASIMULATEDOWNER000",
    accessKeys: [{ accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY }],
    permissions: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  } as World["users"][number];
  return { ...world, users: [...world.users, owner] };
}

/** AWS as the simulator plays it: it verifies every signature from the bytes that reach it, with code of its own. */
export async function openSimulator(): Promise<Simulator> {
  const simulator = await startSimulator({ world: ownersWorld() });
  closers.push(() => simulator.close());
  return simulator;
}

export interface RawUpstream {
  readonly port: number;
  readonly url: URL;
  /** All bytes of each connection, as text. */
  readonly received: string[];
  readonly sockets: ReadonlySet<Socket>;
}

/** @param answer - called once a connection has sent a whole head, and for whatever comes later */
export async function openUpstream(
  answer: (socket: Socket, received: string, connection: number) => void,
): Promise<RawUpstream> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    const connection = received.push("") - 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (part) => {
      received[connection] += part.toString("latin1");
      if (received[connection]?.includes("\r\n\r\n")) answer(socket, received[connection], connection);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: new URL(`http://127.0.0.1:${port}`), received, sockets };
}

/** The headers of a signature that a client with dummy keys makes. */
export function dummySignature(
  changes: {
    readonly service?: string;
    readonly selector?: string;
    readonly hash?: string;
    readonly signed?: string;
  } = {},
): string {
  const { service = "s3", selector = SELECTOR, hash, signed = "host;x-amz-date" } = changes;
  const covered = hash === undefined ? signed : `${signed};x-amz-content-sha256`;
  return [
    `Authorization: AWS4-HMAC-SHA256 Credential=${selector}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=${covered}, Signature=${"a".repeat(64)}`,
    "X-Amz-Date: 20260101T000000Z",
    ...(hash === undefined ? [] : [`X-Amz-Content-Sha256: ${hash}`]),
  ].join("\r\n");
}

/** Opens a connection to the proxy. What it answers is collected until it ends, or `enough` says so. */
export async function connectTo(port: number): Promise<{
  readonly socket: Socket;
  write(text: string | Buffer): void;
  answer(enough?: (text: string) => boolean): Promise<string>;
}> {
  const socket = net.connect(port, "127.0.0.1");
  closers.push(() => socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  let text = "";
  socket.on("data", (part) => {
    text += part.toString("latin1");
  });
  return {
    socket,
    write: (given) => void socket.write(typeof given === "string" ? Buffer.from(given, "latin1") : given),
    answer: (enough = () => false) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!enough(text)) return;
          socket.off("data", check);
          resolve(text);
        };
        check();
        socket.on("data", check);
        socket.once("close", () => resolve(text));
      }),
  };
}

/** One request on a connection of its own, to the last byte of the answer. */
export async function ask(port: number, lines: string, body: string | Buffer = ""): Promise<string> {
  const { write, answer } = await connectTo(port);
  const [first, ...headers] = lines.split("\r\n");
  write(`${[first, `Host: 127.0.0.1:${port}`, ...headers, "Connection: close"].filter(Boolean).join("\r\n")}\r\n\r\n`);
  write(body);
  return answer();
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
export const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

/** Waits for what has to come, without saying how soon. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error(`never: ${what}`);
    await sleep(5);
  }
}
