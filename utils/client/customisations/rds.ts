/** Owns what RDS has to itself: the presigned request by which another region lets a snapshot or a replica's source go. */
import type { CustomisationFactory } from "./customisation";

/** Member that names the source, and the operation that the other region is asked for. */
const SOURCES: readonly (readonly [member: string, operation: string])[] = [
  ["SourceDBSnapshotIdentifier", "CopyDBSnapshot"],
  ["SourceDBInstanceIdentifier", "CreateDBInstanceReadReplica"],
  ["ReplicationSourceIdentifier", "CreateDBCluster"],
  ["SourceDBClusterSnapshotIdentifier", "CopyDBClusterSnapshot"],
  ["SourceDBInstanceArn", "StartDBInstanceAutomatedBackupsReplication"],
];

const ARN_REGION = /^arn:[\w-]+:rds:([\w-]+):\d+:/;

/**
 * Fills `PreSignedUrl` where the source is in another region and the caller gave none.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBSnapshot.html
 */
export const crossRegionPresignedUrl: CustomisationFactory = (_options, { service }) => ({
  input: async (input, context) => {
    if (input["PreSignedUrl"]) return input;
    const found = SOURCES.find(([member]) => input[member] !== undefined);
    if (found === undefined) return input;
    const [member, operation] = found;
    const region = ARN_REGION.exec(String(input[member]))?.[1];
    if (region === undefined || region === context.region) return input;
    const query: Record<string, string> = {
      Action: operation,
      Version: service.apiVersion,
      DestinationRegion: context.region,
      [member]: String(input[member]),
    };
    if (input["KmsKeyId"] !== undefined) query["KmsKeyId"] = String(input["KmsKeyId"]);
    return { ...input, PreSignedUrl: await context.presignedUrl(region, query, input) };
  },
});
