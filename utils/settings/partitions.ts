/** Owns the table of AWS partitions: which regions belong to each, and under which names its hosts are found. */

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and the endpoint metadata that AWS publishes. */
export interface Partition {
  /** Second field of every ARN in it. */
  readonly id: string;
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  readonly dualstackSuffix: string;
}

const partitions: readonly Partition[] = [
  {
    id: "aws-cn",
    regions: /^(cn-\w+-\d+|aws-cn-global)$/,
    dnsSuffix: "amazonaws.com.cn",
    dualstackSuffix: "api.amazonwebservices.com.cn",
  },
  {
    id: "aws-us-gov",
    regions: /^(us-gov-\w+-\d+|aws-us-gov-global)$/,
    dnsSuffix: "amazonaws.com",
    dualstackSuffix: "api.aws",
  },
  {
    id: "aws-eusc",
    regions: /^eusc-de-\w+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    dualstackSuffix: "api.amazonwebservices.eu",
  },
  {
    id: "aws-iso",
    regions: /^(us-iso-\w+-\d+|aws-iso-global)$/,
    dnsSuffix: "c2s.ic.gov",
    dualstackSuffix: "api.aws.ic.gov",
  },
  {
    id: "aws-iso-b",
    regions: /^(us-isob-\w+-\d+|aws-iso-b-global)$/,
    dnsSuffix: "sc2s.sgov.gov",
    dualstackSuffix: "api.aws.scloud",
  },
  {
    id: "aws-iso-e",
    regions: /^(eu-isoe-\w+-\d+|aws-iso-e-global)$/,
    dnsSuffix: "cloud.adc-e.uk",
    dualstackSuffix: "api.cloud-aws.adc-e.uk",
  },
  {
    id: "aws-iso-f",
    regions: /^(us-isof-\w+-\d+|aws-iso-f-global)$/,
    dnsSuffix: "csp.hci.ic.gov",
    dualstackSuffix: "api.aws.hci.ic.gov",
  },
  {
    id: "aws",
    regions: /^((us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+|aws-global)$/,
    dnsSuffix: "amazonaws.com",
    dualstackSuffix: "api.aws",
  },
];

/** @returns the partition of a region, `undefined` for a name that is no region of AWS */
export function partitionOfRegion(region: string): Partition | undefined {
  return partitions.find((partition) => partition.regions.test(region));
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
