/**
 * Owns the canonical request, computed from the wire.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { decodeBytes, encodeBytes } from "./percent-encoding";
import { queryPairs, type WireRequest } from "./wire-request";

/** S3 signs the key as it is; every other service signs the normalised path, encoded once more. */
export type PathRule = "as-is" | "normalised-and-encoded-again";

function normalise(path: string): string {
  if (!/\/[./]/.test(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const last = /\/\.{0,2}$/.test(path) && kept.length > 0 ? "/" : "";
  return `/${kept.join("/")}${last}`;
}

/** @param rawPath - the path as sent */
export function canonicalPath(rawPath: string, rule: PathRule): string {
  if (rawPath === "/") return rawPath;
  const path = rule === "as-is" ? decodeBytes(rawPath) : normalise(rawPath);
  return path.split("/").map(encodeBytes).join("/");
}

/** Sorted by encoded key, then by encoded value; the signature of a presigned URL is not part of what it signs. */
export function canonicalQuery(rawQuery: string): string {
  if (rawQuery === "") return "";
  return queryPairs(rawQuery)
    .filter(([key]) => key !== "X-Amz-Signature")
    .map(([key, value]) => [encodeBytes(key), encodeBytes(value)] as const)
    .sort(([key, value], [otherKey, otherValue]) =>
      key < otherKey ? -1 : key > otherKey ? 1 : value < otherValue ? -1 : value > otherValue ? 1 : 0,
    )
    .map(([key, value]) => `${key}=${value}`)
    .join("&");
}

/**
 * @param signedHeaders - lower case, sorted
 * @param payloadHash - the last line
 * @returns the canonical request, one byte a character
 */
export function canonicalRequest(
  request: WireRequest,
  signedHeaders: readonly string[],
  payloadHash: string,
  rule: PathRule,
): string {
  let headerLines = "";
  for (const name of signedHeaders) {
    const value = (request.headers.get(name) ?? "").trim();
    headerLines += `${name}:${value.includes("  ") ? value.replace(/ {2,}/g, " ") : value}\n`;
  }
  return `${request.method}\n${canonicalPath(request.rawPath, rule)}\n${canonicalQuery(request.rawQuery)}\n${headerLines}\n${signedHeaders.join(";")}\n${payloadHash}`;
}
