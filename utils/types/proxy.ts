/** Owns what stands between the adapter and a host: a forward proxy that is asked, or a load balancer that is dialled. */
import type { Secret } from "./secret";

/** A proxy that is told where to go: absolute-form requests for http, CONNECT for https, SOCKS for both. */
export interface ForwardProxy {
  readonly mode: "forward";
  readonly protocol: "http" | "https" | "socks4" | "socks5";
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: Secret;
}

/** A host that answers as if it were the endpoint: dialled in its place, while TLS name and Host header stay the endpoint's. */
export interface LoadBalancer {
  readonly mode: "loadBalancer";
  readonly host: string;
  /** Without it, the port of the endpoint. */
  readonly port?: number;
}

export type ProxySettings = ForwardProxy | LoadBalancer;
