/** Owns the reading of HTTP statuses from a property: one, several, or ranges such as `500-599`. */
import { AdapterError } from "../errors/adapter-error";
import { foundText } from "./found-text";

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/**
 * @param value - a status, or a list of statuses and ranges; 0 = none
 * @param property - its name, for the error
 * @throws AdapterError `INVALID_PROPERTIES`
 */
export function parseStatuses(value: number | readonly (number | string)[], property: string): StatusRange[] {
  return [value].flat().flatMap((entry) => {
    if (entry === 0) return [];
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(String(entry));
    if (match === null) {
      throw new AdapterError("INVALID_PROPERTIES", {
        property,
        found: foundText(entry),
        expected: "an HTTP status such as 503, or a range such as 500-599",
      });
    }
    return [{ from: Number(match[1]), to: Number(match[2] ?? match[1]) }];
  });
}
