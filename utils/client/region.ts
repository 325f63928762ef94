/** Owns what counts as an AWS region by its name alone. */

/** How region names begin, over all partitions. New regions of a known area need no release. */
const AREAS = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn", "eusc"];
const REGION = new RegExp(`^(?:${AREAS.join("|")})(?:-[a-z]+)+-\\d{1,2}$`);
const PSEUDO_REGION = /^aws(?:-[a-z]+)*-global$/;
/** Any word that may stand in a credential scope and a host name. */
const REGION_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * @param region - as configured
 * @param host - `aws` where the name decides which host of AWS is called, `own` where a host of one's own is configured
 * @returns why it is no region, or undefined when it is one
 * @see https://docs.aws.amazon.com/general/latest/gr/rande.html
 */
export function regionFault(region: string, host: "aws" | "own"): string | undefined {
  if (host === "own" ? REGION_LABEL.test(region) : REGION.test(region) || PSEUDO_REGION.test(region)) return undefined;
  return `${JSON.stringify(region)} is not the name of an AWS region`;
}
