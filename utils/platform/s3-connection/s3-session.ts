/** Owns how the connection's operations reach S3: each in the region of its bucket, under the retry rules that are set. */
import { AdapterError } from "../../errors/adapter-error";
import type { CallResult, IapMetadata } from "../../types/call";
import type { Clock } from "../../types/clock";
import type { CallSteps } from "../composed-call";
import type { BucketRegions } from "./bucket-regions";
import { connectorRetry } from "./connector-retry";
import { s3HomeRegion } from "./home-region";

/** May have been carried out although no answer came: the standard rules decide about repeating them. */
const NEVER_TWICE: ReadonlySet<string> = new Set(["CreateMultipartUpload", "CompleteMultipartUpload"]);

/** Of the caller's metadata: what holds for every request, or also what belongs to one, its headers and its file. */
export type MetadataScope = "route" | "whole";

export class S3Session {
  readonly #steps: CallSteps;
  readonly #metadata: IapMetadata | undefined;
  readonly #regions: BucketRegions;
  readonly #clock: Clock;

  constructor(steps: CallSteps, metadata: IapMetadata | undefined, regions: BucketRegions, clock: Clock) {
    this.#steps = steps;
    this.#metadata = metadata;
    this.#regions = regions;
    this.#clock = clock;
  }

  /** Opens `params.Body`. @throws AdapterError `INVALID_INPUT`, `FILE_REFUSED` */
  openBody(value: unknown): ReturnType<CallSteps["openBody"]> {
    return this.#steps.openBody(value, "params.Body");
  }

  /**
   * @param operation - of S3, as AWS spells it
   * @param params - its input; with `Bucket` it goes to the region of that bucket
   * @throws AdapterError
   */
  async send(operation: string, params: Record<string, unknown>, scope: MetadataScope = "whole"): Promise<CallResult> {
    const { Bucket: bucket } = params;
    const region = typeof bucket === "string" ? await this.#regionOf(bucket) : s3HomeRegion(this.#steps.settings);
    try {
      return await this.#sendTo(region, operation, withCustomerAlgorithm(params), scope);
    } catch (thrown) {
      const said = regionIn(thrown);
      if (typeof bucket === "string" && said !== undefined && said !== region) this.#regions.forget(bucket);
      throw thrown;
    }
  }

  #sendTo(
    region: string | undefined,
    operation: string,
    params: Record<string, unknown>,
    scope: MetadataScope,
  ): Promise<CallResult> {
    const { auth_logging, callProperties } = this.#metadata ?? {};
    const route = auth_logging === undefined ? {} : { auth_logging };
    const metadata: IapMetadata = {
      ...(scope === "whole" ? this.#metadata : route),
      callProperties: { ...(region === undefined ? {} : { region }), ...given(callProperties) },
    };
    const step = { service: "s3", operation, params, metadata };
    if (this.#steps.settings.s3Retry === "standard" || NEVER_TWICE.has(operation)) return this.#steps.call(step);
    return connectorRetry(this.#clock, () => this.#steps.call({ ...step, maxRetries: 0 }));
  }

  /** A call that names its region or its host is not second-guessed. */
  async #regionOf(bucket: string): Promise<string | undefined> {
    const { region, host } = this.#metadata?.callProperties ?? {};
    if (region || host || bucket.startsWith("arn:")) return undefined;
    return this.#regions.of(bucket, () => this.#find(bucket));
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html says the region to whoever asks, even when it refuses. */
  async #find(bucket: string): Promise<string | undefined> {
    try {
      const { headers } = await this.#sendTo(
        s3HomeRegion(this.#steps.settings),
        "HeadBucket",
        { Bucket: bucket },
        "route",
      );
      return headers["x-amz-bucket-region"];
    } catch (thrown) {
      // A refusal of the question is none of the call: what is wrong with the bucket, the operation itself is told.
      if (thrown instanceof AdapterError && thrown.code === "SERVICE_ERROR") return regionIn(thrown);
      throw thrown;
    }
  }
}

/** Where a refusal says the bucket is. */
function regionIn(thrown: unknown): string | undefined {
  const region = thrown instanceof AdapterError ? thrown.detail["bucketRegion"] : undefined;
  return typeof region === "string" ? region : undefined;
}

/** Without what a form leaves empty, which would hide the region that was found. */
const given = (properties: IapMetadata["callProperties"] = {}): NonNullable<IapMetadata["callProperties"]> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== "" && value !== null));

/** There is one algorithm for keys of customers, and forgetting it is an error that says nothing. */
const withCustomerAlgorithm = (params: Record<string, unknown>): Record<string, unknown> =>
  params["SSECustomerKey"] === undefined ? params : { SSECustomerAlgorithm: "AES256", ...params };
