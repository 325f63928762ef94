/** Owns the pool of connections with TLS. It is loaded when one is made, as node:https comes with it. */
import type { ClientRequest } from "node:http";
import https from "node:https";
import { agentOptions, type ConnectionOptions, LastName } from "./pools";

/** Connections with TLS, all under the same settings but for the name that is verified. */
export class TlsPool extends https.Agent {
  readonly #names = new LastName();

  constructor(maxSockets: number, tls: https.AgentOptions) {
    super({ ...agentOptions, ...tls });
    this.maxSockets = maxSockets;
    this.maxFreeSockets = maxSockets;
  }

  override addRequest(request: ClientRequest, options: ConnectionOptions): void {
    const { host, port, servername, checkServerIdentity, tunnelLimitMs } = options;
    const secure = { host, port, servername };
    if (checkServerIdentity !== undefined) Object.assign(secure, { checkServerIdentity });
    if (tunnelLimitMs !== undefined) Object.assign(secure, { tunnelLimitMs });
    super.addRequest(request, secure);
  }

  override getName(options?: https.RequestOptions): string {
    return this.#names.of(options as ConnectionOptions | undefined, () => super.getName(options));
  }
}
