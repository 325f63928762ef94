/** Owns the simulated DynamoDB: tables, items by key, queries and scans. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/ */
import type { SignedCallContext, SimulatedService } from "../service";
import { ServiceFault } from "../service-fault";
import type { World } from "../world";
import { compareValues, type Item, keyCondition, validation } from "./dynamodb-conditions";
import {
  defineJsonService,
  type JsonAction,
  type JsonInput,
  jsonAnswer,
  numberOf,
  requiredText,
  textOf,
} from "./json-service";

interface Table {
  readonly arn: string;
  readonly name: string;
  /** Attribute names: the partition key, and the sort key where there is one. */
  readonly keys: readonly string[];
  readonly definitions: unknown;
  readonly createdSeconds: number;
  readonly items: Map<string, Item>;
}

const fault = (code: string, text: string): ServiceFault =>
  new ServiceFault(`com.amazonaws.dynamodb.v20120810#${code}`, text, 400);

function keyOf(table: Table, item: Item | undefined, exact: boolean): string {
  const present = Object.keys(item ?? {});
  const missing =
    table.keys.some((name) => item?.[name] === undefined) || (exact && present.length !== table.keys.length);
  if (missing) throw validation("The provided key element does not match the schema");
  return JSON.stringify(table.keys.map((name) => item?.[name]));
}

const keyPart = (table: Table, item: Item): Item =>
  Object.fromEntries(table.keys.map((name) => [name, item[name] ?? {}]));

function page(table: Table, matching: readonly Item[], input: JsonInput): Record<string, unknown> {
  const start = input["ExclusiveStartKey"] as Item | undefined;
  const from =
    start === undefined ? 0 : matching.findIndex((item) => keyOf(table, item, false) === keyOf(table, start, true)) + 1;
  const limit = numberOf(input, "Limit");
  const Items = matching.slice(from, limit === undefined ? undefined : from + limit);
  const last = Items.at(-1);
  const more = last !== undefined && from + Items.length < matching.length;
  const counts = { Count: Items.length, ScannedCount: Items.length };
  return {
    ...(input["Select"] === "COUNT" ? {} : { Items }),
    ...counts,
    ...(more ? { LastEvaluatedKey: keyPart(table, last) } : {}),
  };
}

function description(table: Table): Record<string, unknown> {
  return {
    TableName: table.name,
    TableArn: table.arn,
    TableStatus: "ACTIVE",
    CreationDateTime: table.createdSeconds,
    ItemCount: table.items.size,
    TableSizeBytes: 0,
    KeySchema: table.keys.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? "HASH" : "RANGE" })),
    AttributeDefinitions: table.definitions,
  };
}

/** Tables of all accounts and regions, by ARN. */
class TableStore {
  readonly #tables = new Map<string, Table>();

  constructor(world: World, nowMs: number) {
    for (const { accountId, region, name, partitionKey, sortKey, items } of world.tables) {
      const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
      const keys = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
      const definitions = keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" }));
      const table: Table = { arn, name, keys, definitions, createdSeconds: nowMs / 1000, items: new Map() };
      for (const item of items as readonly Item[]) table.items.set(keyOf(table, item, false), item);
      this.#tables.set(arn, table);
    }
  }

  arn(input: JsonInput, { region, caller }: SignedCallContext): string {
    const name = textOf(input, "TableName") ?? "*";
    return name.startsWith("arn:") ? name : `arn:aws:dynamodb:${region}:${caller.accountId}:table/${name}`;
  }

  find(input: JsonInput, context: SignedCallContext): Table {
    requiredText(input, "TableName", validation);
    const table = this.#tables.get(this.arn(input, context));
    if (table === undefined) throw fault("ResourceNotFoundException", "Requested resource not found");
    return table;
  }

  names({ region, caller }: SignedCallContext): readonly string[] {
    const prefix = `arn:aws:dynamodb:${region}:${caller.accountId}:table/`;
    return [...this.#tables.values()]
      .filter(({ arn }) => arn.startsWith(prefix))
      .map(({ name }) => name)
      .sort();
  }

  create(input: JsonInput, context: SignedCallContext): Table {
    const name = requiredText(input, "TableName", validation);
    const arn = this.arn(input, context);
    if (this.#tables.has(arn)) throw fault("ResourceInUseException", `Table already exists: ${name}`);
    const schema = (input["KeySchema"] ?? []) as readonly {
      readonly AttributeName: string;
      readonly KeyType: string;
    }[];
    const keys = [...schema]
      .sort((left, right) => left.KeyType.localeCompare(right.KeyType))
      .map((one) => one.AttributeName);
    if (keys.length === 0)
      throw validation(
        "1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: Member must not be null",
      );
    const definitions = input["AttributeDefinitions"] ?? [];
    const table: Table = { arn, name, keys, definitions, createdSeconds: context.nowMs / 1000, items: new Map() };
    this.#tables.set(arn, table);
    return table;
  }
}

/** @returns the simulated DynamoDB */
export function createDynamoDb(world: World, nowMs: number): SimulatedService {
  const store = new TableStore(world, nowMs);
  const action = (name: string, run: (input: JsonInput, context: SignedCallContext) => unknown): JsonAction => ({
    permission: `dynamodb:${name}`,
    resources: (input, context) => [name === "ListTables" ? "*" : store.arn(input, context)],
    run: (input, context) => jsonAnswer(context, "1.0", run(input, context)),
  });
  const old = (item: Item | undefined, input: JsonInput): Record<string, unknown> =>
    input["ReturnValues"] === "ALL_OLD" && item !== undefined ? { Attributes: item } : {};

  return defineJsonService({
    name: "dynamodb",
    version: "1.0",
    actions: {
      GetItem: action("GetItem", (input, context) => {
        const table = store.find(input, context);
        const item = table.items.get(keyOf(table, input["Key"] as Item, true));
        return item === undefined ? {} : { Item: item };
      }),
      PutItem: action("PutItem", (input, context) => {
        const table = store.find(input, context);
        const item = input["Item"] as Item | undefined;
        const missing = table.keys.find((name) => item?.[name] === undefined);
        if (item === undefined || missing !== undefined) {
          throw validation(`One or more parameter values were invalid: Missing the key ${missing ?? ""} in the item`);
        }
        const key = keyOf(table, item, false);
        const before = table.items.get(key);
        const unless = /^attribute_not_exists\s*\(\s*(#?[\w.-]+)\s*\)$/.exec(
          textOf(input, "ConditionExpression") ?? "",
        );
        if (unless !== null && before !== undefined)
          throw fault("ConditionalCheckFailedException", "The conditional request failed");
        table.items.set(key, item);
        return old(before, input);
      }),
      DeleteItem: action("DeleteItem", (input, context) => {
        const table = store.find(input, context);
        const key = keyOf(table, input["Key"] as Item, true);
        const before = table.items.get(key);
        table.items.delete(key);
        return old(before, input);
      }),
      Query: action("Query", (input, context) => {
        const table = store.find(input, context);
        const sortKey = table.keys[1] ?? "";
        const found = [...table.items.values()].filter(keyCondition(input));
        found.sort((left, right) => compareValues(left[sortKey], right[sortKey]));
        return page(table, input["ScanIndexForward"] === false ? found.reverse() : found, input);
      }),
      Scan: action("Scan", (input, context) => {
        const table = store.find(input, context);
        if (input["FilterExpression"] !== undefined)
          throw validation("Invalid FilterExpression: the simulator evaluates none");
        return page(table, [...table.items.values()], input);
      }),
      ListTables: action("ListTables", (input, context) => {
        const names = store.names(context);
        const after = textOf(input, "ExclusiveStartTableName");
        const rest = after === undefined ? names : names.filter((name) => name > after);
        const TableNames = rest.slice(0, numberOf(input, "Limit") ?? 100);
        return {
          TableNames,
          ...(TableNames.length < rest.length ? { LastEvaluatedTableName: TableNames.at(-1) } : {}),
        };
      }),
      CreateTable: action("CreateTable", (input, context) => ({
        TableDescription: description(store.create(input, context)),
      })),
      DescribeTable: action("DescribeTable", (input, context) => ({ Table: description(store.find(input, context)) })),
    },
  });
}
