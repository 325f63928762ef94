/** Owns the comparison of our JSON reader with the SDK's on random and on wrong answers of every operation that answers in JSON. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import { Protocols } from "../../../utils/client/protocols";
import { quoteBigIntegers } from "../../../utils/client/quote-big-integers";
import { OutputReader } from "../../../utils/client/read-output";
import { OutputWriter } from "../../../utils/client/write-output";
import type { OperationModel } from "../../../utils/models/operation-model";
import type { HttpResponse } from "../../../utils/types/http";
import { models } from "./client-fixture";
import { JsonAnswers } from "./random-json";
import { Choices } from "./random-values";

const JSON_PROTOCOLS = /^(?:AwsJson1_[01]|AwsRestJson)Protocol$/;
const SERVICES = models.services().filter((service) => JSON_PROTOCOLS.test(models.service(service).model.protocol));
/** `FULL_DIFFERENTIAL=20` runs twenty rounds over every operation; without it, a sample that fits into a unit test. */
const ROUNDS = Number(process.env["FULL_DIFFERENTIAL"] ?? 0);
/** Of services with more operations than that. */
const SMALL = 40;
const SAMPLE_EVERY = 6;

/** What no service should write in the place of a value. */
const WRONG: readonly (() => unknown)[] = [
  () => null,
  () => "AB==",
  () => "Zm9",
  () => "Zm 9v",
  () => "1.5e3",
  () => "NaN",
  () => "2026-01-02T03:04:05+01:00",
  () => true,
  () => 1e21,
  () => -0.5,
  () => 12345678901234567890n,
  () => [],
  () => [null, 1, "x"],
  () => ({}),
  () => ({ string: "1.50", type: "bigDecimal" }),
  () => ({ __type: "com.amazonaws#Some", strange: { a: 1 }, none: null }),
  () => ({ strange: 1.5 }),
  () => ({ __type: "x", strange: [1, { b: null }] }),
  () => ({ first: null, second: 2 }),
];

/** The document with a value here and there that should not be there. */
function spoilt(value: unknown, choices: Choices, depth: number): unknown {
  if (depth > 0 && choices.chance(0.06)) return choices.pick(WRONG)();
  if (Array.isArray(value)) return value.map((item) => spoilt(item, choices, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, spoilt(member, choices, depth + 1)]);
  if (choices.chance(0.03)) entries.push(["__type", "com.amazonaws#Some"]);
  if (choices.chance(0.03)) entries.push(["strange", { in: [1] }]);
  return Object.fromEntries(entries);
}

function written(value: unknown): string {
  const big: string[] = [];
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "bigint" ? `big ${big.push(String(member)) - 1}` : member,
  );
  return text.replace(/"big (\d+)"/g, (_, index) => big[Number(index)] as string);
}

function headersOf(operation: OperationModel, choices: Choices): Record<string, string> {
  const headers: Record<string, string> = { "x-amzn-requestid": "R" };
  for (const [, member] of NormalizedSchema.of(operation.output).structIterator()) {
    const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
    if (typeof httpPrefixHeaders === "string") headers[`${httpPrefixHeaders}one`] = "1";
    if (typeof httpHeader === "string" && member.isStringSchema() && !member.getMergedTraits().mediaType) {
      if (choices.chance(0.7)) headers[httpHeader.toLowerCase()] = "a text";
    }
  }
  return headers;
}

/** Which error it is differs in words only. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(await read()));
  } catch {
    return "unreadable";
  }
}

describe("JSON answers", () => {
  const protocols = new Protocols();
  const reader = new OutputReader(protocols);
  const writer = new OutputWriter();

  for (const service of SERVICES) {
    it(`of ${service} are read as the SDK reads them`, async function () {
      this.timeout(ROUNDS > 0 ? 600_000 : 20_000);
      let compared = 0;
      let unreadable = 0;
      const operations = models.service(service).operationNames();
      for (const [index, name] of operations.entries()) {
        if (ROUNDS === 0 && operations.length > SMALL && index % SAMPLE_EVERY !== 0) continue;
        const operation = models.service(service).operation(name);
        const shape = NormalizedSchema.of(operation.output);
        if (shape.isUnitSchema() || operation.streamingOutput || operation.eventStreamOutput) continue;
        if ([...shape.structIterator()].some(([, member]) => member.getMergedTraits().httpPayload)) continue;
        for (let round = 0; round < Math.max(2, ROUNDS); round++) {
          const choices = new Choices(index * 1000 + round);
          const right = new JsonAnswers(choices).structure(shape);
          const text = written(round % 2 === 0 ? right : spoilt(right, choices, 0));
          const response = { statusCode: 200, headers: headersOf(operation, choices), body: Buffer.from(text) };
          const asQuoted = { ...response, body: Buffer.from(quoteBigIntegers(text)) } satisfies HttpResponse;
          const sdk = async () => writer.write(shape, await protocols.deserialize(operation, asQuoted));
          const [expected, found] = [await outcome(sdk), await outcome(() => reader.read(operation, response))];
          assert.deepEqual(found, expected, `${name}, round ${round}: ${text}`);
          if (round % 2 === 0) assert.notEqual(found, "unreadable", text);
          if (found === "unreadable") unreadable++;
          compared++;
        }
      }
      assert.ok(compared - unreadable > 4, `compared only ${compared} answers, ${unreadable} of them unreadable`);
    });
  }
});

describe("JSON answers of DynamoDB", () => {
  const reader = new OutputReader(new Protocols());
  const read = (body: string) =>
    reader.read(models.service("dynamodb").operation("GetItem"), {
      statusCode: 200,
      headers: {},
      body: Buffer.from(body),
    });

  it("keep attributes whatever they are called, and of one that comes twice the last", async () => {
    const item = '{"__proto__":{"S":"p"},"constructor":{"N":"1"},"toString":{"M":{"__proto__":{"BOOL":true}}}}';
    const found = await read(`{"Item":${item},"Item":${item}}`);
    assert.equal(JSON.stringify(found), `{"Item":${item}}`);
    assert.equal(Object.getPrototypeOf(found["Item"]), Object.prototype);
    const twice = await read('{"Item":{"a":{"S":"first"}},"Item":{"b":{"S":"last"}}}');
    assert.deepEqual(twice, { Item: { b: { S: "last" } } });
  });

  it("pass on a kind of value that is not known yet, and keep big numbers to the digit", async () => {
    assert.deepEqual(await read('{"Item":{"a":{"NEW":{"n":12345678901234567890}}}}'), {
      Item: { a: { NEW: { n: "12345678901234567890" } } },
    });
  });

  it("are read a thousand levels deep", async () => {
    const deep = `${'{"L":['.repeat(1000)}{"S":"x"}${"]}".repeat(1000)}`;
    assert.equal(JSON.stringify(await read(`{"Item":{"a":${deep}}}`)), `{"Item":{"a":${deep}}}`);
  });
});
