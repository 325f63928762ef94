/** Owns the region in which S3 is asked what concerns no bucket, or one whose region is not known yet. */
import { isAwsHost, partitionOfRegion } from "../../settings/partitions";
import type { Settings } from "../../settings/settings";

const HOME = "us-east-1";

/**
 * @returns us-east-1 in AWS's commercial partition; elsewhere the configured region, as other partitions do not know
 * us-east-1 and an S3 of one's own has the region that its operator gave it
 */
export function s3HomeRegion({ endpoint }: Pick<Settings, "endpoint">): string {
  const { region, host, service } = endpoint;
  if (region === undefined || region === "") return HOME;
  const isOwn = host !== undefined && !isAwsHost(host) && (service === undefined || service === "s3");
  if (isOwn) return region;
  return partitionOfRegion(region)?.id === "aws" ? HOME : region;
}
