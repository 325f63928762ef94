/** Owns what AWS's own clients are given here, so that they look nothing up in the environment or in files and send through us. */
import type { HttpRequest, HttpResponse } from "../types/http";

/** What the SDK hands to a request handler, as far as it is read here. */
export interface SmithyRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/**
 * @param send - sends a request once; also signs it, where it is to be signed
 * @returns configuration of a client besides region and endpoint: every setting that it would otherwise search for
 */
export function sdkClientConfig(send: (request: SmithyRequest) => Promise<HttpResponse>): object {
  return {
    credentials: { accessKeyId: "signed", secretAccessKey: "elsewhere" },
    signer: { sign: async (request: unknown) => request },
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: async () => [],
    sigv4aSigningRegionSet: async () => [],
    disableClockSkewCorrection: async () => true,
    userAgentAppId: async () => undefined,
    defaultUserAgentProvider: async () => [["adapter-aws"]],
    requestHandler: {
      metadata: { handlerProtocol: "http/1.1" },
      handle: async (request: SmithyRequest) => ({ response: await send(request) }),
      destroy: () => undefined,
    },
  };
}

/** The request of an SDK client as ours: it says who sent it, and carries none of the SDK's counters. */
export function httpRequestOf(request: SmithyRequest, userAgent: string): HttpRequest {
  return {
    method: request.method,
    protocol: request.protocol === "http:" ? "http:" : "https:",
    hostname: request.hostname,
    ...(request.port === undefined ? {} : { port: Number(request.port) }),
    path: request.path,
    query: request.query ?? {},
    headers: keptHeaders(request.headers, userAgent),
    body: request.body ?? "",
  };
}

function keptHeaders(headers: Readonly<Record<string, string>>, userAgent: string): Record<string, string> {
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !/^(user-agent|x-amz-user-agent|amz-sdk-.*|authorization)$/.test(name));
  return { ...Object.fromEntries(kept), "user-agent": userAgent };
}
