/** Owns the request target on the wire: the path as signed, and the query in the encoding that is signed. */
import type { HttpRequest } from "../types/http";
import { percentEncode } from "../types/percent-encoding";

/**
 * @param request - its path is sent to the byte; a null or empty value is sent as `key=`, an array repeats its key
 * @returns the origin-form target
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2.1
 */
export function wirePath(request: Pick<HttpRequest, "path" | "query">): string {
  const { path, query } = request;
  if (query === undefined) return path;
  let text = "";
  for (const name of Object.keys(query)) {
    const value = query[name];
    const key = percentEncode(name);
    if (Array.isArray(value)) {
      for (const one of value) text += `${text === "" ? "?" : "&"}${key}=${percentEncode(one)}`;
    } else {
      text += `${text === "" ? "?" : "&"}${key}=${value ? percentEncode(value) : ""}`;
    }
  }
  return path + text;
}
