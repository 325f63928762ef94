/** Owns the connections to the services: pooled, through the service instance's proxy and with its TLS settings. */
import { proxyTransport } from "../http/proxy-transport";
import { readTlsOptions, type TlsOptions } from "../http/tls-options";
import { directTransport, type Transport } from "../http/transport";
import type { Settings } from "../settings/settings";
import type { Clock } from "../types/clock";
import type { Files } from "../types/files";
import type { Destination } from "./destinations";

/** To one host; further requests wait for one. */
const MAX_SOCKETS = 256;

export class Transports {
  readonly #settings: Pick<Settings, "proxy">;
  readonly #clock: Clock;
  readonly #tls: TlsOptions;
  /** By protocol, and by what is dialled: no more than the operator named. */
  readonly #made = new Map<string, Transport>();

  /** @throws AdapterError `INVALID_PROPERTIES` when a TLS file or setting is unusable */
  constructor(
    settings: Pick<Settings, "proxy" | "tls">,
    { files, clock }: { readonly files: Files; readonly clock: Clock },
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#tls = readTlsOptions(settings.tls, files);
  }

  to({ protocol, dial }: Destination): Transport {
    const key = dial === undefined ? protocol : `${protocol}${dial.host}|${dial.port}`;
    let transport = this.#made.get(key);
    if (transport === undefined) {
      const { proxy } = this.#settings;
      transport =
        dial === undefined && proxy !== undefined
          ? proxyTransport(protocol, MAX_SOCKETS, this.#tls, proxy, this.#clock)
          : directTransport(protocol, MAX_SOCKETS, this.#tls, dial);
      this.#made.set(key, transport);
    }
    return transport;
  }

  destroy(): void {
    for (const transport of this.#made.values()) transport.destroy();
  }
}
