/** Owns the vocabulary of the simulated AWS: who exists, what they may do, and what there is to act on. */

/** One statement of an IAM policy, as IAM writes it. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Who a trust statement speaks of. */
export type TrustPrincipal =
  | "*"
  | {
      readonly AWS?: string | readonly string[];
      readonly Service?: string | readonly string[];
      readonly Federated?: string | readonly string[];
    };

/** One statement of a role's trust policy. */
export interface TrustStatement extends PolicyStatement {
  readonly Principal: TrustPrincipal;
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a temporary key that is there from the start, and lives for ever. */
  readonly sessionToken?: string;
}

export interface User {
  readonly accountId: string;
  readonly name: string;
  readonly userId: string;
  readonly accessKeys: readonly AccessKey[];
  readonly permissions: readonly PolicyStatement[];
}

export interface Role {
  readonly accountId: string;
  readonly name: string;
  /** With slashes at both ends; `/` when absent. */
  readonly path?: string;
  readonly roleId: string;
  readonly trust: readonly TrustStatement[];
  readonly permissions: readonly PolicyStatement[];
  /** 3600 to 43200. */
  readonly maxSessionDurationSeconds: number;
}

/** A managed policy that `PolicyArns` may name. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly statements: readonly PolicyStatement[];
}

/** A public key of an OIDC provider, as its JWKS lists it. */
export interface PublicJsonWebKey {
  readonly kty: "RSA" | "EC";
  readonly kid: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

export interface OidcProvider {
  readonly accountId: string;
  /** Issuer without `https://`, as IAM names the provider. */
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** Without it and without documents, the key that the simulator's own token issuer signs with. */
  readonly jwks?: readonly PublicJsonWebKey[];
  /** Folder that stands for the issuer's URL: its discovery document and keys are read for every token. */
  readonly documents?: string;
}

/** The instance that the metadata service speaks for. */
export interface MetadataInstance {
  readonly instanceId: string;
  readonly accountId: string;
  /** The attached role; without one the metadata service knows no credentials. */
  readonly roleName?: string;
  /** `required` is IMDSv2 only; `optional` also answers version 1. */
  readonly httpTokens: "required" | "optional";
}

/** What the container credential endpoints hand out. */
export interface ContainerTask {
  readonly accountId: string;
  readonly roleName: string;
  /** The path of the ECS endpoint, `/v2/credentials/<id>`. */
  readonly relativeUri: string;
  /** What EKS Pod Identity expects in the Authorization header. */
  readonly authorizationToken: string;
}

export interface Ec2Instance {
  readonly instanceId: string;
  readonly accountId: string;
  readonly region: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly state: "running" | "stopped" | "terminated";
  readonly vpcId: string;
  readonly subnetId: string;
  readonly privateIpAddress: string;
  readonly publicIpAddress?: string;
  readonly launchTime: string;
  readonly instanceProfileArn?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly objects: Readonly<Record<string, string>>;
}

export interface StoredSecret {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly secretString: string;
}

export interface DynamoTable {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** In DynamoDB's own JSON: `{ "id": { "S": "1" } }`. */
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

export interface Queue {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
}

/** Whose certificates IAM Roles Anywhere believes. */
export interface TrustAnchor {
  readonly accountId: string;
  readonly region: string;
  readonly id: string;
  /** Of the authorities, in PEM; without them, the authority that the simulator makes for itself. */
  readonly certificates?: readonly string[];
  readonly status: "enabled" | "disabled";
}

/** Which roles certificates may open sessions of. */
export interface RolesAnywhereProfile {
  readonly accountId: string;
  readonly region: string;
  readonly id: string;
  readonly roleArns: readonly string[];
  /** Longest session in seconds. */
  readonly durationSeconds: number;
  readonly acceptsRoleSessionName: boolean;
  readonly status: "enabled" | "disabled";
}

/** Everything that is so when a simulator starts. What calls change is the simulator's own state, never this. */
export interface World {
  /** Regions whose credential scope is accepted; the first is home. */
  readonly regions: readonly string[];
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly managedPolicies: readonly ManagedPolicy[];
  readonly oidcProviders: readonly OidcProvider[];
  readonly trustAnchors?: readonly TrustAnchor[];
  readonly rolesAnywhereProfiles?: readonly RolesAnywhereProfile[];
  readonly metadataInstance: MetadataInstance;
  readonly containerTask: ContainerTask;
  readonly instances: readonly Ec2Instance[];
  readonly buckets: readonly Bucket[];
  readonly secrets: readonly StoredSecret[];
  readonly tables: readonly DynamoTable[];
  readonly queues: readonly Queue[];
}

/** @returns `arn:aws:iam::<account>:role/<path><name>` */
export const roleArn = (role: Pick<Role, "accountId" | "name" | "path">): string =>
  `arn:aws:iam::${role.accountId}:role${role.path ?? "/"}${role.name}`;

/** @returns `arn:aws:iam::<account>:user/<name>` */
export const userArn = (user: Pick<User, "accountId" | "name">): string =>
  `arn:aws:iam::${user.accountId}:user/${user.name}`;
