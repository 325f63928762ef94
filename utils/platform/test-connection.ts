/** Owns Test Connection: whether the credentials can be had, and whether they may list buckets. */
import { AdapterError } from "../errors/adapter-error";
import type { CallResult } from "../types/call";
import type { CallSteps, ComposedCall } from "./composed-call";
import { operationCall, textArgument } from "./read-arguments";
import { s3HomeRegion } from "./s3-connection/home-region";

/**
 * @param values - `{ Bucket?, Region? }` and iapMetadata. A bucket that cannot be reached is told and fails nothing: a
 * connection is one of an account, and its buckets are named by each operation.
 */
export function testConnectionCall(values: readonly unknown[]): ComposedCall {
  const { params, stsParams, roleName, metadata, kind } = operationCall("s3", "ListBuckets", "plain", values);
  const bucket = textArgument("params.Bucket", params["Bucket"]);
  const region = textArgument("params.Region", params["Region"]);
  return {
    ...{ kind, stsParams, roleName, metadata },
    compose: async (steps) => {
      const asked = region ?? metadata?.callProperties?.region ?? s3HomeRegion(steps.settings);
      const inRegion = { ...metadata, callProperties: { ...metadata?.callProperties, region: asked } };
      const list = { service: "s3", operation: "ListBuckets", metadata: inRegion };
      const listed = await steps.call({ ...list, params: {} });
      const { Buckets: buckets = [] } = listed.output as { Buckets?: readonly unknown[] };
      const seen = bucket === undefined ? {} : { bucket: await lookAt(bucket, steps, inRegion) };
      const { credentialSource, roleChain } = listed.metrics;
      const output = { connected: true, region: asked, buckets: buckets.length, credentialSource, roleChain, ...seen };
      return { ...listed, output } satisfies CallResult;
    },
  };
}

/** What S3 says of one bucket. */
async function lookAt(
  name: string,
  steps: CallSteps,
  metadata: NonNullable<ComposedCall["metadata"]>,
): Promise<Record<string, unknown>> {
  try {
    const { headers } = await steps.call({
      service: "s3",
      operation: "HeadBucket",
      params: { Bucket: name },
      metadata,
    });
    const region = headers["x-amz-bucket-region"];
    return { name, reachable: true, ...(region === undefined ? {} : { region }) };
  } catch (thrown) {
    if (!(thrown instanceof AdapterError)) throw thrown;
    const region = thrown.detail["bucketRegion"];
    // It is there, only not in the region that was asked.
    const isElsewhere = region !== undefined && region !== metadata.callProperties?.region && thrown.statusCode !== 403;
    if (isElsewhere) return { name, reachable: true, region };
    return { name, reachable: false, problem: thrown.displayString };
  }
}
