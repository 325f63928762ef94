/** Owns the world that a simulator starts with unless it is given another: Pod → Adapter → Task, and what stands in the way. */
import type { PolicyStatement, Role, TrustStatement, User, World } from "./world";

const account = "123456789012";
const partnerAccount = "210987654321";
const regions = [
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "ca-central-1",
  "eu-central-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "eu-north-1",
  "ap-northeast-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-south-1",
  "sa-east-1",
] as const;
const issuer = "oidc.eks.us-east-1.amazonaws.com/id/SIMULATED0CLUSTER";

const arn = (name: string, owner = account): string => `arn:aws:iam::${owner}:role/${name}`;
const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*"): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource,
});
const trust = (AWS: readonly string[], Condition?: TrustStatement["Condition"]): TrustStatement => ({
  Effect: "Allow",
  Principal: { AWS },
  Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
  ...(Condition === undefined ? {} : { Condition }),
});
const trustService = (...Service: readonly string[]): TrustStatement => ({
  Effect: "Allow",
  Principal: { Service },
  Action: "sts:AssumeRole",
});

const mayBecome = allow(
  ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
  [arn("adapter"), arn("task-*"), arn("partner", partnerAccount)],
);
const mayLook = allow(["ec2:Describe*", "s3:ListAllMyBuckets"]);
const mayRead = allow([
  "ec2:Describe*",
  "s3:Get*",
  "s3:List*",
  "dynamodb:BatchGetItem",
  "dynamodb:DescribeTable",
  "dynamodb:GetItem",
  "dynamodb:ListTables",
  "dynamodb:Query",
  "dynamodb:Scan",
  "secretsmanager:GetSecretValue",
  "secretsmanager:ListSecrets",
  "sqs:GetQueueUrl",
  "sqs:ListQueues",
]);
const mayWrite = allow(["ec2:*", "s3:*", "dynamodb:*", "secretsmanager:*", "sqs:*"]);

/** Keys that open nothing but a simulator, and look it. */
const simulatorKey = (name: string) => ({
  accessKeyId: `AKIASIMULATOR${name.toUpperCase().padEnd(7, "0")}`,
  secretAccessKey: `simulator+only/not+a+real+secret/${name}`.padEnd(40, "0"),
});

const users: readonly User[] = [
  {
    accountId: account,
    name: "pod",
    userId: "AIDASIMULATEDPODUSER0",
    accessKeys: [simulatorKey("pod")],
    permissions: [mayBecome, mayLook],
  },
  {
    accountId: account,
    name: "adapter",
    userId: "AIDASIMULATEDADAPTER0",
    accessKeys: [simulatorKey("adapter")],
    permissions: [mayBecome, mayLook],
  },
  {
    accountId: account,
    name: "nobody",
    userId: "AIDASIMULATEDNOBODY00",
    accessKeys: [simulatorKey("nobody")],
    permissions: [],
  },
];

const insiders = [
  `arn:aws:iam::${account}:user/pod`,
  `arn:aws:iam::${account}:user/adapter`,
  arn("instance"),
  arn("container"),
  arn("workload"),
];

const role = (name: string, fields: Pick<Role, "trust" | "permissions"> & Partial<Role>): Role => ({
  accountId: account,
  name,
  roleId: `AROASIMULATED${name
    .replace(/[^a-z]/g, "")
    .toUpperCase()
    .padEnd(8, "0")
    .slice(0, 8)}`,
  maxSessionDurationSeconds: 3600,
  ...fields,
});

const roles: readonly Role[] = [
  role("adapter", { trust: [trust(insiders)], permissions: [mayBecome, mayLook], maxSessionDurationSeconds: 43200 }),
  role("task-reader", { trust: [trust([...insiders, arn("adapter")])], permissions: [mayRead] }),
  role("task-writer", {
    trust: [trust([...insiders, arn("adapter")])],
    permissions: [mayWrite],
    maxSessionDurationSeconds: 43200,
  }),
  role("partner", {
    accountId: partnerAccount,
    trust: [trust([arn("adapter"), ...insiders], { StringEquals: { "sts:ExternalId": "example-external-id" } })],
    permissions: [allow(["ec2:Describe*", "s3:List*", "s3:Get*"])],
  }),
  role("instance", {
    trust: [trustService("ec2.amazonaws.com")],
    permissions: [mayBecome, mayLook],
    maxSessionDurationSeconds: 43200,
  }),
  role("container", {
    trust: [trustService("ecs-tasks.amazonaws.com", "pods.eks.amazonaws.com")],
    permissions: [mayBecome, mayLook],
  }),
  role("workload", {
    trust: [
      {
        Effect: "Allow",
        Principal: { Service: "rolesanywhere.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
      },
    ],
    permissions: [mayBecome, mayLook],
    maxSessionDurationSeconds: 43200,
  }),
  role("task-denied", { trust: [trust([`arn:aws:iam::${partnerAccount}:root`])], permissions: [mayRead] }),
  role("web-identity", {
    trust: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: "system:serviceaccount:itential:adapter",
          },
        },
      },
    ],
    permissions: [mayBecome, mayLook],
  }),
];

interface Machine {
  readonly name: string;
  readonly type: string;
  readonly state?: "running" | "stopped";
  readonly region?: string;
  readonly isPublic?: boolean;
  readonly environment?: string;
}

const machines: readonly Machine[] = [
  { name: "automation-gateway", type: "m6i.large", isPublic: true },
  { name: "web-1", type: "t3.small", isPublic: true },
  { name: "web-2", type: "t3.small", isPublic: true },
  { name: "orders-database", type: "r6g.xlarge" },
  { name: "batch-worker", type: "c6i.2xlarge", state: "stopped", environment: "staging" },
  { name: "edge-router", type: "c6in.xlarge", isPublic: true, region: "eu-west-1" },
];

/** @returns a fresh copy of the default world; spread it to change a part */
export function defaultWorld(): World {
  return {
    regions,
    users,
    roles,
    managedPolicies: [
      { arn: "arn:aws:iam::aws:policy/ReadOnlyAccess", statements: [mayRead] },
      { arn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", statements: [allow(["s3:Get*", "s3:List*"])] },
    ],
    oidcProviders: [{ accountId: account, issuer, clientIds: ["sts.amazonaws.com"] }],
    trustAnchors: [
      { accountId: account, region: "us-east-1", id: "5a1e0000-0000-4000-8000-000000000001", status: "enabled" },
    ],
    rolesAnywhereProfiles: [
      {
        accountId: account,
        region: "us-east-1",
        id: "5a1e0000-0000-4000-8000-000000000002",
        roleArns: [arn("workload")],
        durationSeconds: 3600,
        acceptsRoleSessionName: true,
        status: "enabled",
      },
    ],
    metadataInstance: {
      instanceId: "i-0a1b2c3d4e5f60001",
      accountId: account,
      roleName: "instance",
      httpTokens: "required",
    },
    containerTask: {
      accountId: account,
      roleName: "container",
      relativeUri: "/v2/credentials/3f1c7c4e-5d2b-4a43-9a55-6d5f3f6f0a10",
      authorizationToken: "simulator-pod-identity-token",
    },
    instances: machines.map((machine, index) => ({
      instanceId: `i-0a1b2c3d4e5f6000${index + 1}`,
      accountId: account,
      region: machine.region ?? "us-east-1",
      availabilityZone: `${machine.region ?? "us-east-1"}${"abc"[index % 3]}`,
      instanceType: machine.type,
      imageId: "ami-0c02fb55956c7d316",
      state: machine.state ?? "running",
      vpcId: "vpc-0f1e2d3c4b5a69788",
      subnetId: `subnet-0a9b8c7d6e5f4000${(index % 3) + 1}`,
      privateIpAddress: `10.0.${(index % 3) + 1}.${20 + index}`,
      ...(machine.isPublic ? { publicIpAddress: `203.0.113.${10 + index}` } : {}),
      launchTime: `2025-0${index + 1}-14T08:30:00.000Z`,
      ...(index === 0 ? { instanceProfileArn: `arn:aws:iam::${account}:instance-profile/instance` } : {}),
      tags: { Name: machine.name, Environment: machine.environment ?? "production" },
    })),
    buckets: [
      {
        name: "example-configurations",
        accountId: account,
        region: "us-east-1",
        objects: {
          "routers/edge-1.cfg": "hostname edge-1\n",
          "routers/edge-2.cfg": "hostname edge-2\n",
          "README.txt": "Simulated.\n",
        },
      },
      { name: "example-archive", accountId: account, region: "eu-west-1", objects: {} },
    ],
    secrets: [
      {
        name: "network/router-login",
        accountId: account,
        region: "us-east-1",
        secretString: '{"username":"netops","password":"simulated"}',
      },
    ],
    tables: [
      {
        name: "devices",
        accountId: account,
        region: "us-east-1",
        partitionKey: "site",
        sortKey: "name",
        items: [
          { site: { S: "lab" }, name: { S: "edge-1" }, ports: { N: "48" } },
          { site: { S: "lab" }, name: { S: "edge-2" }, ports: { N: "24" } },
        ],
      },
    ],
    queues: [{ name: "changes", accountId: account, region: "us-east-1" }],
  };
}
