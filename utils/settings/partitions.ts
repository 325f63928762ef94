/** Owns the table of AWS partitions: which regions belong to each, and under which names its hosts are found. */

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and the endpoint metadata that AWS publishes. */
export interface Partition {
  /** Second field of every ARN in it. */
  readonly id: string;
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  readonly dualstackSuffix: string;
  /** Where services with one endpoint for the whole partition sign for. */
  readonly globalRegion: string;
}

const largest: Partition = {
  id: "aws",
  regions: /^((us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+|aws-global)$/,
  dnsSuffix: "amazonaws.com",
  dualstackSuffix: "api.aws",
  globalRegion: "us-east-1",
};

const partitions: readonly Partition[] = [
  {
    id: "aws-cn",
    regions: /^(cn-\w+-\d+|aws-cn-global)$/,
    dnsSuffix: "amazonaws.com.cn",
    dualstackSuffix: "api.amazonwebservices.com.cn",
    globalRegion: "cn-northwest-1",
  },
  {
    id: "aws-us-gov",
    regions: /^(us-gov-\w+-\d+|aws-us-gov-global)$/,
    dnsSuffix: "amazonaws.com",
    dualstackSuffix: "api.aws",
    globalRegion: "us-gov-west-1",
  },
  {
    id: "aws-eusc",
    regions: /^eusc-de-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualstackSuffix: "api.amazonwebservices.eu",
    globalRegion: "eusc-de-east-1",
  },
  {
    id: "aws-iso",
    regions: /^(us-iso-\w+-\d+|aws-iso-global)$/,
    dnsSuffix: "c2s.ic.gov",
    dualstackSuffix: "api.aws.ic.gov",
    globalRegion: "us-iso-east-1",
  },
  {
    id: "aws-iso-b",
    regions: /^(us-isob-\w+-\d+|aws-iso-b-global)$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualstackSuffix: "api.aws.scloud",
    globalRegion: "us-isob-east-1",
  },
  {
    id: "aws-iso-e",
    regions: /^(eu-isoe-\w+-\d+|aws-iso-e-global)$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualstackSuffix: "api.cloud-aws.adc-e.uk",
    globalRegion: "eu-isoe-west-1",
  },
  {
    id: "aws-iso-f",
    regions: /^(us-isof-\w+-\d+|aws-iso-f-global)$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualstackSuffix: "api.aws.hci.ic.gov",
    globalRegion: "us-isof-south-1",
  },
  largest,
];

/** @returns the partition of a region, `undefined` for a name that is no region of AWS */
export function partitionOfRegion(region: string): Partition | undefined {
  return partitions.find((partition) => partition.regions.test(region));
}

/** What AWS takes for the partition of a name that is no region: the largest. */
export function likelyPartition(region: string): Partition {
  return partitionOfRegion(region) ?? largest;
}

/** Whether AWS publishes a partition of that name. */
export function isPartition(id: string): boolean {
  return partitions.some((partition) => partition.id === id);
}

/** Whether a host belongs to AWS, by the name it ends with. */
export function isAwsHost(host: string): boolean {
  const name = host.toLowerCase();
  return partitions.some(({ dnsSuffix, dualstackSuffix }) =>
    [dnsSuffix, dualstackSuffix].some((suffix) => name === suffix || name.endsWith(`.${suffix}`)),
  );
}
