/** Owns queries: the objects under a prefix, or the records in an object that an SQL expression selects. */
import { AdapterError } from "../../errors/adapter-error";
import type { CallResult } from "../../types/call";
import { list } from "./listing";
import type { S3Session } from "./s3-session";

type Params = Record<string, unknown>;

/** Codes and statuses of an S3 that has no S3 Select, or has it no longer. */
const NOT_OFFERED: ReadonlySet<string> = new Set(["MethodNotAllowed", "NotImplemented", "UnsupportedOperation"]);
const NOT_OFFERED_STATUS: ReadonlySet<number> = new Set([405, 501]);

interface SelectEvent {
  /** Bytes in base64. */
  readonly Records?: { readonly Payload?: string };
  readonly Stats?: { readonly Details?: unknown };
}

/**
 * @param params - with `Expression`: input of SelectObjectContent, whose records are answered as JSON unless
 * `OutputSerialization` says otherwise; with `Prefix`: as for a listing
 */
export function query(session: S3Session, params: Params): Promise<CallResult> {
  if (params["Expression"] !== undefined) return select(session, params);
  if (params["Prefix"] !== undefined && params["Bucket"] !== undefined) return list(session, params);
  const documentation =
    "Bucket and Prefix list objects; Bucket, Key, Expression and InputSerialization select records.";
  const expected = "Prefix or Expression beside Bucket";
  throw new AdapterError("INVALID_INPUT", { parameter: "params", found: "neither", expected, documentation });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html */
async function select(session: S3Session, params: Params): Promise<CallResult> {
  const input = { ExpressionType: "SQL", OutputSerialization: { JSON: {} }, ...params };
  let result: CallResult;
  try {
    result = await session.send("SelectObjectContent", input);
  } catch (thrown) {
    throw isNotOffered(thrown) ? withoutSelect(thrown) : thrown;
  }
  const { Payload: events, ...members } = result.output as { Payload: readonly SelectEvent[] | object };
  // With saveTo they went into a file.
  if (!isList(events)) return result;
  const bytes = events.map(({ Records }) => Buffer.from(Records?.Payload ?? "", "base64"));
  const text = Buffer.concat(bytes).toString("utf8");
  const stats = events.find(({ Stats }) => Stats !== undefined)?.Stats?.Details;
  const Records = "JSON" in (input.OutputSerialization as object) ? jsonRecords(text, input.OutputSerialization) : text;
  return { ...result, output: { ...members, Records, ...(stats === undefined ? {} : { Stats: stats }) } };
}

function jsonRecords(text: string, serialization: Params): unknown[] | string {
  const delimiter = (serialization["JSON"] as Params | null)?.["RecordDelimiter"] ?? "\n";
  try {
    return text
      .split(String(delimiter))
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line) as unknown);
  } catch {
    // A delimiter that stands within records cannot be undone; the caller knows what it means.
    return text;
  }
}

const isNotOffered = (thrown: unknown): thrown is AdapterError =>
  thrown instanceof AdapterError &&
  thrown.code === "SERVICE_ERROR" &&
  (NOT_OFFERED.has(thrown.aws?.code ?? "") || NOT_OFFERED_STATUS.has(thrown.statusCode ?? 0));

/** The same refusal, with what it means. */
function withoutSelect(error: AdapterError): AdapterError {
  const { code, detail, aws, statusCode, rawResponse } = error;
  return new AdapterError(code, detail, {
    cause: error,
    ...(aws === undefined ? {} : { aws }),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(rawResponse === undefined ? {} : { rawResponse }),
    recommendation:
      "This S3 does not offer S3 Select: AWS closed it to new customers in July 2024, and others never had it. Get the object with s3ConnectionGet and filter it in the workflow, or query it with Amazon Athena.",
  });
}

const isList = (events: readonly SelectEvent[] | object): events is readonly SelectEvent[] => Array.isArray(events);
