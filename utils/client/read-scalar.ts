/** Owns the leaves of an input: which JSON values a timestamp, a number, a boolean or a text may be given as. */

/** What a reader answers when the value is none of what it reads. */
export const UNREADABLE: unique symbol = Symbol("unreadable");
export type Scalar = unknown | typeof UNREADABLE;

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;
/** Beyond these a Date has no ISO text of four digits for the year. */
const EARLIEST_MS = Date.parse("0000-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** ISO 8601 text (UTC where no offset is given), epoch seconds as number or digits, or a Date. */
export function readTimestamp(value: unknown): Scalar {
  let ms: number;
  if (value instanceof Date) ms = value.getTime();
  else if (typeof value === "number") ms = Math.round(value * 1000);
  else if (typeof value !== "string") return UNREADABLE;
  else if (NUMBER.test(value)) ms = Math.round(Number(value) * 1000);
  else if (ISO_8601.test(value))
    ms = Date.parse(/[Tt ]/.test(value) && !/(?:[Zz]|[+-]\d\d:?\d\d)$/.test(value) ? `${value}Z` : value);
  else return UNREADABLE;
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? new Date(ms) : UNREADABLE;
}

/**
 * A number, or text that is nothing but one: a workflow's form fields are text. An integer beyond 2^53 given as text
 * or bigint stays exact. `NaN` and the infinities pass as the texts by which Smithy writes them.
 */
export function readNumber(value: unknown): Scalar {
  if (typeof value === "number") return Number.isFinite(value) ? value : UNREADABLE;
  if (typeof value === "bigint") return exactInteger(value);
  if (typeof value !== "string") return UNREADABLE;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (!NUMBER.test(value)) return UNREADABLE;
  return INTEGER.test(value) ? exactInteger(BigInt(value.replace(/^\+/, ""))) : Number(value);
}

/** An integer of any size, as number, bigint or digits. */
export function readBigInteger(value: unknown): Scalar {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : UNREADABLE;
  return typeof value === "string" && INTEGER.test(value) ? BigInt(value.replace(/^\+/, "")) : UNREADABLE;
}

/** A decimal of any precision, as number or text. */
export function readBigDecimal(value: unknown): string | typeof UNREADABLE {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value === "bigint") return value.toString();
  return typeof value === "string" && NUMBER.test(value) ? value : UNREADABLE;
}

/** A boolean, or the texts `true` and `false`. */
export function readBoolean(value: unknown): Scalar {
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  return value === "false" ? false : UNREADABLE;
}

/** Text as it is: enum values are not checked, because AWS adds to them without asking. */
export const readText = (value: unknown): Scalar => (typeof value === "string" ? value : UNREADABLE);

/** Text of a JSON media type may be given as the object that it stands for. */
export function readJsonText(value: unknown): Scalar {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : UNREADABLE;
}

function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
