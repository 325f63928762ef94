/** Owns the repeating of an operation until what it describes is as wanted. https://smithy.io/2.0/additional-specs/waiters.html */
import { AdapterError } from "../errors/adapter-error";
import type { Waiter, WaiterAcceptor } from "../models/entity-format";
import type { OperationModel } from "../models/operation-model";
import type { Clock } from "../types/clock";
import { lazy } from "../types/lazy";
import type { AnsweredCall } from "./prepared-call";

/** Needed by waiters only, so loaded by the first one. */
const jmespath = lazy(() => require("@jmespath-community/jmespath") as typeof import("@jmespath-community/jmespath"));

export interface WaitingCall {
  readonly operation: OperationModel;
  readonly name: string;
  readonly waiter: Waiter;
  readonly maxWaitMs: number;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly signal?: AbortSignal;
  ask(): Promise<AnsweredCall>;
  progress(text: string): void;
}

type Asked = { readonly answer: AnsweredCall } | { readonly error: AdapterError };

/**
 * @returns the answer that ended the wait; an error that was waited for is an answer without output
 * @throws AdapterError `WAITER_FAILED` when the state can no longer come, `TIMEOUT` when it does not come in time, or what
 * the operation fails with
 */
export async function waitUntil(call: WaitingCall): Promise<AnsweredCall> {
  const { clock, waiter, maxWaitMs, name, operation } = call;
  const startedMs = clock.monotonic();
  for (let attempt = 1; ; attempt++) {
    const asked = await ask(call);
    const met = waiter.acceptors.find((acceptor) => isMet(acceptor, asked));
    if (met?.state === "success") return "answer" in asked ? asked.answer : answerOf(asked.error);
    if (met?.state === "failure") throw failed(call, met, asked);
    if (met === undefined && "error" in asked) throw asked.error;
    const elapsedMs = clock.monotonic() - startedMs;
    const delayMs = delayOf(waiter, attempt, call.random);
    if (elapsedMs + delayMs >= maxWaitMs) {
      const waitedFor = `${operation.service.name} ${operation.name} until ${name}`;
      throw new AdapterError("TIMEOUT", { waitedFor, limitMs: maxWaitMs, phase: "after-request" });
    }
    call.progress(`${name}: not yet after ${Math.round(elapsedMs / 1000)} s, asked ${attempt} times`);
    await pause(call, delayMs);
  }
}

async function ask(call: WaitingCall): Promise<Asked> {
  try {
    return { answer: await call.ask() };
  } catch (error) {
    if (error instanceof AdapterError && error.aws !== undefined) return { error };
    throw error;
  }
}

async function pause({ clock, name, signal }: WaitingCall, delayMs: number): Promise<void> {
  try {
    await clock.sleep(delayMs, signal);
  } catch (cause) {
    if (cause instanceof AdapterError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AdapterError("ABORTED", { waitedFor: `The wait for ${name}`, reason }, { cause });
  }
}

/** Twice as long each time, from the least to the longest, at random within. */
function delayOf({ minDelaySeconds, maxDelaySeconds }: Waiter, attempt: number, random: () => number): number {
  const longest = Math.min(maxDelaySeconds, minDelaySeconds * 2 ** Math.min(attempt - 1, 20));
  return (minDelaySeconds + random() * (longest - minDelaySeconds)) * 1000;
}

function isMet({ matcher }: WaiterAcceptor, asked: Asked): boolean {
  if ("success" in matcher) return matcher.success === "answer" in asked;
  if ("errorType" in matcher) return "error" in asked && isErrorType(asked.error.aws?.code, matcher.errorType);
  if ("error" in asked) return false;
  const { path, expected, comparator } = matcher.output;
  const found: unknown = jmespath().search(asked.answer.output as never, path);
  switch (comparator) {
    case "stringEquals":
    case "booleanEquals":
      return String(found) === expected;
    case "allStringEquals":
      return Array.isArray(found) && found.length > 0 && found.every((value) => value === expected);
    case "anyStringEquals":
      return Array.isArray(found) && found.includes(expected);
  }
}

/** A name may come with its namespace, or with the name that only the wire has. */
const isErrorType = (code: string | undefined, errorType: string): boolean =>
  code === errorType || code === `${errorType}Exception` || `${code}Exception` === errorType;

const answerOf = (error: AdapterError): AnsweredCall => ({
  statusCode: error.statusCode ?? 404,
  headers: {},
  output: {},
  bytes: 0,
});

function failed({ name, operation }: WaitingCall, { matcher }: WaiterAcceptor, asked: Asked): AdapterError {
  const reason =
    "output" in matcher
      ? `${matcher.output.path} is ${matcher.output.expected}`
      : "error" in asked
        ? `AWS answered ${asked.error.aws?.code}`
        : "the operation succeeded";
  const detail = { service: operation.service.name, operation: operation.name, found: name, reason };
  if (!("error" in asked)) return new AdapterError("WAITER_FAILED", detail);
  const { aws, statusCode } = asked.error;
  return new AdapterError("WAITER_FAILED", detail, {
    cause: asked.error,
    ...(aws === undefined ? {} : { aws }),
    ...(statusCode === undefined ? {} : { statusCode }),
  });
}
