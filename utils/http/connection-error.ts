/** Owns the translation of Node's network errors: what failed, at which stage, and in words that an operator can act on. */
import { AdapterError, type ErrorDetail } from "../errors/adapter-error";
import { phaseOf, STAGE_WORDS, type Stage } from "./stage";

export interface FailedExchange {
  /** The peer in words: `sts.amazonaws.com:443`, with the proxy or load balancer in between. */
  readonly peer: string;
  /** The name that the certificate must carry. */
  readonly serverName: string;
  readonly stage: Stage;
  /** Whether the socket had carried an earlier request, so that the peer may have closed it meanwhile. */
  readonly socket: "fresh" | "reused";
}

interface NodeError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
  rawPacket?: unknown;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "the network is unreachable",
  ETIMEDOUT: "the connection attempt timed out",
  ENOTFOUND: "the name does not exist",
  EAI_AGAIN: "the name server does not answer",
  HPE_HEADER_OVERFLOW: "the headers of the answer are too large",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was closed",
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  CERT_HAS_EXPIRED: "the certificate has expired",
  CERT_NOT_YET_VALID: "the certificate is not valid yet: check the clock",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed and not in ssl.ca_file",
  SELF_SIGNED_CERT_IN_CHAIN: "the chain ends in a certificate authority that is not in ssl.ca_file",
  UNABLE_TO_GET_ISSUER_CERT: "the issuer of the certificate is unknown",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the issuer of the certificate is unknown",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate cannot be verified: its issuer is unknown",
  ERR_SSL_WRONG_VERSION_NUMBER: "the other side does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "the other side does not speak TLS",
  EPROTO: "the other side does not speak TLS as expected",
};

const UNWRITABLE: ReadonlySet<string> = new Set([
  "ERR_INVALID_CHAR",
  "ERR_HTTP_INVALID_HEADER_VALUE",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_UNESCAPED_CHARACTERS",
]);
const CLOSED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]);
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO|CRL_)/;

function stageOf(error: NodeError, stage: Stage): Stage {
  if (error.syscall === "getaddrinfo") return "dns";
  // Several addresses tried in turn fail as one AggregateError, which has no syscall.
  if (error.syscall === "connect" || error instanceof AggregateError) return "connection";
  return stage;
}

function reasonOf(error: NodeError, stage: Stage): string {
  const code = error.code ?? error.name;
  const words = REASONS[code] ?? (code.startsWith("HPE_") ? "the answer is not valid HTTP" : error.message);
  if (stage === "dns") return `${words} (${code}${error.hostname ? `, ${error.hostname}` : ""})`;
  if (stage === "connection") return `${words} (${code}${error.address ? `, ${error.address}:${error.port}` : ""})`;
  return CLOSED.has(code) ? `${words} while ${STAGE_WORDS[stage]} (${code})` : `${words} (${code})`;
}

/**
 * @returns `CONNECTION_FAILED`, `TLS_FAILED`, or `REQUEST_UNSERIALIZABLE` for what Node refuses to write; its detail says
 * `phase`, `stage` and `reusedSocket`
 */
export function connectionError(error: unknown, exchange: FailedExchange): AdapterError {
  if (error instanceof AdapterError) return error;
  const failure = (error instanceof Error ? error : new Error(String(error))) as NodeError;
  delete failure.rawPacket; // What was received so far, perhaps credentials.
  const code = failure.code ?? "";
  const stage = stageOf(failure, exchange.stage);
  const common: ErrorDetail = {
    phase: phaseOf(stage),
    stage,
    reusedSocket: exchange.socket === "reused" ? "yes" : "no",
  };
  const reason = reasonOf(failure, stage);
  const { peer, serverName } = exchange;
  if (UNWRITABLE.has(code)) {
    const detail = { ...common, service: peer, operation: "", reason, phase: "before-request" };
    return new AdapterError("REQUEST_UNSERIALIZABLE", detail, { cause: failure });
  }
  if (TLS_CODE.test(code)) {
    return new AdapterError("TLS_FAILED", { ...common, host: peer, serverName, reason }, { cause: failure });
  }
  return new AdapterError("CONNECTION_FAILED", { ...common, host: peer, reason, errno: code }, { cause: failure });
}

/** @param limitMs - the limit that passed */
export function timeoutError(exchange: FailedExchange, limitMs: number): AdapterError {
  const { peer, stage } = exchange;
  const waitedFor = `${peer} (${STAGE_WORDS[stage]})`;
  return new AdapterError("TIMEOUT", { waitedFor, limitMs: Math.ceil(limitMs), stage, phase: phaseOf(stage) });
}

/** @param limitBytes - the limit that was passed */
export function tooLargeError({ peer, stage }: FailedExchange, limitBytes: number): AdapterError {
  const reason = `the answer is larger than ${limitBytes} bytes`;
  return new AdapterError("CONNECTION_FAILED", { host: peer, reason, stage, phase: phaseOf(stage), errno: "" });
}

/** @param reason - of the signal that ended the wait */
export function abortedError(exchange: FailedExchange, reason: unknown): AdapterError {
  const { peer, stage } = exchange;
  const waitedFor = `The request to ${peer} (${STAGE_WORDS[stage]})`;
  const words = reason instanceof Error ? reason.message : String(reason ?? "no reason given");
  return new AdapterError("ABORTED", { waitedFor, reason: words, stage, phase: phaseOf(stage) }, { cause: reason });
}
