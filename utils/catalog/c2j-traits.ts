/** Owns the traits of shapes and members in an API model, in Smithy's words. */
import type { Traits } from "../models/entity-format";
import type { C2jShape } from "./c2j-model";
import { ExtractionError } from "./extraction-error";

type NamedTraits = Readonly<Record<string, unknown>>;

/** Those that fit into one number together. https://smithy.io/2.0/trait-index.html */
const BITS: Readonly<Record<string, number>> = {
  httpLabel: 1,
  idempotent: 2,
  idempotencyToken: 4,
  sensitive: 8,
  httpPayload: 16,
  httpResponseCode: 32,
  httpQueryParams: 64,
};

/** @returns one number where that can say it, else an object with names in order */
export function packTraits(traits: NamedTraits): Traits {
  const names = Object.keys(traits).sort();
  if (names.every((name) => BITS[name] !== undefined)) {
    return names.reduce((sum, name) => sum + (BITS[name] as number), 0);
  }
  return Object.fromEntries(names.map((name) => [name, traits[name]]));
}

/** Smithy's numbers. */
const SIMPLE: Readonly<Record<string, number>> = {
  string: 0,
  character: 0,
  byte: 1,
  short: 1,
  integer: 1,
  long: 1,
  float: 1,
  double: 1,
  boolean: 2,
  blob: 21,
};
const STREAMING_BLOB = 42;
const TIMESTAMPS: Readonly<Record<string, number>> = { none: 4, iso8601: 5, rfc822: 6, unixTimestamp: 7 };

/**
 * @param subject - for errors
 * @throws ExtractionError when its type or its format of timestamps is not known
 */
export function simpleType(shape: C2jShape, subject: string): number {
  const { type = "string", timestampFormat = "none" } = shape;
  if (type === "blob" && shape["streaming"] === true) return STREAMING_BLOB;
  const number = type === "timestamp" ? TIMESTAMPS[timestampFormat] : SIMPLE[type];
  if (number === undefined) {
    const found = type === "timestamp" ? `the timestamp format ${timestampFormat}` : `the type ${type}`;
    throw new ExtractionError(subject, `${found} is not understood`);
  }
  return number;
}

/** Of the shape itself, wherever it is referred to. */
export function shapeTraits(shape: C2jShape): NamedTraits {
  return {
    ...(shape["sensitive"] === true ? { sensitive: 1 } : {}),
    ...(shape["streaming"] === true ? { streaming: 1 } : {}),
    ...(shape["jsonvalue"] === true ? { mediaType: "application/json" } : {}),
  };
}

/** Where a member of input or output travels. */
function binding(subject: string, name: string, { location, locationName = name, type }: C2jShape): NamedTraits {
  switch (location) {
    case undefined:
      return locationName === name ? {} : { jsonName: locationName };
    case "uri":
      return { httpLabel: 1 };
    case "querystring":
      return type === "map" ? { httpQueryParams: 1 } : { httpQuery: locationName };
    case "header":
      return { httpHeader: locationName };
    case "headers":
      return { httpPrefixHeaders: locationName };
    case "statusCode":
      return { httpResponseCode: 1 };
    default:
      throw new ExtractionError(subject, `the location ${location} is not understood`);
  }
}

/**
 * Of a member: what is said of its shape in this place only.
 * @param subject - for errors
 * @param name - of the member
 * @param isPayload - whether it is the body
 */
export function memberTraits(subject: string, name: string, member: C2jShape, isPayload: boolean): NamedTraits {
  return {
    ...(isPayload ? { httpPayload: 1 } : binding(subject, name, member)),
    ...(member["idempotencyToken"] === true ? { idempotencyToken: 1 } : {}),
    ...(member["hostLabel"] === true ? { hostLabel: 1 } : {}),
  };
}
