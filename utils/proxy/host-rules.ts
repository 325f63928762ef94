/** Owns which hosts the proxy signs for: AWS's own, those that the operator named, and nobody else. */
import { isAwsHost } from "../settings/partitions";
import { ProxyRefusal } from "./proxy-refusal";

export interface HostAndPort {
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

const LABELS = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/;
const IPV6 = /^[0-9a-f:.]{2,45}$/;
/** Names below AWS's domains whose machines are customers': instances and load balancers. */
const OF_CUSTOMERS = /(?:^|\.)(?:compute(?:-\d+)?|elb|[a-z0-9-]+\.compute|cache|rds)\.amazonaws\.(?:com|com\.cn|eu)$/;
const RDS_API = /^rds(?:-fips)?(?:\.[a-z0-9-]+)?\.amazonaws\./;
const HTTPS_PORT = 443;

/**
 * @param text - `host`, `host:port`, `[::1]:port`
 * @returns undefined for anything else: a user, a path, a trailing dot, a port that is none
 */
export function parseAuthority(text: string, defaultPort: number): HostAndPort | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:@/?#[\]]*))(?::(\d{1,5}))?$/.exec(text.toLowerCase());
  if (match === null) return undefined;
  const [, address, name = "", digits] = match;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  if (address !== undefined) return IPV6.test(address) ? { host: address, port } : undefined;
  return LABELS.test(name) ? { host: name, port } : undefined;
}

export class HostRules {
  readonly #named: ReadonlySet<string>;

  /** @param named - hosts of the operator's own */
  constructor(named: readonly HostAndPort[]) {
    this.#named = new Set(named.map(({ host, port }) => `${host}|${port}`));
  }

  /** Whether the operator named it, and so decided that it may be reached without TLS. */
  isNamed({ host, port }: HostAndPort): boolean {
    return this.#named.has(`${host}|${port}`);
  }

  /** @throws ProxyRefusal when nothing is signed for that host */
  check(target: HostAndPort): void {
    if (this.isNamed(target)) return;
    if (!isAwsHost(target.host) || (OF_CUSTOMERS.test(target.host) && !RDS_API.test(target.host))) {
      throw new ProxyRefusal("forbidden", "The host is none of AWS's and none that the proxy was told to allow.");
    }
    if (target.port !== HTTPS_PORT) {
      throw new ProxyRefusal("forbidden", "A host of AWS is reached on port 443 only.");
    }
  }
}
