/** Owns where a request goes: to the host that the client named, or, where it named the proxy, to the service's endpoint. */
import { EndpointResolver } from "../client/endpoint";
import { rawEndpoint, SIGNED_AS_IS } from "../client/raw-request";
import { AdapterError } from "../errors/adapter-error";
import type { ModelCatalog } from "../models/model-catalog";
import type { EndpointSettings } from "../settings/settings";
import { BoundedMap } from "../types/bounded-map";
import { hostHeader } from "../types/host-header";
import type { LoadBalancer } from "../types/proxy";
import type { ClientSignature } from "./client-signature";
import type { HostAndPort } from "./host-rules";
import { ProxyRefusal } from "./proxy-refusal";
import type { ServiceModels } from "./service-models";

export interface Destination {
  readonly protocol: "http:" | "https:";
  readonly hostname: string;
  readonly port?: number;
  /** Before the client's own path: empty, or starting with `/` and not ending with it. */
  readonly basePath: string;
  readonly hostHeader: string;
  /** Dialled in place of the host, whose name TLS and Host header keep. */
  readonly dial?: LoadBalancer;
  readonly scheme: "sigv4" | "sigv4a";
  readonly service: string;
  /** For sigv4a a set of regions. */
  readonly region: string;
  readonly path: "as-is" | "double-encoded";
}

/** Where the operator sends a service, in place of what AWS publishes. */
export type Upstreams = ReadonlyMap<string, URL>;

/** What the client named as its target, by CONNECT or in the request line; `proxy` for the proxy itself. */
export type NamedTarget = "proxy" | (HostAndPort & { readonly protocol: "http:" | "https:" });

const KEPT = 500;
const DEFAULT_PORT = { "http:": 80, "https:": 443 } as const;
/** Hosts of AWS that belong to no region and therefore take SigV4a only. */
const OF_NO_REGION = /\.accesspoint\.s3-global\.amazonaws\.|\.endpoint\.events\.amazonaws\./;

type Signing = Pick<Destination, "scheme" | "service" | "region" | "path">;
type Place = Pick<Destination, "protocol" | "hostname" | "port" | "basePath">;

export class Destinations {
  readonly #kept = new BoundedMap<Destination>(KEPT);
  readonly #endpoints: EndpointResolver;

  constructor(
    readonly upstreams: Upstreams,
    readonly settings: EndpointSettings,
    readonly catalog: ModelCatalog,
    readonly models: ServiceModels,
  ) {
    this.#endpoints = new EndpointResolver(settings);
  }

  /** @throws ProxyRefusal when nothing says where the service is */
  of(signature: ClientSignature, target: NamedTarget): Destination {
    const named = target === "proxy" ? "" : `${target.protocol}${target.host}|${target.port}`;
    const { algorithm, region, regionSet, service } = signature;
    const key = `${algorithm} ${service} ${region} ${regionSet} ${named}`;
    let destination = this.#kept.get(key);
    if (destination === undefined) {
      destination = target === "proxy" ? this.#published(signature) : this.#named(signature, target);
      this.#kept.set(key, destination);
    }
    return destination;
  }

  #named(signature: ClientSignature, target: HostAndPort & { readonly protocol: "http:" | "https:" }): Destination {
    const { protocol, host: hostname } = target;
    const port = target.port === DEFAULT_PORT[protocol] ? {} : { port: target.port };
    const place: Place = { protocol, hostname, ...port, basePath: "" };
    const signing = this.#signing(signature, hostname);
    const upstream = this.upstreams.get(signature.service);
    if (upstream === undefined) return { ...place, hostHeader: hostHeader(place), ...signing };
    const { protocol: spoken, basePath, dial } = placeOf(upstream);
    return { ...place, protocol: spoken, basePath, hostHeader: hostHeader(place), dial, ...signing };
  }

  #published(signature: ClientSignature): Destination {
    const upstream = this.upstreams.get(signature.service);
    if (upstream !== undefined) {
      const place = placeOf(upstream);
      return { ...place, hostHeader: hostHeader(place), ...this.#signing(signature, place.hostname) };
    }
    const { service, region } = signature;
    const model = this.models.ofSigningName(service);
    try {
      const raw = { method: "GET", path: "/", basePath: "prepend", service: model?.name ?? service } as const;
      const call = region === undefined ? undefined : { region };
      const endpoint = rawEndpoint(raw, this.settings, call, this.catalog, this.#endpoints);
      const { protocol, hostname, port, path } = endpoint;
      const place: Place = {
        protocol,
        hostname,
        ...(port === undefined ? {} : { port }),
        basePath: path.replace(/\/$/, ""),
      };
      const signing = this.#signing(signature, hostname);
      // A service of the whole partition has a region of its own to sign for, whatever the client was told.
      const signed = signing.scheme === "sigv4" && model !== undefined ? { region: endpoint.signing.region } : {};
      return { ...place, hostHeader: hostHeader(place), ...signing, ...signed };
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      const advice = `start the proxy with --upstream ${service}=URL, or use it as HTTPS_PROXY`;
      throw new ProxyRefusal("invalid", `${error.displayString} Otherwise ${advice}.`, { cause: error });
    }
  }

  #signing({ algorithm, service, region, regionSet }: ClientSignature, hostname: string): Signing {
    const model = this.models.ofSigningName(service);
    const asIs = model === undefined ? SIGNED_AS_IS.has(service) : !model.signingEscapePath;
    const path = asIs ? "as-is" : "double-encoded";
    const regional = algorithm === "sigv4" && region !== "*" && !OF_NO_REGION.test(hostname);
    if (regional) return { scheme: "sigv4", service, region: region as string, path };
    return { scheme: "sigv4a", service, region: regionSet ?? "*", path };
  }
}

/** Dialled by its own name: what the operator names is not looked for through a proxy. */
function placeOf(url: URL): Place & { readonly dial: LoadBalancer } {
  const protocol = url.protocol as Place["protocol"];
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const basePath = url.pathname.replace(/\/$/, "");
  const port = url.port === "" ? {} : { port: Number(url.port) };
  const dial = { mode: "loadBalancer", host: hostname, port: port.port ?? DEFAULT_PORT[protocol] } as const;
  return { protocol, hostname, ...port, basePath, dial };
}
