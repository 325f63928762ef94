/** Owns the bodies of query protocols: an input as pairs of names and values, written into one text. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { percentEncodeExactly } from "../types/percent-encoding";

/** Names of AWS's protocols, of which each writes in its own way. */
export type QueryProtocol = "AwsQueryProtocol" | "AwsEc2QueryProtocol";

/** How a protocol names members and items, and whether it says that a list is empty. */
interface QueryForm {
  /** @param own - name of the member, without traits */
  nameOf(traits: MemberTraits, own: string): string;
  readonly flatLists: boolean;
  readonly emptyLists: boolean;
}

interface MemberTraits {
  readonly xmlName?: string;
  readonly ec2QueryName?: string;
  readonly xmlFlattened?: unknown;
}

const FORMS: Readonly<Record<QueryProtocol, QueryForm>> = {
  // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
  AwsQueryProtocol: { nameOf: ({ xmlName }, own) => xmlName ?? own, flatLists: false, emptyLists: true },
  // https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution
  AwsEc2QueryProtocol: {
    nameOf: ({ ec2QueryName, xmlName }, own) => ec2QueryName ?? capitalized(xmlName ?? own),
    flatLists: true,
    emptyLists: false,
  },
};

/** Kinds of timestamps in a static schema. */
const HTTP_DATE = 6;
const EPOCH_SECONDS = 7;

export const isQueryProtocol = (protocol: string): protocol is QueryProtocol => Object.hasOwn(FORMS, protocol);

/**
 * @param shape - of the input
 * @param input - native values
 * @returns `&Name=value` for each value there is
 * @throws URIError for text with half of a surrogate pair, which UTF-8 cannot hold; it names nothing
 */
export function queryBody(protocol: QueryProtocol, shape: NormalizedSchema, input: unknown): string {
  return pairsOf(FORMS[protocol], shape, input, "");
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const traitsOf = (shape: NormalizedSchema): MemberTraits => shape.getMergedTraits() as MemberTraits;

/** @param name - of the value; what it has inside is named behind it */
function pairsOf(form: QueryForm, shape: NormalizedSchema, value: unknown, name: string): string {
  if (shape.isStructSchema()) return structure(form, shape, value, name);
  if (shape.isListSchema()) return list(form, shape, value, name);
  if (shape.isMapSchema()) return map(form, shape, value, name);
  const text = scalar(shape, value);
  return text === undefined ? "" : pair(name, text);
}

const pair = (name: string, value: string): string => `&${percentEncodeExactly(name)}=${percentEncodeExactly(value)}`;

function structure(form: QueryForm, shape: NormalizedSchema, value: unknown, name: string): string {
  if (typeof value !== "object" || value === null) return "";
  const members = value as Readonly<Record<string, unknown>>;
  const before = name === "" ? "" : `${name}.`;
  let body = "";
  for (const [own, member] of shape.structIterator()) {
    if (members[own] === undefined || members[own] === null) continue;
    body += pairsOf(form, member, members[own], before + form.nameOf(traitsOf(member), own));
  }
  return body;
}

function list(form: QueryForm, shape: NormalizedSchema, value: unknown, name: string): string {
  if (!Array.isArray(value)) return "";
  if (value.length === 0) return form.emptyLists ? pair(name, "") : "";
  const item = shape.getValueSchema();
  const isFlat = form.flatLists || traitsOf(shape).xmlFlattened;
  const before = isFlat ? `${name}.` : `${name}.${itemName(form, item, "member")}.`;
  return joined(value, (entry, count) => pairsOf(form, item, entry, before + count));
}

function map(form: QueryForm, shape: NormalizedSchema, value: unknown, name: string): string {
  if (typeof value !== "object" || value === null) return "";
  const [keyShape, valueShape] = [shape.getKeySchema(), shape.getValueSchema()];
  const [keyName, valueName] = [itemName(form, keyShape, "key"), itemName(form, valueShape, "value")];
  const before = traitsOf(shape).xmlFlattened ? `${name}.` : `${name}.entry.`;
  const entries = value as Readonly<Record<string, unknown>>;
  return joined(
    Object.keys(entries).filter((key) => entries[key] !== undefined && entries[key] !== null),
    (key, count) =>
      pairsOf(form, keyShape, key, `${before}${count}.${keyName}`) +
      pairsOf(form, valueShape, entries[key], `${before}${count}.${valueName}`),
  );
}

/** Items and entries have no names of their own, and none that would be capitalized. */
function itemName(form: QueryForm, shape: NormalizedSchema, usual: string): string {
  const { ec2QueryName, xmlName } = traitsOf(shape);
  return (form === FORMS.AwsEc2QueryProtocol ? ec2QueryName : undefined) ?? xmlName ?? usual;
}

/** Counts from 1, and passes over what is not there. */
function joined<Item>(items: readonly Item[], write: (item: Item, count: number) => string): string {
  let body = "";
  let count = 0;
  for (const item of items) {
    if (item === undefined || item === null) continue;
    count += 1;
    body += write(item, count);
  }
  return body;
}

function scalar(shape: NormalizedSchema, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (shape.isBlobSchema()) return typeof value === "string" || value instanceof Uint8Array ? base64(value) : undefined;
  if (shape.isTimestampSchema()) return value instanceof Date ? timestamp(shape, value) : undefined;
  // A number of any size is an object that has its digits.
  if (shape.isBigDecimalSchema() && typeof value === "object" && "string" in value) return String(value.string);
  return String(value);
}

const base64 = (value: string | Uint8Array): string =>
  (typeof value === "string"
    ? Buffer.from(value, "utf8")
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  ).toString("base64");

function timestamp(shape: NormalizedSchema, value: Date): string {
  const format = shape.getSchema();
  if (format === EPOCH_SECONDS) return String(value.getTime() / 1000);
  return format === HTTP_DATE ? value.toUTCString() : value.toISOString().replace(".000Z", "Z");
}
