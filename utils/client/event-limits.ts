/** Owns how long a call listens to a stream of events, and to how many. */
import { AdapterError } from "../errors/adapter-error";
import type { OperationModel } from "../models/operation-model";
import type { IapMetadata } from "../types/call";

/** Where a call stops listening. What it asked for itself is a good end; the other two stop what would not end. */
export interface EventLimits {
  readonly maxEvents?: number;
  readonly maxSeconds?: number;
}

/** Lambda streams for a quarter of an hour at most; a live tail of logs for three. */
export const LONGEST_SECONDS: number = 15 * 60;
const LARGEST_SECONDS = 3 * 60 * 60;

/**
 * @returns undefined for an operation that answers no events
 * @throws AdapterError `INVALID_INPUT`
 */
export function eventLimits(operation: OperationModel, metadata: IapMetadata | undefined): EventLimits | undefined {
  const asked: unknown = metadata?.events;
  const none = asked === undefined || asked === null;
  if (operation.eventStreamOutput === undefined) {
    if (none) return undefined;
    throw invalid("events", "limits", `nothing: ${operation.name} answers no events`);
  }
  if (none) return {};
  if (typeof asked !== "object" || Array.isArray(asked)) throw invalid("events", JSON.stringify(asked), EXPECTED);
  const { maxEvents, maxSeconds, ...others } = asked as Record<string, unknown>;
  const [surplus] = Object.keys(others);
  if (surplus !== undefined) throw invalid(`events.${surplus}`, "a limit that there is not", EXPECTED);
  return {
    ...limit("maxEvents", maxEvents, Number.MAX_SAFE_INTEGER),
    ...limit("maxSeconds", maxSeconds, LARGEST_SECONDS),
  };
}

const EXPECTED = '{"maxSeconds": 60, "maxEvents": 1000}, either or both';

function limit(name: string, value: unknown, largest: number): Record<string, number> {
  if (value === undefined || value === null || value === "") return {};
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= largest) return { [name]: number };
  throw invalid(`events.${name}`, JSON.stringify(value), `a whole number from 1 to ${largest}`);
}

const invalid = (name: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", {
    parameter: `iapMetadata.${name}`,
    found,
    expected,
    documentation: "the README describes iapMetadata.",
  });
