/** Owns the entries by which an operator finds a signature or credential fault: FULL_REQUEST, FULL_BODY, CALL RETURN, and what AWS says of a signature. */
import type { Clock } from "../types/clock";
import type { HttpRequest } from "../types/http";
import type { Logger } from "../types/logger";
import type { RoleChain } from "../types/role-chain";
import type { AuthLogSwitch } from "./auth-log-switch";
import { compareSignatures, type SignatureComparison } from "./compare-signatures";
import { jsonText } from "./json-text";
import type { Masker, SensitiveMembers } from "./masker";
import {
  bodyForLog,
  canonicalRequestForLog,
  type LoggedBody,
  SECRET_ANSWER_BODY,
  SECRET_REQUEST_BODY,
  urlForLog,
} from "./message-for-log";
import { returnJson } from "./return-json";
import { signedByAws } from "./signed-by-aws";
import { TextBytes } from "./text-bytes";

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
  /** Who acts; of a step towards it, the step in words. */
  readonly chain: RoleChain | string;
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
  /** What we signed beside what AWS computed, after the refusal of a signature. */
  signature(attempt: number, comparison: SignatureComparison): void;
}

/** A role chain in words, for people: see settings/describe-role-chain.ts. */
export type DescribeRoleChain = (chain: RoleChain) => { readonly source: string; readonly steps: readonly string[] };

type EntryKind = "FULL_REQUEST" | "FULL_BODY" | "CALL RETURN" | "SIGNATURE COMPARED";

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

const nothing = (): void => {};
const silent: CallLog = { active: false, request: nothing, response: nothing, signature: nothing };

/** The one entry of a call while the log is off. A class, because one is made for every call. */
class PlainLog implements CallLog {
  readonly active = false;

  constructor(
    readonly call: CallLogContext,
    readonly logger: Logger,
    readonly masker: Masker,
  ) {}

  request(): void {
    // What was sent is not shown.
  }

  signature(): void {
    // Nor is what was signed.
  }

  response(attempt: number, response: LoggedResponse, sensitive?: SensitiveMembers): void {
    const { callId, service, operation } = this.call;
    const { statusCode, headers, body } = response;
    const durationMs = rounded(response.durationMs);
    const sent = headers["x-amzn-requestid"] ?? headers["x-amz-request-id"];
    // The one text here that is not ours. Masking the whole entry would be a tenth of what a call costs.
    const requestId = sent === undefined ? undefined : this.masker.maskText(sent);
    const entry = { callId, attempt, service, operation, statusCode, durationMs, requestId };
    const json =
      statusCode < 300
        ? returnJson(entry)
        : JSON.stringify({ ...entry, ...bodyForLog(body, headers, this.masker, sensitive) });
    this.logger.debug(`CALL RETURN ${json}`);
  }
}

/** Makes the entries of calls. It masks by itself; the logger it is given must not mask again. */
export class AuthLog {
  readonly #logger: Logger;
  readonly #masker: Masker;
  readonly #clock: Clock;
  readonly #switch: AuthLogSwitch;
  readonly #bytes = new TextBytes();
  readonly #describe: DescribeRoleChain;
  /** What was said of a chain, for as long as there is the chain. */
  readonly #words = new WeakMap<RoleChain, ReturnType<DescribeRoleChain>>();

  constructor(logger: Logger, masker: Masker, clock: Clock, authLogSwitch: AuthLogSwitch, describe: DescribeRoleChain) {
    this.#logger = logger;
    this.#masker = masker;
    this.#clock = clock;
    this.#switch = authLogSwitch;
    this.#describe = describe;
  }

  /** Turns auth_logging on or off, and says so in the log: it is meant to be on for as long as a fault is looked for. */
  setEnabled(on: boolean): void {
    this.#switch.set(on ? "on" : "off", this.#logger, this.#clock);
  }

  /**
   * @param signed - what the signer kept of the refused request
   * @param body - of the refusal
   * @returns both beside each other, where AWS tells what it computed; to be known whether the log is on or not
   */
  compare(signed: SigningRecord | undefined, body: string | Uint8Array): SignatureComparison | undefined {
    if (signed === undefined) return undefined;
    const byAws = signedByAws(typeof body === "string" ? body : Buffer.from(body).toString("utf8"));
    return byAws === undefined ? undefined : compareSignatures(signed, byAws, this.#masker);
  }

  /** @returns the entries of one call; at a level above debug, one that computes nothing */
  forCall(call: CallLogContext): CallLog {
    if (!this.#logger.isEnabled("debug")) return silent;
    return this.#switch.enabled || call.forced ? this.#fullLog(call) : new PlainLog(call, this.#logger, this.#masker);
  }

  /** One look at the whole entry, for what its parts did not mask by name; the body is masked already. */
  #write(kind: EntryKind, entry: Record<string, unknown>, body: LoggedBody): void {
    const json = this.#masker.maskText(JSON.stringify(entry));
    this.#logger.debug(`${kind} ${json.slice(0, -1)}${this.#members(body)}}`);
  }

  /** As JSON.stringify writes them behind others. */
  #members({ contentType, contentLength, body, bodyNote }: LoggedBody): string {
    let json = "";
    if (contentType !== undefined) json += `,"contentType":${JSON.stringify(contentType)}`;
    if (contentLength !== undefined) json += `,"contentLength":${JSON.stringify(contentLength)}`;
    if (body !== undefined) json += `,"body":${jsonText(body, this.#bytes)}`;
    if (bodyNote !== undefined) json += `,"bodyNote":${JSON.stringify(bodyNote)}`;
    return json;
  }

  #inWords(chain: RoleChain): ReturnType<DescribeRoleChain> {
    let words = this.#words.get(chain);
    if (words === undefined) {
      words = this.#describe(chain);
      this.#words.set(chain, words);
    }
    return words;
  }

  #fullLog({ callId, service, operation, chain }: CallLogContext): CallLog {
    const masker = this.#masker;
    return {
      active: true,
      request: (attempt, request, signing, sensitive) => {
        const url = urlForLog(request);
        const entry = {
          callId,
          attempt,
          service,
          operation,
          method: request.method,
          // Without one of these there is no name of a member in it; the rest is looked for in the whole entry.
          url: /[="<]/.test(url) ? masker.maskText(url, sensitive) : url,
          headers: masker.maskSecretHeaders(request.headers, sensitive),
          roleChain: typeof chain === "string" ? chain : this.#inWords(chain),
          canonicalRequest: signing && canonicalRequestForLog(signing.canonicalRequest, masker, sensitive),
          stringToSign: signing?.stringToSign.split("\n"),
        };
        this.#write("FULL_REQUEST", entry, {});
        const body = bodyForLog(request.body, request.headers, masker, sensitive, SECRET_REQUEST_BODY);
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
        // A refusal has a body of its own.
        const whole = statusCode < 300 ? SECRET_ANSWER_BODY : undefined;
        this.#write("CALL RETURN", entry, bodyForLog(body, headers, masker, sensitive, whole));
      },
      signature: (attempt, comparison) => {
        this.#write("SIGNATURE COMPARED", { callId, attempt, service, operation, ...comparison }, {});
      },
    };
  }
}
