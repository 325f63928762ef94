/** Owns the pool of connections: an agent of node:http that is asked with no more than tells connections apart. */
import http, { type ClientRequest } from "node:http";

declare module "node:http" {
  interface Agent {
    /** What Node calls for each request; every agent has it. */
    addRequest(request: ClientRequest, options: ConnectionOptions): void;
  }
}

/** What a connection is made from, and found again by. */
export interface ConnectionOptions {
  readonly host?: string | null | undefined;
  readonly port?: string | number | null | undefined;
  readonly servername?: string | undefined;
  /** Address that the certificate must be for, where another one is dialled. No server name says it, as that cannot be one. */
  readonly verifiedAs?: string | undefined;
  /** Of those that are made through a proxy. */
  readonly tunnelLimitMs?: number;
}

/** The name of a connection is asked for three times a request, and put together from all that TLS may be told. */
export class LastName {
  #host: unknown;
  #port: unknown;
  #servername: unknown;
  #verifiedAs: unknown;
  #name: string | undefined;

  of(options: ConnectionOptions | undefined, name: () => string): string {
    if (options === undefined) return name();
    const { host, port, servername, verifiedAs } = options;
    const isLast =
      host === this.#host && port === this.#port && servername === this.#servername && verifiedAs === this.#verifiedAs;
    if (this.#name === undefined || !isLast) {
      this.#name = name();
      this.#host = host;
      this.#port = port;
      this.#servername = servername;
      this.#verifiedAs = verifiedAs;
    }
    return this.#name;
  }
}

/**
 * Node puts what it is given with a request into one object with what the agent was given, the slow way: every member
 * less is a tenth of a microsecond.
 */
export const agentOptions = { keepAlive: true } as const;

/** Plain connections, kept alive, the latest used first. */
export class Pool extends http.Agent {
  readonly #names = new LastName();

  constructor(maxSockets: number) {
    super(agentOptions);
    this.maxSockets = maxSockets;
    this.maxFreeSockets = maxSockets;
  }

  override addRequest(request: ClientRequest, { host, port, tunnelLimitMs }: ConnectionOptions): void {
    // Without a server name, Node works out for every request whether the host is an address.
    const plain = { host, port, servername: "" };
    super.addRequest(request, tunnelLimitMs === undefined ? plain : { ...plain, tunnelLimitMs });
  }

  override getName(options?: http.RequestOptions): string {
    return this.#names.of(options, () => super.getName(options));
  }
}
