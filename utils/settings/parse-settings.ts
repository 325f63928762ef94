/** Owns the way from the properties of a service instance to settings that can be relied upon. */
import { AdapterError } from "../errors/adapter-error";
import type { Environment } from "../types/environment";
import type { StsEndpoint } from "../types/role-chain";
import { Secret } from "../types/secret";
import type { TlsSettings } from "../types/tls";
import { type CredentialSection, configuredSource } from "./configured-source";
import { type CredentialCacheSection, credentialCacheOf } from "./credential-cache-settings";
import { type CredentialProviderSection, credentialProviders } from "./credential-providers";
import { decodedProperties } from "./encoded-values";
import { foundText } from "./found-text";
import { keyWarnings } from "./key-text";
import { forwardProxyOf, type ProxySection, parseProxy } from "./parse-proxy";
import { parseStatuses } from "./parse-statuses";
import { type RateControlSection, rateSettingsOf } from "./rate-settings";
import { rolesAnywhereWarnings } from "./roles-anywhere-source";
import type {
  CachedEntitySettings,
  DeviceBrokerSettings,
  EndpointSettings,
  RequestSettings,
  Settings,
} from "./settings";
import { stsAddress } from "./sts-endpoint";
import { checkExternalId } from "./sts-limits";
import { validateProperties } from "./validate-properties";

/** The properties after validation: complete, because the schema's defaults are filled in. */
interface Properties {
  readonly host: string;
  readonly port?: number;
  readonly protocol: "http" | "https";
  readonly base_path: string;
  readonly region: string;
  readonly service: string;
  readonly use_fips_endpoint: boolean;
  readonly use_dualstack_endpoint: boolean;
  readonly s3: { readonly addressing_style: "auto" | "path" | "virtual"; readonly retry: "standard" | "connector" };
  readonly file_access: { readonly root: string };
  readonly authentication: CredentialSection & {
    readonly aws_iam_role: string;
    readonly aws_sts: {
      readonly region: string;
      readonly endpoint: string;
      readonly sslEnable: boolean;
      readonly proxy: string;
      readonly proxyMode: "" | "forward" | "loadBalancer" | "direct";
      readonly proxyagent: string;
      readonly externalId: string;
    };
    readonly credential_providers: readonly CredentialProviderSection[];
    readonly auth_logging: boolean;
    readonly sensitive: readonly string[];
  };
  readonly credential_cache: CredentialCacheSection;
  readonly healthcheck: { readonly type: "none" | "startup" | "intermittent"; readonly frequency: number };
  readonly throttle: {
    readonly throttle_enabled: boolean;
    readonly number_pronghorns: number;
    readonly max_in_queue: number;
    readonly concurrent_max: number;
    readonly expire_timeout: number;
    readonly avg_runtime: number;
    readonly priorities: readonly { readonly value: number; readonly percent: number }[];
  };
  readonly rate_control: RateControlSection;
  readonly request: {
    readonly attempt_timeout: number;
    readonly number_retries: number;
    readonly number_redirects: number;
    readonly limit_retry_error: number | readonly (number | string)[];
    readonly failover_codes: readonly (number | string)[];
    readonly healthcheck_on_timeout: boolean;
    readonly return_raw: boolean;
    readonly return_request: boolean;
    readonly global_request: {
      readonly payload: Record<string, unknown>;
      readonly uriOptions: Record<string, unknown>;
      readonly addlHeaders: Record<string, unknown>;
    };
  };
  readonly proxy: ProxySection;
  readonly ssl: {
    readonly enabled: boolean;
    readonly accept_invalid_cert: boolean;
    readonly ca_file: string;
    readonly cert_file: string;
    readonly key_file: string;
    readonly passphrase: string;
    readonly ciphers: string;
    readonly secure_protocol: string;
    readonly ecdhCurve: string;
  };
  readonly stub: boolean;
  readonly metrics: { readonly socket_folder: string };
  readonly save_metric: boolean | string;
  readonly devicebroker: DeviceBrokerSettings;
  readonly cache: { readonly entities: readonly CachedEntitySettings[] };
}

/**
 * @param id - of the adapter
 * @param properties - of the service instance, as the platform hands them over; not changed
 * @param environment - where the region comes from when the properties have none
 * @returns settings, complete; what looks wrong and is accepted is in `warnings`
 * @throws AdapterError `INVALID_PROPERTIES` naming the property, what was found (masked if secret) and what is expected
 */
export function parseSettings(id: string, properties: unknown, environment: Environment): Settings {
  const validated = validateProperties(decodedProperties(properties, id, environment));
  const given = validated.properties as unknown as Properties;
  const { authentication, proxy: proxySection } = given;
  const tls = tlsOf(given.ssl);
  const proxy = forwardProxyOf(proxySection);
  const endpoint = endpointOf(given, environment);
  const { sts, warning } = stsOf(given, endpoint, proxy, tls);
  const route = { useFips: endpoint.useFips, useDualstack: endpoint.useDualstack, proxy, tls };
  const context = { adapterId: id, sts, route, environment };
  const credentialSource = configuredSource(authentication, context);
  const { externalId } = authentication.aws_sts;
  if (externalId !== "") checkExternalId("authentication.aws_sts.externalId", externalId);
  const rates = rateSettingsOf(given.rate_control);
  const credentialCache = credentialCacheOf(given.credential_cache);
  const redis = credentialCache.store?.type === "redis" ? credentialCache.store.redis : undefined;
  const warnings = [
    ...validated.warnings,
    ...(warning === undefined ? [] : [warning]),
    ...keyWarnings("authentication", authentication.aws_access_key, authentication.aws_session_token !== ""),
    ...authentication.credential_providers.flatMap((provider, index) =>
      keyWarnings(
        `authentication.credential_providers.${index}`,
        provider.aws_access_key,
        provider.aws_session_token !== "",
      ),
    ),
    ...(credentialSource?.type === "rolesAnywhere" ? rolesAnywhereWarnings(credentialSource) : []),
    ...(redis?.tls?.certificateCheck === "accept-invalid"
      ? ["credential_cache.tls.accept_invalid_cert is on: any certificate of Redis is accepted"]
      : []),
    ...(tls?.certificateCheck === "accept-invalid"
      ? ["ssl.accept_invalid_cert is on: any certificate is accepted"]
      : []),
  ];
  return {
    id,
    endpoint,
    request: requestOf(given.request),
    throttle: {
      enabled: given.throttle.throttle_enabled,
      platformServers: given.throttle.number_pronghorns,
      maxConcurrent: given.throttle.concurrent_max,
      maxInQueue: given.throttle.max_in_queue,
      expireTimeoutMs: given.throttle.expire_timeout,
      averageRuntimeMs: given.throttle.avg_runtime,
      priorities: given.throttle.priorities,
    },
    ...(rates === undefined ? {} : { rates }),
    healthcheck: { type: given.healthcheck.type, frequencyMs: given.healthcheck.frequency },
    ...(credentialSource === undefined ? {} : { credentialSource }),
    credentialProviders: credentialProviders(authentication.credential_providers, context),
    ...(authentication.aws_iam_role === "" ? {} : { globalRole: authentication.aws_iam_role }),
    sts,
    ...(externalId === "" ? {} : { externalId }),
    credentialCache,
    ...(proxy === undefined ? {} : { proxy }),
    ...(tls === undefined ? {} : { tls }),
    ...(given.file_access.root === "" ? {} : { fileAccess: { root: given.file_access.root } }),
    s3Retry: given.s3.retry,
    authLogging: authentication.auth_logging,
    sensitiveNames: authentication.sensitive,
    stub: given.stub,
    ...(given.metrics.socket_folder === "" ? {} : { metricsFolder: given.metrics.socket_folder }),
    saveMetric: given.save_metric,
    deviceBroker: given.devicebroker,
    cachedEntities: given.cache.entities,
    warnings,
  };
}

function endpointOf(given: Properties, environment: Environment): EndpointSettings {
  const region = given.region || environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || "";
  if (region !== "" && !/^[a-z]+(-[a-z0-9]+)+$/.test(region)) {
    throw invalid(
      given.region === "" ? "region (AWS_REGION of the environment)" : "region",
      region,
      "a region, for example us-east-1",
    );
  }
  if (given.host !== "" && !/^(\[?[0-9a-f]*:[0-9a-f:.]+\]?|[\w.-]+)$/i.test(given.host)) {
    throw invalid("host", given.host, "a host name or IP address, without scheme, port or path");
  }
  const basePath = given.base_path.replace(/^\/*(?=[^/])/, "/").replace(/\/+$/, "");
  return {
    ...(region === "" ? {} : { region }),
    ...(given.host === "" ? {} : { host: given.host }),
    ...(given.port === undefined ? {} : { port: given.port }),
    protocol: given.protocol,
    basePath,
    ...(given.service === "" ? {} : { service: given.service }),
    useFips: given.use_fips_endpoint,
    useDualstack: given.use_dualstack_endpoint,
    s3AddressingStyle: given.s3.addressing_style,
  };
}

function stsOf(
  given: Properties,
  endpoint: EndpointSettings,
  general: ReturnType<typeof forwardProxyOf>,
  tls: TlsSettings | undefined,
): { sts: StsEndpoint; warning?: string } {
  const { region, endpoint: stsEndpoint, sslEnable, proxy: text, proxyMode, proxyagent } = given.authentication.aws_sts;
  const { warning, ...address } = stsAddress({
    stsRegion: region,
    endpoint: stsEndpoint,
    scheme: sslEnable ? "https" : "http",
    region: endpoint.region,
    useFips: endpoint.useFips,
    useDualstack: endpoint.useDualstack,
  });
  if (text !== "" && proxyagent !== "") {
    throw invalid("authentication.aws_sts.proxy", "proxy and also proxyagent", "one of them");
  }
  const ownProxy =
    text !== "" && proxyMode !== "direct"
      ? parseProxy(text, proxyMode === "" ? undefined : proxyMode, "authentication.aws_sts.proxy")
      : proxyagent !== "" && proxyMode !== "direct"
        ? parseProxy(proxyagent, "forward", "authentication.aws_sts.proxyagent")
        : undefined;
  const proxy = ownProxy ?? (proxyMode === "direct" ? undefined : general);
  const sts = { ...address, ...(proxy === undefined ? {} : { proxy }), ...(tls === undefined ? {} : { tls }) };
  return { sts, ...(warning === undefined ? {} : { warning }) };
}

function requestOf(given: Properties["request"]): RequestSettings {
  return {
    attemptTimeoutMs: given.attempt_timeout,
    maxRetries: given.number_retries,
    maxRedirects: given.number_redirects,
    retriedStatuses: parseStatuses(given.limit_retry_error, "request.limit_retry_error"),
    failoverStatuses: parseStatuses(given.failover_codes, "request.failover_codes"),
    healthcheckOnTimeout: given.healthcheck_on_timeout,
    returnRaw: given.return_raw,
    returnRequest: given.return_request,
    globalHeaders: textsOf(given.global_request.addlHeaders),
    globalQuery: textsOf(given.global_request.uriOptions),
    globalPayload: given.global_request.payload,
  };
}

const textsOf = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

function tlsOf(given: Properties["ssl"]): TlsSettings | undefined {
  if (!given.enabled) return undefined;
  if ((given.cert_file === "") !== (given.key_file === "")) {
    const missing = given.cert_file === "" ? "cert_file" : "key_file";
    throw invalid(`ssl.${missing}`, "", "a file, as a client certificate needs both cert_file and key_file");
  }
  return {
    ...(given.ca_file === "" ? {} : { caFile: given.ca_file }),
    ...(given.cert_file === "" ? {} : { certFile: given.cert_file, keyFile: given.key_file }),
    ...(given.passphrase === "" ? {} : { passphrase: new Secret(given.passphrase) }),
    certificateCheck: given.accept_invalid_cert ? "accept-invalid" : "verify",
    ...(given.ciphers === "" ? {} : { ciphers: given.ciphers }),
    ...(given.secure_protocol === "" ? {} : { secureProtocol: given.secure_protocol }),
    ...(given.ecdhCurve === "" ? {} : { ecdhCurve: given.ecdhCurve }),
  };
}

function invalid(property: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property, found: foundText(found), expected });
}
