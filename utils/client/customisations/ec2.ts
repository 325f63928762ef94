/** Owns what EC2 has to itself: the presigned request by which the source region lets a snapshot go. */
import type { CustomisationFactory } from "./customisation";

/**
 * Fills `PresignedUrl` and `DestinationRegion` when the caller did not.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html
 */
export const copySnapshotPresignedUrl: CustomisationFactory = (_options, { service, name }) => ({
  input: async (input, context) => {
    if (input["PresignedUrl"] !== undefined) return input;
    const query: Record<string, string> = {
      Action: name,
      Version: service.apiVersion,
      DestinationRegion: context.region,
    };
    for (const [key, value] of Object.entries(input)) {
      if (typeof value !== "object") query[key] = String(value);
    }
    const url = await context.presignedUrl(String(input["SourceRegion"]), query, input);
    return { DestinationRegion: context.region, ...input, PresignedUrl: url };
  },
});
