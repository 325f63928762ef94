/** Owns the functions of AWS's own that endpoint rules call by name. https://smithy.io/2.0/aws/rules-engine/library-functions.html */
import { likelyPartition } from "../settings/partitions";
import { lazy } from "../types/lazy";

type EndpointFunctions = typeof import("@smithy/core/endpoints")["customEndpointFunctions"][string];

/** Put off: with two small functions it brings most of the SDK, and few rules call them. */
const sdk = lazy(() => (require("@aws-sdk/core/client") as typeof import("@aws-sdk/core/client")).awsEndpointFunctions);

/** Every published partition has dual stack and FIPS. */
function partition(region: string) {
  const { id, dnsSuffix, dualstackSuffix, globalRegion } = likelyPartition(region);
  return {
    name: id,
    dnsSuffix,
    dualStackDnsSuffix: dualstackSuffix,
    implicitGlobalRegion: globalRegion,
    supportsDualStack: true,
    supportsFIPS: true,
  };
}

const late =
  (name: string): EndpointFunctions[string] =>
  (...given) =>
    (sdk()[name] as EndpointFunctions[string])(...given);

export const endpointFunctions: EndpointFunctions = {
  partition,
  parseArn: late("parseArn"),
  isVirtualHostableS3Bucket: late("isVirtualHostableS3Bucket"),
};
