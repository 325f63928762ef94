/** Owns the reading of the signature that a request presents, in its Authorization header or in its query. */
import { createHash } from "node:crypto";
import { Refusal } from "./service-fault";
import { queryPairs, type WireRequest } from "./wire-request";

export interface PresentedSignature {
  readonly place: "header" | "query";
  readonly accessKeyId: string;
  /** `YYYYMMDD` of the credential scope. */
  readonly scopeDate: string;
  readonly region: string;
  readonly service: string;
  /** Lower case, sorted. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  readonly sessionToken?: string;
  /** Of a presigned URL. */
  readonly expiresSeconds?: number;
}

const algorithm = "AWS4-HMAC-SHA256";

const hashed = (text: string): string => createHash("sha256").update(text, "latin1").digest("base64");

function scopeParts(
  credential: string,
  incomplete: (text: string) => Refusal,
): readonly [string, string, string, string] {
  const parts = credential.split("/");
  if (parts.length < 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  const [terminator, service, region, date] = parts.slice(-4).reverse() as [string, string, string, string];
  if (terminator !== "aws4_request") {
    throw new Refusal(
      "wrong-scope",
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`,
    );
  }
  return [parts.slice(0, -4).join("/"), date, region, service];
}

function fromHeader(header: string, request: WireRequest): PresentedSignature {
  const place = `(Hashed with SHA-256 and encoded with Base64) Authorization=${hashed(header)}`;
  const incomplete = (text: string): Refusal => new Refusal("incomplete-signature", `${text} ${place}`);
  const fields = new Map<string, string>();
  for (const part of header.slice(algorithm.length).split(",")) {
    const equals = part.indexOf("=");
    if (equals > 0) fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const timestamp = request.headers.get("x-amz-date") ?? isoBasic(request.headers.get("date"));
  const absent = ["Credential", "Signature", "SignedHeaders"]
    .filter((name) => (fields.get(name) ?? "") === "")
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (timestamp === undefined) {
    absent.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (absent.length > 0) throw incomplete(absent.join(" "));
  const [accessKeyId, scopeDate, region, service] = scopeParts(fields.get("Credential") as string, incomplete);
  const sessionToken = request.headers.get("x-amz-security-token");
  return {
    place: "header",
    accessKeyId,
    scopeDate,
    region,
    service,
    signedHeaders: (fields.get("SignedHeaders") as string).toLowerCase().split(";").sort(),
    signature: fields.get("Signature") as string,
    timestamp: timestamp as string,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function fromQuery(request: WireRequest): PresentedSignature {
  const query = new Map(queryPairs(request.rawQuery));
  const absent = ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"].filter(
    (name) => !query.get(name),
  );
  if (absent.length > 0) {
    throw new Refusal(
      "incomplete-signature",
      absent.map((name) => `AWS query-string parameters must include '${name}'.`).join(" "),
    );
  }
  const [accessKeyId, scopeDate, region, service] = scopeParts(
    query.get("X-Amz-Credential") as string,
    (text) => new Refusal("incomplete-signature", text),
  );
  const expires = Number(query.get("X-Amz-Expires") ?? "300");
  const sessionToken = query.get("X-Amz-Security-Token");
  return {
    place: "query",
    accessKeyId,
    scopeDate,
    region,
    service,
    signedHeaders: (query.get("X-Amz-SignedHeaders") as string).toLowerCase().split(";").sort(),
    signature: query.get("X-Amz-Signature") as string,
    timestamp: query.get("X-Amz-Date") as string,
    expiresSeconds: expires,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function isoBasic(date: string | undefined): string | undefined {
  if (date === undefined || /^\d{8}T\d{6}Z$/.test(date)) return date;
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? undefined : basicTimestamp(ms);
}

/** @returns `YYYYMMDDTHHMMSSZ` of epoch milliseconds */
export const basicTimestamp = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, "")}`;

/** @returns epoch milliseconds of `YYYYMMDDTHHMMSSZ`, or NaN */
export function timestampMs(timestamp: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * @returns the signature presented, or undefined when the request carries none
 * @throws Refusal when there is one, but not a whole one
 */
export function presentedSignature(request: WireRequest): PresentedSignature | undefined {
  const header = request.headers.get("authorization");
  if (header?.startsWith(algorithm)) return fromHeader(header, request);
  if (header !== undefined && /^AWS\d*[- ]/.test(header)) {
    throw new Refusal("incomplete-signature", `Unsupported AWS 'algorithm': '${header.split(" ", 1)[0]}'.`);
  }
  if (request.rawQuery.includes("X-Amz-Algorithm=")) return fromQuery(request);
  return undefined;
}
