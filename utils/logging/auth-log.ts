/** Owns the three entries by which an operator finds a signature or credential fault: FULL_REQUEST, FULL_BODY, CALL RETURN. */
import type { Clock } from "../types/clock";
import type { HttpRequest } from "../types/http";
import type { Logger } from "../types/logger";
import type { RoleChain } from "../types/role-chain";
import type { Masker, SensitiveMembers } from "./masker";
import { bodyForLog, canonicalRequestForLog, type LoggedBody, urlForLog } from "./message-for-log";

export type { SensitiveMembers } from "./masker";

/** What was signed, as the signer answers it. */
export interface SigningRecord {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signedHeaders: string;
  readonly credentialScope: string;
  readonly signature: string;
}

/** Which call the entries belong to. */
export interface CallLogContext {
  /** Shared by all entries of one call. */
  readonly callId: string;
  readonly service: string;
  readonly operation: string;
  readonly chain: RoleChain;
  /** On for this call, whatever the switch says (`iapMetadata.auth_logging`). */
  readonly forced: boolean;
}

export interface LoggedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out when it is streamed. */
  readonly body?: string | Uint8Array;
  readonly durationMs: number;
}

/** The entries of one call; `attempt` counts from 1. */
export interface CallLog {
  /** False: nothing but the plain CALL RETURN, and that at debug only. */
  readonly active: boolean;
  request(attempt: number, request: HttpRequest, signing?: SigningRecord, sensitive?: SensitiveMembers): void;
  response(attempt: number, response: LoggedResponse, sensitive?: SensitiveMembers): void;
}

/** The switch; whoever holds it turns auth_logging on and off while calls are under way. */
export interface AuthLogState {
  enabled: boolean;
}

/** A role chain in words, for people: see settings/describe-role-chain.ts. */
export type DescribeRoleChain = (chain: RoleChain) => { readonly source: string; readonly steps: readonly string[] };

/** What an operator compares with what AWS says it expected, after SignatureDoesNotMatch. */
const signedForLog = (
  { canonicalRequest, stringToSign }: SigningRecord,
  masker: Masker,
  sensitive: SensitiveMembers | undefined,
) => ({
  canonicalRequest: canonicalRequestForLog(canonicalRequest, masker, sensitive),
  stringToSign: stringToSign.split("\n"),
});

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

const silent: CallLog = { active: false, request: () => {}, response: () => {} };

/** Makes the entries of calls. It masks by itself; the logger it is given must not mask again. */
export class AuthLog {
  readonly #logger: Logger;
  readonly #masker: Masker;
  readonly #clock: Clock;
  readonly #state: AuthLogState;
  readonly #describe: DescribeRoleChain;
  #enabledSinceMs: number | undefined;

  constructor(logger: Logger, masker: Masker, clock: Clock, state: AuthLogState, describe: DescribeRoleChain) {
    this.#logger = logger;
    this.#masker = masker;
    this.#clock = clock;
    this.#state = state;
    this.#describe = describe;
    if (state.enabled) this.setEnabled(true);
  }

  /** Turns auth_logging on or off, and says so in the log: it is meant to be on for as long as a fault is looked for. */
  setEnabled(on: boolean): void {
    this.#state.enabled = on;
    if (on && this.#enabledSinceMs === undefined) {
      this.#enabledSinceMs = this.#clock.now();
      this.#logger.warn("auth_logging is on: every request and answer is written to the log at debug, secrets masked");
    } else if (!on && this.#enabledSinceMs !== undefined) {
      const seconds = Math.round((this.#clock.now() - this.#enabledSinceMs) / 1000);
      this.#enabledSinceMs = undefined;
      this.#logger.warn(`auth_logging is off, after ${seconds} s`);
    }
  }

  /** @returns the entries of one call; at a level above debug, one that computes nothing */
  forCall(call: CallLogContext): CallLog {
    if (!this.#logger.isEnabled("debug")) return silent;
    return this.#state.enabled || call.forced ? this.#fullLog(call) : this.#plainLog(call);
  }

  /** One look at the whole entry, for what its parts did not mask by name; the body is masked already. */
  #write(kind: "FULL_REQUEST" | "FULL_BODY" | "CALL RETURN", entry: Record<string, unknown>, body: LoggedBody): void {
    const json = this.#masker.maskText(JSON.stringify(entry));
    const bodyJson = JSON.stringify(body);
    this.#logger.debug(`${kind} ${bodyJson === "{}" ? json : `${json.slice(0, -1)},${bodyJson.slice(1)}`}`);
  }

  #plainLog({ callId, service, operation }: CallLogContext): CallLog {
    return {
      active: false,
      request: () => {},
      response: (attempt, { statusCode, headers, body, ...timed }, sensitive) => {
        const durationMs = rounded(timed.durationMs);
        const requestId = headers["x-amzn-requestid"] ?? headers["x-amz-request-id"];
        const failure = statusCode < 300 ? {} : bodyForLog(body, headers, this.#masker, sensitive);
        const entry = { callId, attempt, service, operation, statusCode, durationMs, requestId };
        this.#write("CALL RETURN", entry, failure);
      },
    };
  }

  #fullLog({ callId, service, operation, chain }: CallLogContext): CallLog {
    const masker = this.#masker;
    return {
      active: true,
      request: (attempt, request, signing, sensitive) => {
        const entry = {
          callId,
          attempt,
          service,
          operation,
          method: request.method,
          url: masker.maskText(urlForLog(request), sensitive),
          headers: masker.maskSecretHeaders(request.headers, sensitive),
          roleChain: this.#describe(chain),
          ...(signing === undefined ? {} : signedForLog(signing, masker, sensitive)),
        };
        this.#write("FULL_REQUEST", entry, {});
        const body = bodyForLog(request.body, request.headers, masker, sensitive);
        this.#write("FULL_BODY", { callId, attempt }, body);
      },
      response: (attempt, { statusCode, headers, body, durationMs }, sensitive) => {
        const entry = {
          callId,
          attempt,
          service,
          operation,
          statusCode,
          durationMs: rounded(durationMs),
          headers: masker.maskSecretHeaders(headers, sensitive),
        };
        this.#write("CALL RETURN", entry, bodyForLog(body, headers, masker, sensitive));
      },
    };
  }
}
