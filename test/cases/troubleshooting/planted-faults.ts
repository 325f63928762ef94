/** Owns the faults that are planted: each a service instance against a simulator, as an operator may write it. */
import { join } from "node:path";
import type { TroubleshootRequest } from "../../../utils/platform/troubleshoot/troubleshoot";
import { defaultWorld } from "../../../utils/simulator/default-world";
import type { Fault } from "../../../utils/simulator/faults";
import type { Simulator, SimulatorOptions } from "../../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import type { World } from "../../../utils/simulator/world";
import type { Environment } from "../../../utils/types/environment";

type Properties = Record<string, unknown> & { authentication: Record<string, unknown> };

/** What a case may plant. */
export interface Planting {
  readonly simulator: Simulator;
  readonly properties: Properties;
  /** Port of a proxy that wants a password. */
  readonly proxyPort: number;
}

export interface PlantedFault {
  /** As docs/troubleshooting.md calls it. */
  readonly name: string;
  readonly simulator?: SimulatorOptions;
  readonly faults?: Readonly<Record<string, Fault>>;
  readonly environment?: (simulator: Simulator) => Environment;
  readonly properties?: (planting: Planting) => Record<string, unknown>;
  readonly call?: (simulator: Simulator) => TroubleshootRequest["call"];
}

const call = (service: string, operation: string): NonNullable<TroubleshootRequest["call"]> => ({
  service,
  operation,
  kind: "plain",
  params: {},
  stsParams: null,
  roleName: null,
  metadata: undefined,
});

const taskRole =
  (name: string, more: Record<string, unknown> = {}) =>
  (simulator: Simulator) => ({
    ...call("s3", "ListBuckets"),
    kind: "STSRole" as const,
    stsParams: { RoleArn: simulatedRoleArn(simulator.world, name), RoleSessionName: "change-1", ...more },
  });

/** The authentication of the case, with some of it written wrongly. */
const authentication =
  (changes: Record<string, unknown>) =>
  ({ properties }: Planting) => ({ ...properties, authentication: { ...properties.authentication, ...changes } });

/** `aws_sts`, with some of it written wrongly. */
const sts =
  (changes: (planting: Planting) => Record<string, unknown>) =>
  (planting: Planting): Record<string, unknown> => {
    const { properties } = planting;
    const aws_sts = { ...(properties.authentication["aws_sts"] as object), ...changes(planting) };
    return { ...properties, authentication: { ...properties.authentication, aws_sts } };
  };

const withoutKeys = ({ properties }: Planting): Record<string, unknown> => {
  const { aws_access_key: _, aws_secret_key: __, ...others } = properties.authentication;
  return { ...properties, authentication: others };
};

const onInstance = (simulator: Simulator): Environment => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: simulator.url });
const fixture = (name: string): string => join(__dirname, "..", "..", "fixtures", "tls", name);
const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** A role that trusts its whole account leaves it to each identity's own policy who may assume it. */
const openRoleWorld: World = {
  ...defaultWorld(),
  roles: defaultWorld().roles.map((role) =>
    role.name === "task-reader"
      ? {
          ...role,
          name: "task-open",
          trust: [{ Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sts:AssumeRole" }],
        }
      : role,
  ),
};

const bucketElsewhere: World = {
  ...defaultWorld(),
  buckets: [{ name: "frankfurt-backups", accountId: "123456789012", region: "eu-central-1", objects: {} }],
};

export const plantedFaults: readonly PlantedFault[] = [
  {
    name: "a space was copied along with the secret key",
    properties: authentication({ aws_secret_key: `${secret} ` }),
  },
  {
    name: "access key and secret key are swapped",
    properties: authentication({ aws_access_key: secret, aws_secret_key: "AKIAIOSFODNN7EXAMPLE" }),
  },
  { name: "the secret key is missing", properties: authentication({ aws_secret_key: "" }) },
  {
    name: "the ARN of a session stands where that of a role belongs",
    properties: authentication({ aws_iam_role: "arn:aws:sts::123456789012:assumed-role/adapter/session" }),
  },
  {
    name: "a role of another partition",
    properties: authentication({ aws_iam_role: "arn:aws-cn:iam::123456789012:role/adapter" }),
  },
  {
    name: "a region that does not exist",
    properties: ({ properties }) => ({
      ...properties,
      region: "mars-north-1",
      authentication: { ...properties.authentication, aws_sts: {} },
    }),
  },
  { name: "the secret key is that of another access key", properties: authentication({ aws_secret_key: secret }) },
  {
    name: "the access key was deleted",
    properties: authentication({ aws_access_key: "AKIAIOSFODNN7EXAMPLE", aws_secret_key: secret }),
  },
  {
    name: "a temporary key without its session token",
    properties: authentication({ aws_access_key: "ASIAIOSFODNN7EXAMPLE", aws_secret_key: secret }),
  },
  { name: "the session token has expired", faults: { sts: { kind: "expired-token" } } },
  { name: "the clock of the server is an hour behind", faults: { "*": { kind: "skewed-clock", seconds: 3600 } } },
  { name: "the name of STS cannot be resolved", properties: sts(() => ({ endpoint: "sts.nowhere.invalid" })) },
  { name: "nothing listens at aws_sts.endpoint", properties: sts(() => ({ endpoint: "127.0.0.1:1" })) },
  {
    name: "STS takes the request and says nothing",
    faults: { sts: { kind: "silent" } },
    properties: ({ properties }) => ({ ...properties, request: { attempt_timeout: 1000 } }),
  },
  {
    name: "a certificate that is made out to another host",
    properties: ({ properties }) => ({ ...properties, ssl: { enabled: true, ca_file: fixture("ca.pem") } }),
  },
  {
    name: "a proxy that wants a password",
    properties: sts(({ proxyPort }) => ({ proxy: `http://127.0.0.1:${proxyPort}` })),
  },
  {
    name: "a load balancer answers in place of STS",
    faults: { sts: { kind: "html-502" } },
  },
  {
    name: "a container behind a hop limit of 1",
    properties: withoutKeys,
    environment: onInstance,
    faults: { imds: { kind: "hop-limit" } },
  },
  {
    name: "an instance without a role",
    simulator: {
      world: {
        ...defaultWorld(),
        metadataInstance: { instanceId: "i-0a1b2c3d4e5f60001", accountId: "123456789012", httpTokens: "required" },
      },
    },
    properties: withoutKeys,
    environment: onInstance,
  },
  {
    name: "the file of the web identity token is not there",
    properties: (planting) => {
      const { authentication: own, ...others } = withoutKeys(planting) as Properties;
      const role_arn = simulatedRoleArn(planting.simulator.world, "web-identity");
      return { ...others, authentication: { ...own, aws_web_identity: { role_arn, token_file: "/no/such/token" } } };
    },
  },
  { name: "the trust policy of the task role does not name the caller", call: taskRole("task-denied") },
  { name: "the partner's role demands an external id, and none is sent", call: taskRole("partner") },
  { name: "another external id than the agreed one", call: taskRole("partner", { ExternalId: "mistyped" }) },
  {
    name: "the identity before the task role lacks sts:AssumeRole",
    simulator: { world: openRoleWorld },
    properties: ({ simulator }) => simulatorServiceInstance(simulator, { keysOf: "nobody" }),
    call: taskRole("task-open"),
  },
  {
    name: "aws_sts.region is not the region of aws_sts.endpoint",
    simulator: { world: { ...defaultWorld(), regions: ["us-east-1"] } },
    properties: sts(() => ({ region: "eu-west-1" })),
  },
  {
    name: "the region is not that of the host (EC2 does not say so)",
    simulator: { world: { ...defaultWorld(), regions: ["us-east-1"] } },
    properties: ({ properties }) => ({ ...properties, region: "eu-west-1" }),
    call: () => call("ec2", "DescribeInstances"),
  },
  {
    name: "the region is not that of the host, and the service says so",
    simulator: { world: { ...defaultWorld(), regions: ["us-east-1"] } },
    properties: ({ properties }) => ({ ...properties, region: "eu-west-1" }),
    call: (simulator) => ({ ...taskRole("task-reader")(simulator), service: "dynamodb", operation: "ListTables" }),
  },
  {
    name: "the bucket is in another region",
    simulator: { world: bucketElsewhere },
    call: (simulator) => ({
      ...taskRole("task-reader")(simulator),
      operation: "HeadBucket",
      params: { Bucket: "frankfurt-backups" },
    }),
  },
  { name: "a session that is longer than the role allows", call: taskRole("task-reader", { DurationSeconds: 7200 }) },
  { name: "the identity may not make the call", call: () => call("secrets-manager", "ListSecrets") },
];

/** Service instance of a healthy adapter in this simulator. */
export const healthyProperties = (simulator: Simulator): Properties =>
  simulatorServiceInstance(simulator) as Properties;
