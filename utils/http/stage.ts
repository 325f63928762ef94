/** Owns the stages of an exchange: where it stands when it fails, and whether AWS may have acted by then. */
import type { ClientRequest } from "node:http";
import type { TLSSocket } from "node:tls";

export type Stage = "socket" | "proxy" | "dns" | "connection" | "tls" | "sending" | "first-byte" | "body";

/** How an error names what was waited for. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  socket: "waiting for a free socket",
  proxy: "waiting for the proxy",
  dns: "resolving the name",
  connection: "connecting",
  tls: "TLS handshake",
  sending: "sending the request",
  "first-byte": "waiting for the first byte of the answer",
  body: "reading the body of the answer",
};

/** `before-request` only where nothing of the request can have been processed. */
export type Phase = "before-request" | "after-request";

const REQUEST_UNDER_WAY: ReadonlySet<Stage> = new Set<Stage>(["sending", "first-byte", "body"]);

export function phaseOf(stage: Stage): Phase {
  return REQUEST_UNDER_WAY.has(stage) ? "after-request" : "before-request";
}

/** Read off the request and its socket when it is asked for, so that a call that goes well pays nothing for it. */
export function requestStage(request: ClientRequest): Exclude<Stage, "dns" | "proxy" | "body"> {
  const socket = request.socket as (TLSSocket & { readonly secureConnecting?: boolean }) | null;
  if (socket === null) return "socket";
  if (socket.connecting) return "connection";
  if (socket.secureConnecting === true) return "tls";
  return request.writableFinished && socket.writableLength === 0 ? "first-byte" : "sending";
}
