/** Owns the reading of an answer that no shape describes: JSON and XML as objects, text as text, bytes as base64. */
import { AdapterError } from "../errors/adapter-error";
import { blobText } from "./json-safe";
import type { AnswerReader } from "./prepared-call";
import { quoteBigIntegers } from "./quote-big-integers";
import { readPlainXml } from "./read-plain-xml";
import { type ErrorContext, type RefusedAnswer, serviceError, unreadable } from "./service-error";
import { bodyText } from "./streamed-body";

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?(?:json|x-amz-json-1\.\d)\b/i;
const XML_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?xml\b/i;

/** @param context - what an error says */
export function rawReader(context: ErrorContext): AnswerReader {
  const { operation } = context;
  return {
    responseBody: "buffer",
    waitedFor: `${operation.service.name} ${operation.name}`,
    sensitive: () => undefined,
    read: async (received) => {
      const { statusCode, headers } = received.response;
      const answer: RefusedAnswer = { statusCode, headers, body: await received.body() };
      if (statusCode < 200 || statusCode >= 300)
        throw refusal(answer, { ...context, ...received.refused(answer.body) });
      try {
        return { statusCode, headers, output: outputOf(answer) };
      } catch (thrown) {
        if (thrown instanceof AdapterError) throw thrown;
        throw unreadable(`what its content-type ${headers["content-type"]} says`, answer, context, thrown);
      }
    },
  };
}

/** @throws SyntaxError when the body is not what its content-type says */
function outputOf({ headers, body }: RefusedAnswer): unknown {
  const type = headers["content-type"] ?? "";
  if (body.length === 0) return type === "" || !JSON_TYPE.test(type) ? "" : {};
  if (JSON_TYPE.test(type)) return JSON.parse(quoteBigIntegers(body.toString("utf8")));
  if (XML_TYPE.test(type)) return readPlainXml(body.toString("utf8"));
  const { text, encoding } = bodyText(body);
  return encoding === "utf8" ? text : { base64: blobText(body) };
}

const MARKUP = /<Code>\s*([^<]{1,200}?)\s*<\/Code>[\s\S]*?(?:<Message>([\s\S]*?)<\/Message>)/;

/** AWS's code and message, however the service writes them. */
function refusal(answer: RefusedAnswer, context: ErrorContext): AdapterError {
  const text = answer.body.toString("utf8");
  const named = answer.headers["x-amzn-errortype"]?.split(":")[0];
  const [, code, message] = MARKUP.exec(text) ?? [];
  let fields: Record<string, unknown> = {};
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === "object" && document !== null) fields = document as Record<string, unknown>;
  } catch {
    // Not JSON: what the markup says counts.
  }
  const type = fields["__type"] ?? fields["code"] ?? fields["Code"];
  const name = code ?? named ?? (typeof type === "string" ? type.replace(/^.*#/, "").split(":")[0] : undefined);
  const said = message ?? fields["message"] ?? fields["Message"];
  const error = Object.assign(new Error(typeof said === "string" ? said : ""), { name: name ?? "UnknownError" });
  return serviceError(Object.assign(error, { $metadata: {} }), answer, context);
}
