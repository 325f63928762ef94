/** Owns the one error class of the product: a stable code, the details that fill its texts, and where in a chain it failed. */
import { errorEntry } from "./error-table";

/** Stable; renaming one is a breaking change. Each has its texts in error.json. */
export type ErrorCode =
  | "NO_DATABASE"
  | "QUEUE_FULL"
  | "QUEUE_EXPIRED"
  | "RATE_EXCEEDED"
  | "INVALID_INPUT"
  | "UNKNOWN_OPERATION"
  | "UNKNOWN_SERVICE"
  | "FILE_REFUSED"
  | "MODEL_UNREADABLE"
  | "INVALID_PROPERTIES"
  | "ENDPOINT_UNRESOLVED"
  | "REQUEST_UNSERIALIZABLE"
  | "RESPONSE_UNREADABLE"
  | "INVALID_ROLE_REQUEST"
  | "NO_CREDENTIALS"
  | "CREDENTIAL_SOURCE_FAILED"
  | "ASSUME_ROLE_FAILED"
  | "EDGE_API_FAILED"
  | "SERVICE_ERROR"
  | "WAITER_FAILED"
  | "TIMEOUT"
  | "CONNECTION_FAILED"
  | "TLS_FAILED"
  | "ABORTED"
  | "CHECKSUM_MISMATCH"
  | "SUSPENDED"
  | "UNEXPECTED";

/** Values for the `{placeholders}` of the texts. Whoever fills them in has masked them. */
export type ErrorDetail = Readonly<Record<string, string | number>>;

/** What AWS itself said, where AWS answered. */
export interface AwsFault {
  readonly service: string;
  readonly operation: string;
  /** AWS's own code, `AccessDenied`. */
  readonly code: string;
  /** AWS's own message. */
  readonly message: string;
  readonly requestId?: string;
  readonly statusCode?: number;
  /** Where S3 says that the bucket is. */
  readonly bucketRegion?: string;
}

export interface AdapterErrorOptions {
  readonly cause?: unknown;
  /** The step of the role chain that failed, in words: `step 2 of 3, AssumeRole arn:… (stsParams)`. */
  readonly step?: string;
  readonly aws?: AwsFault;
  /** HTTP status of the answer, where there was one. */
  readonly statusCode?: number;
  /** The answer's body as text, masked and cut, for `raw_response`. */
  readonly rawResponse?: string;
  /** Replaces the text of error.json where more is known about what to change. */
  readonly recommendation?: string;
}

const fill = (text: string, detail: ErrorDetail): string =>
  text
    .replace(/\{(\w+)\}/g, (_, name: string) => String(detail[name] ?? ""))
    .replace(/\s+/g, " ")
    .trim();

/** Every failure that a caller of the product sees. Nobody parses its message: `code`, `aws` and `step` say it all. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
  readonly code: ErrorCode;
  readonly icode: string;
  readonly recommendation: string;
  readonly detail: ErrorDetail;
  readonly step?: string;
  readonly aws?: AwsFault;
  readonly statusCode?: number;
  readonly rawResponse?: string;

  /**
   * @param code - which failure; its texts come from error.json
   * @param detail - values of the placeholders in those texts, masked by the caller
   * @param options - cause, failed step, AWS's own words
   */
  constructor(code: ErrorCode, detail: ErrorDetail, options: AdapterErrorOptions = {}) {
    const entry = errorEntry(code);
    super(fill(entry.displayString, detail), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.icode = entry.icode;
    this.detail = detail;
    this.recommendation = options.recommendation ?? fill(entry.recommendation, detail);
    if (options.step !== undefined) this.step = options.step;
    if (options.aws !== undefined) this.aws = options.aws;
    if (options.statusCode !== undefined) this.statusCode = options.statusCode;
    if (options.rawResponse !== undefined) this.rawResponse = options.rawResponse;
  }

  /** The text an operator reads first. */
  get displayString(): string {
    return this.message;
  }
}

/** Whatever was thrown, as an {@link AdapterError}: itself, or wrapped as `UNEXPECTED`. */
export function toAdapterError(thrown: unknown): AdapterError {
  if (thrown instanceof AdapterError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AdapterError("UNEXPECTED", { reason }, { cause: thrown });
}
