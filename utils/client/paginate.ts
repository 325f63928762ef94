/** Owns the following of an operation from page to page, within bounds. */

import { createHash } from "node:crypto";
import { NormalizedSchema } from "@smithy/core/schema";
import { AdapterError } from "../errors/adapter-error";
import type { Pagination } from "../models/entity-format";
import type { OperationModel } from "../models/operation-model";
import { MergedPages } from "./merge-pages";
import type { AnsweredCall } from "./prepared-call";

/** What fits into a process beside everything else; more than this belongs into several calls. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_ITEMS = 1_000_000;
/** A progress entry every so many pages. */
const TOLD_EVERY = 10;

export interface PagedCall {
  readonly operation: OperationModel;
  readonly pagination: Pagination;
  /** Stops with the page that reaches it; the answer then keeps the token of the next. */
  readonly maximumItems?: number;
  readonly input: Record<string, unknown>;
  fetch(input: Record<string, unknown>): Promise<AnsweredCall>;
  progress(text: string): void;
}

/**
 * @returns the last page's status and headers with the merged output
 * @throws AdapterError of a page, or `RESPONSE_UNREADABLE` when all pages together are too much for memory, or when a page
 * with items leads back to one that was there before
 */
export async function paginate(call: PagedCall): Promise<AnsweredCall> {
  const { operation, pagination, maximumItems, fetch } = call;
  const merged = new MergedPages(operation.service.name, pagination);
  let input = call.input;
  let bytes = 0;
  const before = new Set<string>();
  for (let page = 1; ; page++) {
    const answered = await fetch(input);
    bytes += answered.bytes ?? 0;
    const items = merged.items;
    const token = merged.add(answered.output as Record<string, unknown>);
    const mark = markOf(token);
    const isRepeated = before.has(mark);
    // At its end a log stream has an empty page, with the token that was asked with:
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
    if (isRepeated && merged.items > items) throw inCircles(operation, page, merged.items - items);
    const isLast = token === undefined || isRepeated;
    const isEnough = maximumItems !== undefined && merged.items >= maximumItems;
    if (isLast || isEnough) {
      if (page > 1) call.progress(`${page} pages, ${merged.items} items`);
      return { ...answered, bytes, output: merged.finish(isLast ? undefined : token) };
    }
    if (bytes > MOST_BYTES || merged.items > MOST_ITEMS) throw tooMuch(operation, merged.items, bytes);
    if (page % TOLD_EVERY === 0) call.progress(`${page} pages so far, ${merged.items} items`);
    before.add(mark);
    input = { ...call.input, [pagination.inputToken]: asInput(tokenShape(operation, pagination), token) };
  }
}

function tokenShape({ input }: OperationModel, { inputToken }: Pagination): NormalizedSchema | undefined {
  for (const [name, member] of NormalizedSchema.of(input).structIterator()) if (name === inputToken) return member;
  return undefined;
}

/** Bytes come out as base64 text and go in as an object that says so. */
function asInput(shape: NormalizedSchema | undefined, value: unknown): unknown {
  if (shape === undefined || value === null || value === undefined) return value;
  if (shape.isBlobSchema()) return { base64: value };
  if (shape.isListSchema()) return (value as unknown[]).map((item) => asInput(shape.getValueSchema(), item));
  if (typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (shape.isMapSchema()) {
    return Object.fromEntries(entries.map(([key, entry]) => [key, asInput(shape.getValueSchema(), entry)]));
  }
  if (!shape.isStructSchema() && !shape.isUnionSchema()) return value;
  const members = new Map(shape.structIterator());
  return Object.fromEntries(entries.map(([name, entry]) => [name, asInput(members.get(name), entry)]));
}

/** The same for equal tokens, however long; tens of thousands of them are kept. */
const markOf = (token: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(token) ?? "")
    .digest("base64");

/** What was read so far is no answer: its items may stand in it twice, and others be missing. */
function inCircles({ service, name }: OperationModel, page: number, items: number): AdapterError {
  const detail = {
    service: service.name,
    operation: name,
    status: 200,
    expected: "a page with a token of its own",
    found: `page ${page}, whose ${items} items are followed by a token that an earlier page had`,
  };
  return new AdapterError("RESPONSE_UNREADABLE", detail, {
    recommendation:
      "Look for a proxy that answers from a cache between here and AWS; without iapMetadata.paginate the call answers one page, and its token can be passed on.",
  });
}

function tooMuch({ service, name }: OperationModel, items: number, bytes: number): AdapterError {
  const detail = {
    service: service.name,
    operation: name,
    status: 200,
    expected: `at most ${MOST_ITEMS} items in ${MOST_BYTES} bytes, all pages together`,
    found: `${items} items in ${bytes} bytes, and more to come`,
  };
  return new AdapterError("RESPONSE_UNREADABLE", detail, {
    recommendation:
      "Give iapMetadata.paginate a number of items, and go on from the token in the answer; or narrow the call by filters.",
  });
}
