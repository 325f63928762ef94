/** Owns the embedded AWS: one HTTP server on the loopback address behind which the simulated services stand. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { ContainerCredentials } from "./container-credentials";
import { ControlPanel } from "./control-panel";
import { CredentialStore } from "./credential-store";
import { defaultWorld } from "./default-world";
import { FaultSwitch } from "./faults";
import { Gateway } from "./gateway";
import { InstanceMetadata } from "./instance-metadata";
import { Reception } from "./reception";
import { type RecordedRequest, RequestRecord } from "./request-record";
import { RoleSessions } from "./role-sessions";
import { RolesAnywhere, type WorkloadCertificate } from "./roles-anywhere";
import { createServices } from "./services/service-table";
import { SignatureVerifier } from "./signature-verifier";
import { type TokenRequest, WebIdentityTokens } from "./web-identity";
import { wireRequest } from "./wire-request";
import type { World } from "./world";

export interface SimulatorOptions {
  /** {@link defaultWorld} when absent. */
  readonly world?: World;
  /** An ephemeral one when absent. */
  readonly port?: number;
  /** Epoch milliseconds; the system's when absent. */
  readonly clock?: { now(): number };
  /** How long every issued credential lives in seconds, whatever was asked for. */
  readonly credentialLifetimeSeconds?: number;
  /** Serves https with this key and certificate (PEM). */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
}

export interface Simulator {
  /** Origin, `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly world: World;
  readonly faults: FaultSwitch;
  /** The latest requests, oldest first; never anything secret. */
  readonly requests: readonly RecordedRequest[];
  /** How often each `service.action` was asked for. */
  counts(): Record<string, number>;
  /** Forgets the requests and counts. */
  clearRequests(): void;
  /** A web identity token of the world's OIDC provider, signed with a key made for this simulator. */
  webIdentityToken(request: TokenRequest): string;
  /** A certificate with key and chain, in PEM, that the world's own trust anchor vouches for. */
  workloadCertificate(commonName: string): WorkloadCertificate;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** An object of a gibibyte in its frames. It is kept in memory, several times over while it is taken in. */
const maxBodyBytes = 1280 * 1024 * 1024;

/**
 * Starts a simulated AWS on 127.0.0.1.
 * @throws the system's own error when the port cannot be had
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const world = options.world ?? defaultWorld();
  const now = options.clock === undefined ? Date.now : () => (options.clock as { now(): number }).now();
  const credentials = new CredentialStore(world, randomBytes, now, options.credentialLifetimeSeconds);
  const tokens = new WebIdentityTokens(world, now);
  const sessions = new RoleSessions(world, credentials);
  const rolesAnywhere = new RolesAnywhere(world, credentials);
  let url = "";
  const services = createServices({ world, credentials, tokens, randomBytes, nowMs: now(), origin: () => url });

  const faults = new FaultSwitch();
  const record = new RequestRecord();
  const reception = new Reception({
    gateway: new Gateway(services, new SignatureVerifier(credentials), world.regions),
    metadata: new InstanceMetadata(world, sessions, randomBytes),
    containers: new ContainerCredentials(world, sessions),
    rolesAnywhere,
    control: new ControlPanel(faults, record, world, [...services.keys()]),
    faults,
    record,
    now,
    monotonic: () => performance.now(),
  });
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) message.destroy();
      else chunks.push(chunk);
    });
    message.on("end", () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      reception.receive(wireRequest(message, body), response);
    });
  };
  // Session tokens, tags and presigned URLs outgrow Node's 16 KB of headers.
  const settings = { maxHeaderSize: 64 * 1024, keepAliveTimeout: 60_000 };
  const server: Server =
    options.tls === undefined
      ? createServer(settings, listener)
      : createTlsServer({ ...settings, ...options.tls }, listener);
  const port = await listen(server, options.port ?? 0);
  url = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  return {
    url,
    port,
    world,
    faults,
    get requests() {
      return record.requests;
    },
    counts: () => record.counts(),
    clearRequests: () => record.clear(),
    webIdentityToken: (request) => tokens.issue(request),
    workloadCertificate: (commonName) => rolesAnywhere.issue(commonName),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        reception.close();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
