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
const AWS_DOMAIN = /\.amazonaws\.(?:com|com\.cn|eu)$/;
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/;
/** Behind these stand instances, load balancers, caches and databases: `….us-west-2.compute.amazonaws.com`. */
const OF_CUSTOMERS = /^(?:compute(?:-\d+)?|elb|cache)$/;
const DATABASES = "rds";
const PRIVATE_SERVICE = /^vpce-svc-/;
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

/** Whether AWS gave the name to a machine of one of its customers, who would read what is signed. */
function isCustomers(host: string): boolean {
  if (!AWS_DOMAIN.test(host)) return false;
  const labels = host.replace(AWS_DOMAIN, "").split(".");
  const last = labels.at(-1) ?? "";
  if (REGION.test(last)) return labels.at(-2) === "elb";
  return (
    OF_CUSTOMERS.test(last) ||
    (last === DATABASES && labels.length > 1) ||
    (last === "vpce" && labels.some((label) => PRIVATE_SERVICE.test(label)))
  );
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
    if (!isAwsHost(target.host) || isCustomers(target.host)) {
      throw new ProxyRefusal("forbidden", "The host is none of AWS's and none that the proxy was told to allow.");
    }
    if (target.port !== HTTPS_PORT) {
      throw new ProxyRefusal("forbidden", "A host of AWS is reached on port 443 only.");
    }
  }
}
