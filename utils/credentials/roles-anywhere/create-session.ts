/** Owns CreateSession: the request, and what its answer says, in either case. */
import { AdapterError, type AwsFault } from "../../errors/adapter-error";
import type { HttpRequest, HttpResponse } from "../../types/http";
import type { AwsCredentialIdentity } from "../../types/identity";
import type { RolesAnywhereSource } from "../../types/role-chain";
import type { SecretKeeper } from "../secret-keeper";

export const SERVICE = "rolesanywhere";
export const OPERATION = "CreateSession";
const RAW_LIMIT = 2000;

/**
 * @returns the request, unsigned
 * @see https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
 */
export function createSessionRequest(source: RolesAnywhereSource, userAgent: string): HttpRequest {
  const url = new URL(source.url);
  return {
    method: "POST",
    protocol: url.protocol === "http:" ? "http:" : "https:",
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: "/sessions",
    headers: { host: url.host, "content-type": "application/json", "user-agent": userAgent },
    body: JSON.stringify({
      durationSeconds: source.durationSeconds,
      profileArn: source.profileArn,
      roleArn: source.roleArn,
      trustAnchorArn: source.trustAnchorArn,
      ...(source.roleSessionName === undefined ? {} : { roleSessionName: source.roleSessionName }),
    }),
  };
}

interface SessionDocument {
  readonly credentialSet?: readonly {
    readonly credentials?: {
      readonly accessKeyId?: string;
      readonly secretAccessKey?: string;
      readonly sessionToken?: string;
      readonly expiration?: string;
    };
  }[];
}

/**
 * @param offsetMs - how far AWS's clock is ahead of ours, so that the end is told in our time
 * @throws AdapterError `RESPONSE_UNREADABLE` for success without credentials
 */
export function sessionIdentity(
  response: HttpResponse,
  source: RolesAnywhereSource,
  offsetMs: number,
): AwsCredentialIdentity {
  const { credentials } = documentOf<SessionDocument>(response)?.credentialSet?.[0] ?? {};
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials ?? {};
  const expirationMs = Date.parse(expiration ?? "");
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expirationMs)) {
    throw new AdapterError("RESPONSE_UNREADABLE", {
      service: SERVICE,
      operation: OPERATION,
      status: response.statusCode,
      expected: `a set of credentials of ${source.roleArn}`,
      found: "an answer without them",
    });
  }
  const accountId = source.roleArn.split(":")[4];
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: new Date(expirationMs - offsetMs),
    ...(accountId === undefined ? {} : { accountId }),
  };
}

/** @returns AWS's own words, or `undefined` when something other than Roles Anywhere answered */
export function faultOf(response: HttpResponse, secrets: SecretKeeper): AwsFault | undefined {
  const document = documentOf<{ message?: unknown; Message?: unknown; __type?: unknown; code?: unknown }>(response);
  const message = document?.message ?? document?.Message;
  const type = response.headers["x-amzn-errortype"] ?? document?.__type ?? document?.code;
  if (message === undefined && type === undefined) return undefined;
  // `AccessDeniedException:http://…`, `com.amazonaws.rolesanywhere#AccessDeniedException`
  const code = String(type ?? `HTTP ${response.statusCode}`)
    .replace(/^.*#/, "")
    .replace(/:.*$/, "");
  const requestId = response.headers["x-amzn-requestid"];
  return {
    service: SERVICE,
    operation: OPERATION,
    code,
    message: secrets.maskText(String(message ?? "")),
    ...(requestId === undefined ? {} : { requestId }),
    statusCode: response.statusCode,
  };
}

/** The body as text, masked and cut. */
export const rawText = (response: HttpResponse, secrets: SecretKeeper): string =>
  secrets.maskText(response.body.toString().slice(0, RAW_LIMIT));

function documentOf<T extends object>(response: HttpResponse): T | undefined {
  try {
    const value: unknown = JSON.parse(response.body.toString());
    return typeof value === "object" && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
