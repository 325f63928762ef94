/** Owns the key conditions of a DynamoDB query: equality on the partition key, and one comparison on the sort key. */
import { ServiceFault } from "../service-fault";
import type { JsonInput } from "./json-service";

/** An item in DynamoDB's own JSON: attribute name to `{ S: … }`, `{ N: … }`, … */
export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type AttributeValue = Readonly<Record<string, unknown>> | undefined;

/** Numbers by value, text and binary by bytes. */
export function compareValues(left: AttributeValue, right: AttributeValue): number {
  if (left?.["N"] !== undefined && right?.["N"] !== undefined) return Number(left["N"]) - Number(right["N"]);
  const bytes = (value: AttributeValue): Buffer =>
    value?.["B"] === undefined ? Buffer.from(String(value?.["S"] ?? "")) : Buffer.from(String(value["B"]), "base64");
  return Buffer.compare(bytes(left), bytes(right));
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

export const validation = (text: string): ServiceFault =>
  new ServiceFault("com.amazon.coral.validate#ValidationException", text, 400);

function condition(text: string, input: JsonInput): (item: Item) => boolean {
  const names = (input["ExpressionAttributeNames"] ?? {}) as Record<string, string>;
  const values = (input["ExpressionAttributeValues"] ?? {}) as Record<string, AttributeValue>;
  const attribute = (name: string): string => (name.startsWith("#") ? (names[name] ?? name) : name);
  const value = (name: string): AttributeValue => {
    const found = values[name];
    if (found === undefined) {
      throw validation(
        `Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: ${name}`,
      );
    }
    return found;
  };
  const compared = /^(#?[\w.-]+)\s*(=|<=|>=|<|>)\s*(:\w+)$/.exec(text);
  if (compared !== null) {
    const [name, operator, wanted] = compared.slice(1) as [string, string, string];
    const right = value(wanted);
    const test = comparisons[operator] as (order: number) => boolean;
    return (item) => item[attribute(name)] !== undefined && test(compareValues(item[attribute(name)], right));
  }
  const begins = /^begins_with\s*\(\s*(#?[\w.-]+)\s*,\s*(:\w+)\s*\)$/i.exec(text);
  if (begins !== null) {
    const [name, wanted] = begins.slice(1) as [string, string];
    const start = String(value(wanted)?.["S"] ?? "");
    return (item) => String(item[attribute(name)]?.["S"] ?? "").startsWith(start);
  }
  const between = /^(#?[\w.-]+)\s+BETWEEN\s+(:\w+)\s+AND\s+(:\w+)$/i.exec(text);
  if (between !== null) {
    const [name, low, high] = between.slice(1) as [string, string, string];
    const [from, to] = [value(low), value(high)];
    return (item) => compareValues(item[attribute(name)], from) >= 0 && compareValues(item[attribute(name)], to) <= 0;
  }
  throw validation(`Invalid KeyConditionExpression: Syntax error; token: "${text}"`);
}

/** @throws ServiceFault `ValidationException` for an expression that there is not, or none */
export function keyCondition(input: JsonInput): (item: Item) => boolean {
  const expression = input["KeyConditionExpression"];
  if (typeof expression !== "string") {
    throw validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
  }
  const parts = expression
    .replace(/BETWEEN\s+(:\w+)\s+AND\s+/gi, "BETWEEN $1 &AND ")
    .split(/\s+AND\s+/i)
    .map((part) =>
      part
        .replace("&AND", "AND")
        .trim()
        .replace(/^\((.*)\)$/, "$1"),
    );
  const tests = parts.map((part) => condition(part, input));
  return (item) => tests.every((test) => test(item));
}
