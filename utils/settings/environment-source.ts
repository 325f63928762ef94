/** Owns which credentials the environment names: the Pod Role, or else the role of the instance. */
import { AdapterError } from "../errors/adapter-error";
import type { Environment } from "../types/environment";
import type { ContainerSource, CredentialSource, InstanceMetadataSource, StsEndpoint } from "../types/role-chain";
import { Secret } from "../types/secret";
import { foundText } from "./found-text";
import { checkKeyText, checkNotSwapped } from "./key-text";
import { checkRoleArn, defaultSessionName } from "./role-arn";
import { checkSessionName } from "./sts-limits";

const RELATIVE_HOST = "http://169.254.170.2";
/** Hosts that AWS lets hand out credentials without TLS, besides loopback. */
const LINK_LOCAL_HOSTS = new Set(["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]);
const METADATA_ENDPOINTS: Readonly<Record<string, string>> = {
  ipv4: "http://169.254.169.254",
  ipv6: "http://[fd00:ec2::254]",
};

/**
 * @param environment - empty variables count as not set
 * @param adapterId - makes the session name where the environment gives none
 * @param sts - where a web identity token is exchanged
 * @returns the first source that the environment names; instance metadata when it names none
 * @throws AdapterError `INVALID_PROPERTIES` naming the variable; `NO_CREDENTIALS` when instance metadata is switched off
 */
export function environmentSource(environment: Environment, adapterId: string, sts: StsEndpoint): CredentialSource {
  return (
    environmentKeys(environment) ??
    environmentWebIdentity(environment, adapterId, sts) ??
    containerSource(environment) ??
    instanceMetadata(environment)
  );
}

function environmentKeys(environment: Environment): CredentialSource | undefined {
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"] ?? "";
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"] ?? "";
  const sessionToken = environment["AWS_SESSION_TOKEN"] ?? "";
  if (accessKeyId === "" && secretAccessKey === "") return undefined;
  if (accessKeyId === "") throw invalid("AWS_ACCESS_KEY_ID", "", "a value, as AWS_SECRET_ACCESS_KEY is set");
  if (secretAccessKey === "") throw invalid("AWS_SECRET_ACCESS_KEY", "", "a value, as AWS_ACCESS_KEY_ID is set");
  checkNotSwapped("AWS_ACCESS_KEY_ID (environment)", accessKeyId, secretAccessKey);
  checkKeyText("AWS_ACCESS_KEY_ID (environment)", accessKeyId, "plain");
  checkKeyText("AWS_SECRET_ACCESS_KEY (environment)", secretAccessKey, "secret");
  checkKeyText("AWS_SESSION_TOKEN (environment)", sessionToken, "secret");
  const expirationMs = Date.parse(environment["AWS_CREDENTIAL_EXPIRATION"] ?? "");
  return {
    type: "environment",
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    ...(sessionToken === "" ? {} : { sessionToken: new Secret(sessionToken) }),
    ...(Number.isNaN(expirationMs) ? {} : { expirationMs }),
  };
}

function environmentWebIdentity(
  environment: Environment,
  adapterId: string,
  sts: StsEndpoint,
): CredentialSource | undefined {
  const file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? "";
  if (file === "") return undefined;
  const roleArn = environment["AWS_ROLE_ARN"] ?? "";
  if (roleArn === "") throw invalid("AWS_ROLE_ARN", "", "the ARN of a role, as AWS_WEB_IDENTITY_TOKEN_FILE is set");
  checkRoleArn("AWS_ROLE_ARN (environment)", roleArn, "INVALID_PROPERTIES", sts.region);
  const sessionName = environment["AWS_ROLE_SESSION_NAME"] ?? "";
  if (sessionName !== "") checkSessionName("AWS_ROLE_SESSION_NAME (environment)", sessionName, "INVALID_PROPERTIES");
  return {
    type: "webIdentity",
    origin: "environment",
    roleArn,
    roleSessionName: sessionName === "" ? defaultSessionName(adapterId) : sessionName,
    token: { file },
    sts,
  };
}

function containerSource(environment: Environment): ContainerSource | undefined {
  const relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] ?? "";
  const full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? "";
  if (relative === "" && full === "") return undefined;
  const name = relative === "" ? "AWS_CONTAINER_CREDENTIALS_FULL_URI" : "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  if (relative !== "" && !relative.startsWith("/")) throw invalid(name, relative, "a path that starts with /");
  const text = relative === "" ? full : `${RELATIVE_HOST}${relative}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid(name, full, "an http:// or https:// URL");
  if (url.protocol === "http:" && !isTrustedOverHttp(url.hostname)) {
    throw invalid(
      name,
      url.origin,
      "an https:// URL, or a host that AWS allows over http (loopback, 169.254.170.2, 169.254.170.23, [fd00:ec2::23])",
    );
  }
  const tokenFile = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] ?? "";
  const token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] ?? "";
  if (/[\r\n]/.test(token))
    throw invalid("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a value with a line break", "a value without");
  return {
    type: "container",
    url: url.href,
    ...(tokenFile !== ""
      ? { authorizationTokenFile: tokenFile }
      : token !== ""
        ? { authorizationToken: new Secret(token) }
        : {}),
  };
}

function isTrustedOverHttp(hostname: string): boolean {
  return (
    LINK_LOCAL_HOSTS.has(hostname) ||
    hostname === "localhost" ||
    hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}

function instanceMetadata(environment: Environment): InstanceMetadataSource {
  const disabled = (environment["AWS_EC2_METADATA_DISABLED"] ?? "").toLowerCase();
  if (disabled !== "" && disabled !== "false") {
    throw new AdapterError("NO_CREDENTIALS", {
      reason:
        "the service instance has no keys, the environment names none, and instance metadata is switched off by AWS_EC2_METADATA_DISABLED",
    });
  }
  const mode = (environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] || "IPv4").toLowerCase();
  const ofMode = METADATA_ENDPOINTS[mode];
  if (ofMode === undefined) throw invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", mode, "IPv4 or IPv6");
  const text = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || ofMode;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT", text, "an http:// or https:// URL");
  }
  return {
    type: "instanceMetadata",
    endpoint: url.origin,
    // Version 1 answers anybody who can make the host send a GET; only an explicit word brings it back.
    version: environment["AWS_EC2_METADATA_V1_DISABLED"]?.toLowerCase() === "false" ? "v1-fallback" : "v2-only",
  };
}

function invalid(variable: string, found: string, expected: string): AdapterError {
  return new AdapterError(
    "INVALID_PROPERTIES",
    { property: `${variable} (environment)`, found: foundText(found), expected },
    {
      recommendation: `Correct the environment variable ${variable} of the platform, or set keys in the service instance.`,
    },
  );
}
