/** Owns where a request goes and under which name and region it is signed: the endpoint rules of the service, run with our settings. */
import { customEndpointFunctions, decideEndpoint } from "@smithy/core/endpoints";
import { AdapterError } from "../errors/adapter-error";
import type { AuthScheme, EndpointParameter } from "../models/entity-format";
import type { OperationModel } from "../models/operation-model";
import type { ServiceModel } from "../models/service-model";
import type { EndpointSettings } from "../settings/settings";
import { BoundedMap } from "../types/bounded-map";
import type { CallProperties } from "../types/call";
import { checkCallProperties } from "./check-call-properties";
import { endpointFunctions } from "./endpoint-functions";
import { type EndpointParameterValues, inputKey, parametersKey, parameterValue } from "./endpoint-parameters";
import { illFormedInput } from "./ill-formed-text";
import { regionFault } from "./region";

/** The rules call AWS's functions by name: `aws.partition`, `aws.parseArn`. The SDK puts its own there once it is loaded. */
customEndpointFunctions["aws"] = endpointFunctions;

export interface SigningTarget {
  readonly scheme: "sigv4" | "sigv4a" | "none";
  readonly service: string;
  /** For sigv4a the set of regions, `*` for all. */
  readonly region: string;
  readonly path: "double-encoded" | "as-is";
}

export interface Endpoint {
  readonly protocol: "http:" | "https:";
  readonly hostname: string;
  readonly port?: number;
  /** Path that comes before the operation's own, `/` for none. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signing: SigningTarget;
  /** Whether an operator named the host; then nothing is put in front of it. */
  readonly host: "aws" | "own";
}

type RuleResult = {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly properties?: { readonly authSchemes?: readonly RuleAuthScheme[] };
};

interface RuleAuthScheme {
  readonly name: string;
  readonly signingName?: string;
  readonly signingRegion?: string;
  readonly signingRegionSet?: readonly string[];
  readonly disableDoubleEncoding?: boolean;
}

const CACHED_RESULTS = 500;
/** Of one operation: of DynamoDB's, one for each table. */
const KEPT_ENDPOINTS = 100;
/** A list of ARNs may be of any length; then the rules are run again. */
const LONGEST_KEY = 1000;
/** Region of services that have one endpoint for their whole partition, when no region is configured. */
const WHOLE_PARTITION = "aws-global";

/** Resolves endpoints for one instance; results are kept by the parameters that decide them. */
export class EndpointResolver {
  readonly #settings: EndpointSettings;
  readonly #results = new WeakMap<ServiceModel, Map<string, RuleResult>>();
  /** Of calls that say nothing themselves of where they go, by what their inputs say. */
  readonly #kept = new WeakMap<OperationModel, BoundedMap<Endpoint>>();

  constructor(settings: EndpointSettings) {
    this.#settings = settings;
  }

  /**
   * The region of a call: its own, else the service instance's.
   * @throws AdapterError `ENDPOINT_UNRESOLVED` when it is none
   */
  region(operation: OperationModel, call: CallProperties | undefined): string | undefined {
    if (call !== undefined) checkCallProperties(call);
    const region = call?.region || this.#settings.region;
    if (region === undefined || region === "") return undefined;
    const fault = regionFault(region, this.#ownHost(operation, call) === undefined ? "aws" : "own");
    if (fault !== undefined) throw unresolved(operation, region, fault);
    return region;
  }

  /**
   * @param input - native input, from which some rules take a bucket, an ARN or a table name
   * @param adjust - service customisation of the rule parameters
   * @returns an endpoint that other calls may share
   * @throws AdapterError `ENDPOINT_UNRESOLVED` with what the rules say, or when no region is known; `INVALID_INPUT` for
   * text that UTF-8 cannot hold
   */
  resolve(
    operation: OperationModel,
    input: Readonly<Record<string, unknown>>,
    call?: CallProperties,
    adjust?: (parameters: EndpointParameterValues) => void,
  ): Endpoint {
    if (call !== undefined || adjust !== undefined) return this.#resolve(operation, input, call, adjust);
    let kept = this.#kept.get(operation);
    if (kept === undefined) {
      kept = new BoundedMap(KEPT_ENDPOINTS);
      this.#kept.set(operation, kept);
    }
    const key = inputKey(operation, input);
    let endpoint = kept.get(key);
    if (endpoint === undefined) {
      endpoint = this.#resolve(operation, input, undefined, undefined);
      if (key.length <= LONGEST_KEY) kept.set(key, endpoint);
    }
    return endpoint;
  }

  #resolve(
    operation: OperationModel,
    input: Readonly<Record<string, unknown>>,
    call: CallProperties | undefined,
    adjust: ((parameters: EndpointParameterValues) => void) | undefined,
  ): Endpoint {
    const region = this.region(operation, call);
    const own = this.#ownHost(operation, call);
    const parameters = this.#parameters(
      operation,
      input,
      region ?? (own === undefined ? WHOLE_PARTITION : undefined),
      own,
    );
    adjust?.(parameters);
    const result = this.#decide(operation, parameters, region, input);
    const signing = signingTarget(operation, this.#authSchemes(operation, result, parameters, region, own), region);
    if (signing.scheme !== "none" && (signing.region === "" || signing.region === WHOLE_PARTITION)) {
      throw unresolved(
        operation,
        "(none)",
        "no region is configured, and the service has one endpoint for each region",
      );
    }
    return toEndpoint(result, signing, own === undefined ? "aws" : "own", own === undefined ? call : undefined);
  }

  #ownHost({ service }: OperationModel, call: CallProperties | undefined): string | undefined {
    const { service: only, ...settings } = this.#settings;
    const applies = only === undefined || only === "" || only === service.name || only === service.signingName;
    const host = call?.host || (applies ? settings.host : undefined);
    if (host === undefined || host === "") return undefined;
    const protocol = call?.protocol ?? settings.protocol;
    const port = call?.port ?? (call?.host ? undefined : settings.port);
    return `${protocol}://${host}${port === undefined ? "" : `:${port}`}${settings.basePath}`;
  }

  #parameters(
    operation: OperationModel,
    input: Readonly<Record<string, unknown>>,
    region: string | undefined,
    endpoint: string | undefined,
  ): EndpointParameterValues {
    const { useFips, useDualstack, s3AddressingStyle } = this.#settings;
    // What the SDK calls client context and built-ins, under the SDK's names.
    const context: EndpointParameterValues = {
      region,
      endpoint,
      useFipsEndpoint: endpoint === undefined && useFips,
      useDualstackEndpoint: endpoint === undefined && useDualstack,
      useGlobalEndpoint: false,
      accountIdEndpointMode: "preferred",
      forcePathStyle: s3AddressingStyle === "path",
      useAccelerateEndpoint: false,
      disableMultiregionAccessPoints: false,
      disableS3ExpressSessionAuth: true,
    };
    const values: EndpointParameterValues = {};
    for (const name of Object.keys(operation.endpointParameters)) {
      const value = parameterValue(operation.endpointParameters[name] as EndpointParameter, input, context);
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  #decide(
    operation: OperationModel,
    parameters: EndpointParameterValues,
    region: string | undefined,
    input: object,
  ): RuleResult {
    const rules = operation.service.endpointRules;
    const key = parametersKey(rules.parameters, parameters);
    let results = this.#results.get(operation.service);
    if (results === undefined) {
      results = new Map();
      this.#results.set(operation.service, results);
    }
    let result = results.get(key);
    if (result === undefined) {
      try {
        result = decideEndpoint(rules as unknown as Parameters<typeof decideEndpoint>[0], {
          endpointParams: parameters as never,
        }) as RuleResult;
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw illFormedInput(operation, input, cause) ?? unresolved(operation, region ?? "(none)", reason, cause);
      }
      // Bounded: bucket names are parameters too.
      if (results.size >= CACHED_RESULTS) results.clear();
      results.set(key, result);
    }
    return result;
  }

  /** With a host of one's own most rules say nothing about signing; AWS's own endpoint for the region then decides. */
  #authSchemes(
    operation: OperationModel,
    result: RuleResult,
    parameters: EndpointParameterValues,
    region: string | undefined,
    own: string | undefined,
  ): readonly RuleAuthScheme[] | undefined {
    if (result.properties?.authSchemes !== undefined || own === undefined) return result.properties?.authSchemes;
    const { Endpoint: _, ...asAws } = parameters;
    if (region === undefined) asAws["Region"] = WHOLE_PARTITION;
    try {
      return this.#decide(operation, asAws, region, {}).properties?.authSchemes;
    } catch {
      return undefined;
    }
  }
}

function signingTarget(
  operation: OperationModel,
  fromRules: readonly RuleAuthScheme[] | undefined,
  region: string | undefined,
): SigningTarget {
  const { service } = operation;
  const schemes: readonly RuleAuthScheme[] =
    operation.authSchemes[0]?.[0] === "noAuth" || fromRules === undefined
      ? operation.authSchemes.map(([name, signingName]: AuthScheme) => ({
          name,
          ...(signingName ? { signingName } : {}),
        }))
      : fromRules;
  const scheme = schemes.find(({ name }) => name === "sigv4" || name === "noAuth" || name === "none") ?? schemes[0];
  const path = scheme?.disableDoubleEncoding || !service.signingEscapePath ? "as-is" : "double-encoded";
  const signingName = scheme?.signingName ?? service.signingName;
  switch (scheme?.name) {
    case "noAuth":
    case "none":
      return { scheme: "none", service: signingName, region: region ?? "", path };
    case "sigv4":
      return { scheme: "sigv4", service: signingName, region: scheme.signingRegion ?? region ?? "", path };
    case "sigv4a":
      return { scheme: "sigv4a", service: signingName, region: scheme.signingRegionSet?.join(",") ?? "*", path };
    default:
      throw unresolved(operation, region ?? "(none)", `the authentication scheme ${scheme?.name} is not supported`);
  }
}

function toEndpoint(
  { url, headers = {} }: RuleResult,
  signing: SigningTarget,
  host: Endpoint["host"],
  call: CallProperties | undefined,
): Endpoint {
  const joined: Record<string, string> = {};
  for (const name of Object.keys(headers)) joined[name.toLowerCase()] = (headers[name] as string[]).join(", ");
  const protocol =
    call?.protocol === undefined ? (url.protocol as Endpoint["protocol"]) : (`${call.protocol}:` as const);
  const port = call?.port === undefined ? (url.port === "" ? undefined : Number(url.port)) : Number(call.port);
  return {
    protocol,
    hostname: url.hostname,
    ...(port === undefined ? {} : { port }),
    path: url.pathname,
    ...(url.search === "" ? {} : { query: Object.fromEntries(url.searchParams) }),
    headers: joined,
    signing,
    host,
  };
}

const unresolved = (operation: OperationModel, found: string, reason: string, cause?: unknown): AdapterError =>
  new AdapterError("ENDPOINT_UNRESOLVED", { service: operation.service.name, found, reason }, { cause });
