/** Owns the call by which the adapter finds out who it is: GetCallerIdentity, sent to the STS that the service instance names. */
import { isAwsHost } from "../settings/partitions";
import type { Settings } from "../settings/settings";
import type { CallProperties } from "../types/call";
import type { OperationCall } from "./read-arguments";

/**
 * @param settings - of the service instance; without them (wrong properties) the call is refused anyway
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function identityCheck(settings: Settings | undefined): OperationCall {
  const callProperties = settings === undefined ? undefined : stsOf(settings);
  return {
    service: "sts",
    operation: "GetCallerIdentity",
    kind: "plain",
    params: {},
    stsParams: null,
    roleName: null,
    ...(callProperties === undefined
      ? { metadata: undefined }
      : ({ metadata: { callProperties }, way: "sts" } as const)),
  };
}

/** The STS of `aws_sts`, as `host` may be that of one other service; a host of one's own stands for every service. */
function stsOf({ endpoint, sts }: Settings): CallProperties | undefined {
  const url = new URL(sts.url);
  const ownHost = endpoint.service === undefined && endpoint.host !== undefined && !isAwsHost(endpoint.host);
  if (ownHost && isAwsHost(url.hostname)) return undefined;
  const protocol = url.protocol === "http:" ? "http" : "https";
  const port = url.port === "" ? {} : { port: Number(url.port) };
  return { host: url.hostname, protocol, region: sts.region, ...port };
}
