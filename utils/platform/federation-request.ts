/** Owns the reading of the arguments of the methods that prove an identity and that ask the Edge API. */
import {
  type ConnectionMetadata,
  credentialTypes,
  type EdgeOverrides,
  type FederationRequest,
} from "../edge/edge-types";
import { AdapterError } from "../errors/adapter-error";
import { objectArgument, type RoleArguments, roleArguments, textArgument } from "./read-arguments";

/** A request for a proof of identity or for what Aembit gives for one, and as whom it is made. */
export interface FederationCall extends RoleArguments {
  readonly federation: FederationRequest;
}

const DEFAULT_PORT = 443;
const EDGE_PARAMETERS = ["edgeApiUrl", "clientId", "resourceSetId", "region"] as const;
const CREDENTIAL_PARAMETERS = ["server", "credentialType", "connectionMetadata", "certSigningRequest"] as const;
const METADATA_MEMBERS = [
  "accountName",
  "accessKeyId",
  "headerName",
  "headerValue",
  "httpBodyFieldPath",
  "httpBodyFieldValue",
] as const;

/**
 * @param values - params; then stsParams and roleName of an STSRole method; then iapMetadata
 * @throws AdapterError `INVALID_INPUT`, for a parameter that the method does not know too
 */
export function federationCall(
  type: FederationRequest["type"],
  kind: RoleArguments["kind"],
  values: readonly unknown[],
): FederationCall {
  const [given, ...rest] = values;
  const params = objectArgument("params", given) ?? {};
  const role = roleArguments(kind, kind === "STSRole" ? rest : [null, null, ...rest]);
  return { ...role, federation: requestOf(type, params, role) };
}

function requestOf(
  type: FederationRequest["type"],
  params: Readonly<Record<string, unknown>>,
  { metadata }: RoleArguments,
): FederationRequest {
  const ofCall = metadata?.callProperties?.region;
  if (type === "callerIdentity") {
    checkNames("params", params, ["region"]);
    const region = textArgument("region", params["region"]) ?? ofCall;
    return { type, ...(region === undefined ? {} : { region }) };
  }
  const known = type === "edgeToken" ? EDGE_PARAMETERS : [...EDGE_PARAMETERS, ...CREDENTIAL_PARAMETERS];
  checkNames("params", params, known);
  const edge = edgeOverrides(params, ofCall);
  return type === "edgeToken" ? { type, edge } : { type, edge, wanted: wantedCredentials(params) };
}

function edgeOverrides(params: Readonly<Record<string, unknown>>, ofCall: string | undefined): EdgeOverrides {
  const [url, clientId, resourceSetId, region] = EDGE_PARAMETERS.map((name) => textArgument(name, params[name]));
  const given = { url, clientId, resourceSetId, region: region ?? ofCall };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function wantedCredentials(
  params: Readonly<Record<string, unknown>>,
): Extract<FederationRequest, { type: "edgeCredentials" }>["wanted"] {
  const type = params["credentialType"] ?? "AwsStsFederation";
  const credentialType = credentialTypes.find((known) => known === type);
  if (credentialType === undefined) {
    throw invalid(
      "credentialType",
      typeof type === "string" ? JSON.stringify(type) : typeof type,
      `one of ${credentialTypes.join(", ")}`,
    );
  }
  const server = objectArgument("server", params["server"]) ?? {};
  checkNames("server", server, ["host", "port"]);
  const host = textArgument("server.host", server["host"]);
  if (host === undefined) throw invalid("server.host", "nothing", "the host of the server workload");
  const port = Number(server["port"] ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid("server.port", JSON.stringify(server["port"]), "a port from 1 to 65535");
  }
  const connectionMetadata = objectArgument("connectionMetadata", params["connectionMetadata"]);
  if (connectionMetadata !== undefined) checkNames("connectionMetadata", connectionMetadata, METADATA_MEMBERS);
  const certSigningRequest = textArgument("certSigningRequest", params["certSigningRequest"]);
  return {
    credentialType,
    server: { host, port },
    ...(connectionMetadata === undefined ? {} : { connectionMetadata: connectionMetadata as ConnectionMetadata }),
    ...(certSigningRequest === undefined ? {} : { certSigningRequest }),
  };
}

/** The Edge API refuses what it does not know, and a misspelt name must not be lost in silence. */
function checkNames(parameter: string, given: object, known: readonly string[]): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger !== undefined) throw invalid(`${parameter}.${stranger}`, "an unknown name", known.join(", "));
}

function invalid(parameter: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_INPUT", {
    parameter,
    found,
    expected,
    documentation: "pronghorn.json lists the parameters of the method.",
  });
}
