/** Owns what an operator is told when the Edge API refuses: its own words, and what to change. */
import { AdapterError } from "../errors/adapter-error";
import type { HttpResponse } from "../types/http";
import type { EdgeEndpoint } from "../types/role-chain";

export type EdgeOperation = "auth" | "credentials";

const LONGEST_RAW = 2000;

const adviceByStatus: Readonly<Record<number, string>> = {
  400: "Check client_id (Edge SDK Client ID of the trust provider) and the server of the request.",
  401: "Check that client_id belongs to a trust provider of type AWS Role whose match rules accept this identity: adapter-aws identity prints its ARN.",
  403: "Check the access policy in the Aembit tenant: it must allow this client workload, and be active.",
  404: "Check edge_api_url, and that an active access policy joins this client workload with that server workload.",
  429: "Ask less often: tokens and credentials are cached, so many instances share one limit of the tenant.",
};

/** @returns the error of an answer that is not 2xx */
export function refusedByEdge(
  operation: EdgeOperation,
  endpoint: EdgeEndpoint,
  response: HttpResponse,
  maskText: (text: string) => string,
): AdapterError {
  const { statusCode, headers } = response;
  const text = maskText(response.body.toString());
  const { message, id } = wordsOf(text);
  const requestId = headers["x-request-id"] ?? headers["request-id"];
  const known = [
    `HTTP ${statusCode}`,
    ...(message === undefined ? ["without an explanation"] : [message.replace(/\.\s*$/, "")]),
    ...(id === undefined ? [] : [`id ${id}`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ].join(", ");
  return edgeFailure(operation, endpoint, known, adviceByStatus[statusCode], {
    statusCode,
    rawResponse: text.slice(0, LONGEST_RAW),
  });
}

export function edgeFailure(
  operation: EdgeOperation,
  { url }: EdgeEndpoint,
  reason: string,
  advice = `Try again later, and check edge_api_url (${url}) if it lasts.`,
  more: ConstructorParameters<typeof AdapterError>[2] = {},
): AdapterError {
  return new AdapterError("EDGE_API_FAILED", { operation, url, reason, advice }, more);
}

function wordsOf(text: string): { message?: string; id?: string } {
  try {
    const { message, id } = JSON.parse(text) as { message?: unknown; id?: unknown };
    return {
      ...(typeof message === "string" && message !== "" ? { message } : {}),
      ...(typeof id === "number" || typeof id === "string" ? { id: String(id) } : {}),
    };
  } catch {
    return {};
  }
}
