/** Owns listings: the buckets of an account, the objects of a bucket, page after page up to a limit. */
import { AdapterError } from "../../errors/adapter-error";
import type { CallResult } from "../../types/call";
import type { S3Session } from "./s3-session";

type Params = Record<string, unknown>;

const DEFAULT_MAX_ITEMS = 10_000;
const PAGE = 1000;

/** One kind of listing: which operation, and how its pages hang together. */
interface Listing {
  readonly operation: string;
  readonly pageSize: string;
  readonly lists: readonly string[];
  /** Where the next page begins, by this page. */
  readonly next: string;
}

const BUCKETS: Listing = {
  operation: "ListBuckets",
  pageSize: "MaxBuckets",
  lists: ["Buckets"],
  next: "ContinuationToken",
};
const OBJECTS: Listing = {
  operation: "ListObjectsV2",
  pageSize: "MaxKeys",
  lists: ["Contents", "CommonPrefixes"],
  next: "NextContinuationToken",
};

/**
 * @param params - input of ListObjectsV2, or of ListBuckets where there is no `Bucket`; `MaxItems` over all pages
 * @returns the first page with the entries of all of them; `IsTruncated` and `NextContinuationToken` where there are more
 */
export async function list(session: S3Session, { MaxItems, ...params }: Params): Promise<CallResult> {
  const listing = params["Bucket"] === undefined ? BUCKETS : OBJECTS;
  const limit = itemLimit(MaxItems);
  const entries = new Map<string, unknown[]>(listing.lists.map((name) => [name, []]));
  let token = params["ContinuationToken"];
  for (let count = 0; ; ) {
    const page = { [listing.pageSize]: Math.min(PAGE, limit - count), ...(token ? { ContinuationToken: token } : {}) };
    const result = await session.send(listing.operation, { ...params, ...page });
    const output = result.output as Params;
    for (const [name, all] of entries) {
      const found = (output[name] ?? []) as unknown[];
      all.push(...found);
      count += found.length;
    }
    token = output[listing.next];
    if (token === undefined || token === "" || count >= limit)
      return { ...result, output: whole(output, entries, token) };
  }
}

/** @returns a first page's members with all entries in place of its own */
function whole(last: Params, entries: ReadonlyMap<string, unknown[]>, token: unknown): Params {
  const { ContinuationToken: _, NextContinuationToken: __, MaxKeys: ___, KeyCount: ____, ...members } = last;
  const more = typeof token === "string" && token !== "";
  return {
    ...members,
    ...Object.fromEntries(entries),
    IsTruncated: more,
    ...(more ? { NextContinuationToken: token } : {}),
  };
}

function itemLimit(given: unknown): number {
  if (given === undefined || given === null || given === "") return DEFAULT_MAX_ITEMS;
  const limit = Number(given);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new AdapterError("INVALID_INPUT", {
    parameter: "params.MaxItems",
    found: typeof given === "object" ? "an object" : String(given),
    expected: "a number above 0",
    documentation: "the listing follows pages until it has that many entries.",
  });
}
