/** Owns one request of the Edge API: written, sent, and sent again while that may help, attested anew each time. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { HttpHandler, HttpResponse } from "../types/http";
import type { EdgeEndpoint } from "../types/role-chain";
import { type EdgeOperation, edgeFailure, refusedByEdge } from "./edge-error";

const MAX_ATTEMPTS = 3;
const MIN_DELAY_MS = 200;
const MAX_DELAY_MS = 2000;

export interface EdgeDependencies {
  /** A handler that goes the way of the endpoint: its proxy, its TLS. */
  readonly httpHandlerFor: (endpoint: EdgeEndpoint) => HttpHandler;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: { addSecret(value: string, expiration?: Date): void; maskText(text: string): string };
  readonly userAgent: string;
  /** Limit of one request with its repetitions in milliseconds. */
  readonly timeoutMs: number;
}

export interface EdgeRequest {
  readonly operation: EdgeOperation;
  readonly endpoint: EdgeEndpoint;
  /** Made for every attempt: an attestation is good for minutes only. */
  readonly body: (timeLeftMs: number) => Promise<object>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A status that is an answer and no failure, though it is not 2xx. */
  readonly accepts?: number;
}

/**
 * @returns the answer, of a status of 2xx or the one that is accepted
 * @throws AdapterError `EDGE_API_FAILED`, or `TIMEOUT`, `CONNECTION_FAILED`, `TLS_FAILED`; after three attempts where
 * a repetition may help: 429, 5xx and the network
 */
export async function edgeExchange(asked: EdgeRequest, dependencies: EdgeDependencies): Promise<HttpResponse> {
  const { clock, random, timeoutMs } = dependencies;
  const deadline = clock.monotonic() + timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(asked, deadline, dependencies);
    if ("response" in outcome) return outcome.response;
    if (attempt >= MAX_ATTEMPTS || !outcome.repeatable) throw outcome.error;
    const longest = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** attempt);
    const delay = MIN_DELAY_MS + random() * (longest - MIN_DELAY_MS);
    // A wait that ends past the limit helps nobody: what is known is told at once.
    if (delay >= deadline - clock.monotonic()) throw outcome.error;
    await clock.sleep(delay);
  }
}

async function once(
  asked: EdgeRequest,
  deadline: number,
  dependencies: EdgeDependencies,
): Promise<{ response: HttpResponse } | { error: unknown; repeatable: boolean }> {
  const { clock, httpHandlerFor, secrets } = dependencies;
  const { operation, endpoint } = asked;
  const timeLeftMs = (): number => Math.max(1, deadline - clock.monotonic());
  const body = JSON.stringify(await asked.body(timeLeftMs()));
  let response: HttpResponse;
  try {
    response = await httpHandlerFor(endpoint).handle(requestOf(asked, body, dependencies.userAgent), {
      timeoutMs: timeLeftMs(),
      responseBody: "buffer",
    });
  } catch (error) {
    const repeatable = error instanceof AdapterError && error.code === "CONNECTION_FAILED";
    return { error, repeatable };
  }
  const { statusCode } = response;
  if ((statusCode >= 200 && statusCode < 300) || statusCode === asked.accepts) return { response };
  const error = refusedByEdge(operation, endpoint, response, (text) => secrets.maskText(text));
  return { error, repeatable: statusCode === 429 || statusCode >= 500 };
}

function requestOf({ operation, endpoint, headers }: EdgeRequest, body: string, userAgent: string) {
  const url = new URL(endpoint.url);
  return {
    method: "POST",
    protocol: url.protocol === "http:" ? ("http:" as const) : ("https:" as const),
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: `/edge/v1/${operation}`,
    headers: {
      host: url.host,
      accept: "application/json",
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": userAgent,
      ...(endpoint.resourceSetId === undefined ? {} : { "x-aembit-resourceset": endpoint.resourceSetId }),
      ...headers,
    },
    body,
  };
}

/** @throws AdapterError `EDGE_API_FAILED` when the answer is no JSON object */
export function edgeAnswer(
  asked: Pick<EdgeRequest, "operation" | "endpoint">,
  response: HttpResponse,
): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(response.body.toString());
    if (typeof answer === "object" && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Told below.
  }
  const advice = "Something else answered there: check edge_api_url, and the proxy.";
  throw edgeFailure(asked.operation, asked.endpoint, `HTTP ${response.statusCode} without a JSON object`, advice);
}
