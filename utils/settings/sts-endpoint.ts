/** Owns where STS is: the host and the signing region, from `aws_sts` and the region of the service instance. */
import { AdapterError } from "../errors/adapter-error";
import { foundText } from "./found-text";
import { partitionOfRegion } from "./partitions";

const GLOBAL_HOST = "sts.amazonaws.com";
/** The global host accepts signatures of this region only. */
const GLOBAL_REGION = "us-east-1";
const REGION_IN_HOST = /^sts(?:-fips)?\.([a-z]+(?:-[a-z]+)*-\d+)\./;

/** What decides the endpoint; empty strings count as not given. */
export interface StsEndpointInput {
  /** `aws_sts.region` */
  readonly stsRegion?: string | undefined;
  /** `aws_sts.endpoint`, with or without scheme and port */
  readonly endpoint?: string | undefined;
  /** `aws_sts.sslEnable` */
  readonly scheme: "http" | "https";
  /** Region of the service instance or of the environment */
  readonly region?: string | undefined;
  readonly useFips: boolean;
  readonly useDualstack: boolean;
}

export interface StsAddress {
  /** Region that STS requests are signed for. */
  readonly region: string;
  /** Origin, without a path. */
  readonly url: string;
  readonly warning?: string;
}

/**
 * @returns origin and signing region of STS
 * @throws AdapterError `INVALID_PROPERTIES` for an endpoint that is no host, a region that is none of AWS's, and a
 * region that is not the endpoint's: AWS refuses a signature of another region
 */
export function stsAddress(input: StsEndpointInput): StsAddress {
  if (!input.endpoint) return published(input);
  const url = endpointUrl(input.endpoint, input.scheme, "authentication.aws_sts.endpoint");
  if (url.hostname === GLOBAL_HOST) {
    const asked = input.stsRegion || GLOBAL_REGION;
    const warning =
      asked === GLOBAL_REGION || asked === "aws-global"
        ? undefined
        : `authentication.aws_sts.region is ${asked}, but ${GLOBAL_HOST} accepts ${GLOBAL_REGION} only, which is used`;
    return { region: GLOBAL_REGION, url: url.origin, ...(warning === undefined ? {} : { warning }) };
  }
  const regionInHost = REGION_IN_HOST.exec(url.hostname)?.[1];
  if (regionInHost !== undefined && input.stsRegion && input.stsRegion !== regionInHost) {
    throw invalid("authentication.aws_sts.region", input.stsRegion, `${regionInHost}, the region of aws_sts.endpoint`);
  }
  return { region: regionInHost ?? signingRegion(input.stsRegion || input.region || GLOBAL_REGION), url: url.origin };
}

function published(input: StsEndpointInput): StsAddress {
  const region = input.stsRegion || input.region || GLOBAL_REGION;
  if (region === "aws-global") return { region: GLOBAL_REGION, url: `${input.scheme}://${GLOBAL_HOST}` };
  const partition = partitionOfRegion(region);
  if (partition === undefined || region.endsWith("-global")) {
    const property = input.stsRegion ? "authentication.aws_sts.region" : "region";
    throw invalid(
      property,
      region,
      "a region of AWS, for example us-east-1, or aws_sts.endpoint for an STS of your own",
    );
  }
  // GovCloud's plain host is the validated one already.
  const fips = input.useFips && !(partition.id === "aws-us-gov" && !input.useDualstack) ? "sts-fips" : "sts";
  const suffix = input.useDualstack ? partition.dualstackSuffix : partition.dnsSuffix;
  return { region, url: `${input.scheme}://${fips}.${region}.${suffix}` };
}

const signingRegion = (region: string): string => (region === "aws-global" ? GLOBAL_REGION : region);

/**
 * @param property - its name, for the error
 * @throws AdapterError `INVALID_PROPERTIES` for anything but a host with optional scheme and port
 */
export function endpointUrl(endpoint: string, scheme: "http" | "https", property: string): URL {
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `${scheme}://${bracketed(endpoint)}`;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.username !== ""
  ) {
    throw invalid(property, endpoint, "a host name, optionally with https:// before and :port behind it");
  }
  // sslEnable false wins over a scheme that was only copied along.
  if (scheme === "http" && url.protocol === "https:") return new URL(`http://${url.host}`);
  return url;
}

/** A bare IPv6 address needs brackets to be a host of a URL. */
export function bracketed(host: string): string {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(host) ? `[${host}]` : host;
}

function invalid(property: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property, found: foundText(found), expected });
}
