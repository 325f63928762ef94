/** Owns the S3 connection: the table of its operations, and how one is called. */
import type { Settings } from "../../settings/settings";
import type { CallResult } from "../../types/call";
import type { Clock } from "../../types/clock";
import { heedStreams } from "../../types/waiting-streams";
import type { ComposedCall } from "../composed-call";
import { type OperationCall, operationCall } from "../read-arguments";
import { BucketRegions } from "./bucket-regions";
import { list } from "./listing";
import { query } from "./query";
import { S3Session } from "./s3-session";
import { upsert } from "./upsert";

type Perform = (session: S3Session, params: Record<string, unknown>) => Promise<CallResult>;

export type S3ConnectionOperation = "Get" | "Upsert" | "Delete" | "List" | "Query";

const operations: Readonly<Record<S3ConnectionOperation, Perform>> = {
  Get: (session, params) => session.send("GetObject", params),
  Upsert: upsert,
  Delete: (session, params) => session.send("DeleteObject", params),
  List: list,
  Query: query,
};

/** Prefix of the methods, as `ec2` is of EC2's. */
export const S3_CONNECTION = "s3Connection";

/** In the order in which pronghorn.json lists them, `s3ConnectionGet` first. */
export const s3ConnectionOperations = Object.keys(operations) as readonly S3ConnectionOperation[];

/** The connection of one adapter instance: it remembers where buckets are, for as long as the properties stay. */
export class S3Connection {
  readonly #regions = new WeakMap<Settings, BucketRegions>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param values - of the method, as those of any operation's */
  call(operation: S3ConnectionOperation, kind: OperationCall["kind"], values: readonly unknown[]): ComposedCall {
    const { params, stsParams, roleName, metadata } = operationCall("s3", operation, kind, values);
    heedStreams(params);
    return {
      ...{ kind, stsParams, roleName, metadata },
      compose: (steps) => {
        const session = new S3Session(steps, metadata, this.#regionsOf(steps.settings), this.#clock);
        return operations[operation](session, params);
      },
    };
  }

  #regionsOf(settings: Settings): BucketRegions {
    let regions = this.#regions.get(settings);
    if (regions === undefined) {
      regions = new BucketRegions();
      this.#regions.set(settings, regions);
    }
    return regions;
  }
}
