/** Owns what the trials of credentials share: a clock that stands still, an HTTP handler that answers from a script. */
import assert from "node:assert/strict";
import { AdapterError, type ErrorCode } from "../../../utils/errors/adapter-error";
import type { Clock } from "../../../utils/types/clock";
import type { HttpHandler, HttpRequest } from "../../../utils/types/http";
import type { AwsCredentialIdentity } from "../../../utils/types/identity";
import type { StsEndpoint } from "../../../utils/types/role-chain";

export const START_MS = Date.parse("2026-03-12T10:00:00Z");

/** Time moves only when it is told to; a sleep moves it at once. */
export class FakeClock implements Clock {
  #nowMs = START_MS;
  #timers: { atMs: number; task: () => void }[] = [];
  readonly slept: number[] = [];

  now(): number {
    return this.#nowMs;
  }
  monotonic(): number {
    return this.#nowMs - START_MS;
  }
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.advance(ms);
  }
  schedule(ms: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  get waiting(): number {
    return this.#timers.length;
  }
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { task } of due) task();
  }
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Instead of an answer. */
  readonly fails?: "silent" | "refused" | "tls";
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly timeoutMs: number;
}

/** Sends nothing: every request is put before `answer`. A silent one uses its whole time up on the fake clock. */
export class FakeHttpHandler implements HttpHandler {
  readonly requests: SeenRequest[] = [];

  constructor(
    readonly clock: FakeClock,
    readonly answer: (request: SeenRequest, count: number) => ScriptedAnswer,
  ) {}

  async handle(request: HttpRequest, options: { timeoutMs: number }) {
    const port = request.port === undefined ? "" : `:${request.port}`;
    const seen: SeenRequest = {
      method: request.method,
      url: `${request.protocol}//${request.hostname}${port}${request.path}`,
      headers: { ...request.headers },
      body: String(request.body ?? ""),
      timeoutMs: options.timeoutMs,
    };
    this.requests.push(seen);
    await Promise.resolve();
    const { status = 200, body = "", headers = {}, fails } = this.answer(seen, this.requests.length);
    const host = request.hostname;
    if (fails === "silent") {
      this.clock.advance(options.timeoutMs);
      throw new AdapterError("TIMEOUT", {
        waitedFor: `${host} (waiting for the first byte)`,
        limitMs: options.timeoutMs,
      });
    }
    if (fails === "refused")
      throw new AdapterError("CONNECTION_FAILED", { host, reason: "ECONNREFUSED", phase: "before-request" });
    if (fails === "tls") throw new AdapterError("TLS_FAILED", { host, reason: "hostname mismatch", serverName: host });
    return { statusCode: status, headers, body: Buffer.from(body) };
  }

  destroy(): void {}
}

/** Masks by value, and remembers what it was told. */
export class FakeSecrets {
  readonly values: string[] = [];
  /** Of each value, for how long it is a secret. */
  readonly ends = new Map<string, Date | undefined>();
  addSecret(value: string, expiration?: Date): void {
    this.values.push(value);
    this.ends.set(value, expiration);
  }
  maskText(text: string): string {
    return this.values.reduce((masked, value) => masked.replaceAll(value, "** masked **"), text);
  }
}

export const identity = (name: string, expiresInMs?: number, nowMs = START_MS): AwsCredentialIdentity => ({
  accessKeyId: `AKIA${name.toUpperCase()}`,
  secretAccessKey: `secret-of-${name}`,
  sessionToken: `token-of-${name}`,
  ...(expiresInMs === undefined ? {} : { expiration: new Date(nowMs + expiresInMs) }),
});

export const stsEndpoint: StsEndpoint = { region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com" };

/** What STS answers when it agrees; the names tell which call it was. */
export function sessionXml(operation: string, name: string, expirationMs: number): string {
  return (
    `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result><Credentials>` +
    `<AccessKeyId>ASIA${name}</AccessKeyId><SecretAccessKey>secret-${name}</SecretAccessKey>` +
    `<SessionToken>token-${name}</SessionToken><Expiration>${new Date(expirationMs).toISOString()}</Expiration>` +
    `</Credentials></${operation}Result></${operation}Response>`
  );
}

export function errorXml(code: string, message: string): string {
  return (
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${message}</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`
  );
}

/** @returns the AdapterError of a promise that must fail, with that code */
export async function failure(work: Promise<unknown>, code: ErrorCode): Promise<AdapterError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail("it succeeded");
}

/** Lets pending promises settle. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
