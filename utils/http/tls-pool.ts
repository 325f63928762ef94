/** Owns the pool of connections with TLS. It is loaded when one is made, as node:https comes with it. */
import type { ClientRequest } from "node:http";
import https from "node:https";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { agentOptions, type ConnectionOptions, LastName } from "./pools";

/** Node verifies an address against what was dialled; behind a load balancer it must be the endpoint's. */
const verified = (verifiedAs: string) => ({
  verifiedAs,
  checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(verifiedAs, certificate),
});

/** Connections with TLS, all under the same settings but for the name that is verified. */
export class TlsPool extends https.Agent {
  readonly #names = new LastName();

  constructor(maxSockets: number, tls: https.AgentOptions) {
    super({ ...agentOptions, ...tls });
    this.maxSockets = maxSockets;
    this.maxFreeSockets = maxSockets;
  }

  override addRequest(request: ClientRequest, options: ConnectionOptions): void {
    const { host, port, servername, verifiedAs, tunnelLimitMs } = options;
    const secure = { host, port, servername };
    if (verifiedAs !== undefined) Object.assign(secure, verified(verifiedAs));
    if (tunnelLimitMs !== undefined) Object.assign(secure, { tunnelLimitMs });
    super.addRequest(request, secure);
  }

  override getName(options?: https.RequestOptions): string {
    const asked = options as ConnectionOptions | undefined;
    return this.#names.of(asked, () => {
      const name = super.getName(options);
      // By this name a connection and its TLS session are used again, and neither is verified then.
      return asked?.verifiedAs === undefined ? name : `${name}:${asked.verifiedAs}`;
    });
  }
}
