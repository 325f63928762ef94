/** Owns the service's answer: the look into one that refuses, whether signing anew would mend it, and the way to the client. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { classifyFailure, type FailureKind } from "../client/retry-classification";
import { AdapterError } from "../errors/adapter-error";
import { ProxyRefusal } from "./proxy-refusal";

/** An answer with the part of its body that was read already. */
export interface SeenAnswer {
  readonly answer: IncomingMessage;
  /** Undefined when nothing was read. */
  readonly head?: Buffer;
  readonly state: "whole" | "more";
}

const REFUSING: ReadonlySet<number> = new Set([400, 401, 403]);
/** No service says that in more. */
const LARGEST_SEEN_BYTES = 64 * 1024;
const CODE_IN_XML = /<Code>([A-Za-z]{1,64})<\/Code>/;
const CODE_IN_JSON = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([A-Za-z]{1,64})/;
const MESSAGE = /<Message>([^<]{0,500})|"[Mm]essage"\s*:\s*"([^"]{0,500})/;

/**
 * Reads a refusing answer, up to a limit, so that it can still be passed on.
 * @throws the answer's own error
 */
export async function seeAnswer(answer: IncomingMessage, method: string): Promise<SeenAnswer> {
  if (method === "HEAD" || !REFUSING.has(answer.statusCode ?? 0)) return { answer, state: "more" };
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const end = (state: SeenAnswer["state"]): void => {
      answer.off("data", onData).off("end", onEnd).off("error", reject);
      resolve({ answer, head: Buffer.concat(parts), state });
    };
    const onEnd = (): void => end("whole");
    const onData = (part: Buffer): void => {
      parts.push(part);
      bytes += part.length;
      if (bytes < LARGEST_SEEN_BYTES) return;
      answer.pause();
      end("more");
    };
    answer.on("data", onData).on("end", onEnd).on("error", reject);
  });
}

/**
 * @param skewMs - how far the server's clock is from ours, where its answer has a date
 * @returns `final` for whatever is not known to be mended by signing again
 */
export function failureOf({ answer, head }: SeenAnswer, service: string, skewMs: number | undefined): FailureKind {
  if (head === undefined) return "final";
  const text = head.toString("utf8");
  const type = answer.headers["x-amzn-errortype"];
  const code =
    (typeof type === "string" ? /^(?:[^#]*#)?([A-Za-z]{1,64})/.exec(type)?.[1] : undefined) ??
    CODE_IN_XML.exec(text)?.[1] ??
    CODE_IN_JSON.exec(text)?.[1];
  if (code === undefined) return "final";
  const [, inXml, inJson] = MESSAGE.exec(text) ?? [];
  const aws = { service, operation: "", code, message: inXml ?? inJson ?? "" };
  const error = new AdapterError("SERVICE_ERROR", { service, operation: "", awsCode: code }, { aws });
  return classifyFailure(error, { skewMs, retriedStatuses: [] }).kind;
}

/**
 * Does what `pipe` does, which is a large part of what a small answer costs.
 * @param moved - told of every part, and with 0 when the client has caught up
 * @throws ProxyRefusal when the answer ends early
 */
export function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  moved: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(new ProxyRefusal("bad-gateway", "The answer of the service ended early."));
    answer.on("data", (part: Buffer) => {
      moved(part.length);
      if (!response.write(part)) answer.pause();
    });
    response.on("drain", () => {
      moved(0);
      answer.resume();
    });
    answer.on("end", resolve).on("error", lost);
    answer.on("close", () => {
      if (!answer.complete) lost();
    });
    // Whoever looked into it may have paused it.
    answer.resume();
  });
}
