/** Owns the reading of proxies: `aws_sts.proxy`, which may be a load balancer, and the `proxy` of the service instance. */
import { AdapterError } from "../errors/adapter-error";
import type { ForwardProxy, LoadBalancer, ProxySettings } from "../types/proxy";
import { Secret } from "../types/secret";
import { foundText } from "./found-text";
import { bracketed } from "./sts-endpoint";

const DEFAULT_PORT = { http: 80, https: 443, socks4: 1080, socks5: 1080 } as const;
const PROTOCOLS: Readonly<Record<string, ForwardProxy["protocol"]>> = {
  "": "http",
  "http:": "http",
  "https:": "https",
  "tls:": "https",
  "socks4:": "socks4",
  "socks4a:": "socks4",
  "socks5:": "socks5",
  "socks5h:": "socks5",
  "socks:": "socks5",
};
const EXPECTED =
  "http://host:port, https://host:port or socks5://host:port, with user:password@ before the host where the proxy wants it (special characters percent-encoded), or a bare host with optional :port";

/**
 * @param text - the property's value; not empty
 * @param mode - `proxyMode`; without it the form decides: a URL is a forward proxy, a bare host a load balancer
 * @param property - its name, for the error
 * @throws AdapterError `INVALID_PROPERTIES`
 */
export function parseProxy(
  text: string,
  mode: "forward" | "loadBalancer" | undefined,
  property: string,
): ProxySettings {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  return (mode ?? (hasScheme ? "forward" : "loadBalancer")) === "forward"
    ? forward(text, hasScheme, property)
    : loadBalancer(text, hasScheme, property);
}

function forward(text: string, hasScheme: boolean, property: string): ForwardProxy {
  // URL knows default ports for http and https only, and drops them; a neutral scheme keeps what was written.
  const protocol = hasScheme ? PROTOCOLS[text.slice(0, text.indexOf("://") + 1).toLowerCase()] : "http";
  const url = parse(hasScheme ? text.slice(text.indexOf("://") + 3) : text);
  const username = decoded(url?.username);
  const password = decoded(url?.password);
  if (protocol === undefined || url === undefined || username === undefined || password === undefined) {
    throw invalid(property, text);
  }
  return {
    mode: "forward",
    protocol,
    host: unbracketed(url.hostname),
    port: url.port === "" ? DEFAULT_PORT[protocol] : Number(url.port),
    ...(username === "" && password === "" ? {} : { username }),
    ...(password === "" ? {} : { password: new Secret(password) }),
  };
}

/** @returns the text without percent-encoding, `undefined` when that is broken */
function decoded(text: string | undefined): string | undefined {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return undefined;
  }
}

function loadBalancer(text: string, hasScheme: boolean, property: string): LoadBalancer {
  const url = parse(hasScheme ? text.slice(text.indexOf("://") + 3) : text);
  if (url === undefined || url.username !== "") throw invalid(property, text);
  return {
    mode: "loadBalancer",
    host: unbracketed(url.hostname),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
  };
}

function parse(authority: string): URL | undefined {
  const text = `ftp-like://${bracketed(authority.replace(/\/$/, ""))}`;
  if (/\s/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.hostname === "" ||
    url.port === "0" ||
    url.pathname.length > 1 ||
    url.search !== "" ||
    !/^[\w.:[\]-]+$/.test(url.hostname)
    ? undefined
    : url;
}

const unbracketed = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");

function invalid(property: string, text: string): AdapterError {
  const found = foundText(text.replace(/^([^/]*\/\/)?.*@/, "$1** masked **@"));
  return new AdapterError("INVALID_PROPERTIES", { property, found, expected: EXPECTED });
}

/** The `proxy` section of a service instance, complete with defaults. */
export interface ProxySection {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
}

/** @returns the forward proxy of all calls, `undefined` when it is not enabled */
export function forwardProxyOf(section: ProxySection): ForwardProxy | undefined {
  if (!section.enabled) return undefined;
  const protocol = PROTOCOLS[section.protocol === "" ? "" : `${section.protocol}:`];
  const host = parse(section.host);
  if (protocol === undefined || host === undefined || host.port !== "" || host.username !== "") {
    throw new AdapterError("INVALID_PROPERTIES", {
      property: "proxy.host",
      found: foundText(section.host),
      expected: "a host name or IP address, as proxy.enabled is true",
    });
  }
  return {
    mode: "forward",
    protocol,
    host: unbracketed(host.hostname),
    port: section.port,
    ...(section.username === "" ? {} : { username: section.username }),
    ...(section.password === "" ? {} : { password: new Secret(section.password) }),
  };
}
