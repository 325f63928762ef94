/** Owns what S3 has told about where buckets are, so that a redirect is followed once for each bucket. */
import type { AdapterError } from "../errors/adapter-error";
import type { OperationModel } from "../models/operation-model";

const REMEMBERED = 1000;
const FOLLOWING = "getRegionRedirectMiddlewarePlugin";
const REDIRECTS = new Set([301, 307, 400]);

/** One client's knowledge; the bucket that was not asked about for the longest time is forgotten first. */
export class BucketRegions {
  readonly #regions = new Map<string, string>();

  /** @returns the region of the bucket that the call is about, when S3 named one before */
  of(operation: OperationModel, input: unknown): string | undefined {
    const bucket = bucketOf(operation, input);
    if (bucket === undefined) return undefined;
    const region = this.#regions.get(bucket);
    if (region !== undefined) {
      this.#regions.delete(bucket);
      this.#regions.set(bucket, region);
    }
    return region;
  }

  /**
   * @param tried - the region that the call was signed for
   * @returns the region to try in its place, or undefined when the error speaks of no other one
   */
  learn(operation: OperationModel, input: unknown, error: AdapterError, tried: string | undefined): string | undefined {
    const bucket = bucketOf(operation, input);
    const region = error.aws?.bucketRegion;
    if (bucket === undefined || region === undefined || region === tried) return undefined;
    if (!REDIRECTS.has(error.statusCode ?? 0)) return undefined;
    const [oldest] = this.#regions.keys();
    if (this.#regions.size >= REMEMBERED && oldest !== undefined) this.#regions.delete(oldest);
    this.#regions.set(bucket, region);
    return region;
  }
}

/** Whether an operation may be about a bucket that is elsewhere. */
export const followsBuckets = ({ plugins }: OperationModel): boolean =>
  plugins.some(([plugin]) => plugin === FOLLOWING);

/** CreateBucket is told where to make a bucket; everything else asks for it where it is. */
function bucketOf(operation: OperationModel, input: unknown): string | undefined {
  if (operation.name === "CreateBucket" || !followsBuckets(operation)) return undefined;
  const bucket = (input as { readonly Bucket?: unknown } | null | undefined)?.Bucket;
  return typeof bucket === "string" && !bucket.startsWith("arn:") ? bucket : undefined;
}
