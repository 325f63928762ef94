/** Owns the `aembit` block: the Edge API, who attests there, and for which server workload credentials are asked. */
import { AdapterError } from "../errors/adapter-error";
import type { AembitSource, CredentialSource, EdgeEndpoint } from "../types/role-chain";
import { foundText } from "./found-text";
import type { RolesAnywhereRoute } from "./roles-anywhere-source";

/** The block, complete with defaults. */
export interface AembitSection {
  readonly edge_api_url: string;
  readonly client_id: string;
  readonly resource_set_id: string;
  readonly region: string;
  readonly server_host: string;
  readonly server_port: number;
  readonly access_key_id: string;
}

const BLOCK = "authentication.aembit";

/** Whether anything but what a form fills in by itself is set. */
export function isAembitGiven({ server_port: _port, ...told }: AembitSection): boolean {
  return Object.values(told).some(Boolean);
}

/**
 * @param attestor - whom the environment or the instance makes us: who asks Aembit
 * @throws AdapterError `INVALID_PROPERTIES` naming what is missing or malformed
 */
export function aembitSource(section: AembitSection, attestor: CredentialSource, way: EdgeWay): AembitSource {
  if (section.server_host === "") throw invalid("server_host", "", "the host of the server workload");
  return {
    type: "aembit",
    edge: edgeEndpoint(
      {
        url: section.edge_api_url,
        clientId: section.client_id,
        resourceSetId: section.resource_set_id,
        region: section.region,
      },
      way,
      (name) => `${BLOCK}.${name}`,
    ),
    server: { host: section.server_host, port: section.server_port },
    ...(section.access_key_id === "" ? {} : { accessKeyId: section.access_key_id }),
    attestor,
  };
}

/** What names an Edge API, empty strings where nothing is given. */
export interface EdgeAddress {
  readonly url: string;
  readonly clientId: string;
  readonly resourceSetId: string;
  /** Region that signs the attestation; empty = that of STS. */
  readonly region: string;
}

/** How the Edge API is reached, and for which region an attestation is signed where nothing else is said. */
export interface EdgeWay extends Pick<RolesAnywhereRoute, "proxy" | "tls"> {
  readonly stsRegion: string;
}

/**
 * @param label - of a property, for errors
 * @throws AdapterError `INVALID_PROPERTIES`
 */
export function edgeEndpoint(given: EdgeAddress, way: EdgeWay, label: (name: string) => string): EdgeEndpoint {
  const url = URL.canParse(given.url) ? new URL(given.url) : undefined;
  const isLocal = url?.hostname === "127.0.0.1" || url?.hostname === "localhost" || url?.hostname === "[::1]";
  if (url === undefined || (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal))) {
    const expected = "the Edge API URL of the tenant, https://<tenant>.ec.<stack>.aembit.io";
    throw problem(label("edge_api_url"), given.url, expected);
  }
  if (given.clientId === "") throw problem(label("client_id"), "", "the Edge SDK Client ID of the trust provider");
  return {
    url: url.origin,
    region: attestedRegion(given.region || way.stsRegion),
    clientId: given.clientId,
    ...(given.resourceSetId === "" ? {} : { resourceSetId: given.resourceSetId }),
    ...(way.proxy === undefined ? {} : { proxy: way.proxy }),
    ...(way.tls === undefined ? {} : { tls: way.tls }),
  };
}

/** Aembit finds STS by the region that it is told, and no region leads to the global endpoint. */
const attestedRegion = (region: string): string => (region === "aws-global" ? "us-east-1" : region);

function invalid(name: string, found: string, expected: string): AdapterError {
  return problem(`${BLOCK}.${name}`, found, expected);
}

function problem(property: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property, found: foundText(found), expected });
}
