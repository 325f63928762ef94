/** Owns the plan of an identity as plain data: where credentials come from, and the roles that are assumed from there. */

import type { ProxySettings } from "./proxy";
import type { Secret } from "./secret";
import type { TlsSettings } from "./tls";

/** Keys of the service instance: the Adapter Role. */
export interface StaticSource {
  readonly type: "static";
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/** Keys of the environment (`AWS_ACCESS_KEY_ID` and its companions): the Pod Role. */
export interface EnvironmentSource {
  readonly type: "environment";
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  /** Epoch milliseconds, from `AWS_CREDENTIAL_EXPIRATION`. */
  readonly expirationMs?: number;
}

/** An OpenID Connect issuer of our own: whose tokens it makes, and with which keys. */
export interface TokenIssuer {
  /** The `iss` of the tokens, and where AWS finds the published documents. */
  readonly url: string;
  readonly subject: string;
  readonly audience: string;
  /** Folder of the signing keys; read for every token. */
  readonly keyFolder: string;
  readonly lifetimeSeconds: number;
}

/** A web identity token exchanged for a role, from the environment (IRSA, a Pod Role) or from `aws_web_identity`. */
export interface WebIdentitySource {
  readonly type: "webIdentity";
  readonly origin: "environment" | "settings";
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly durationSeconds?: number;
  readonly token: { readonly file: string } | { readonly text: Secret } | { readonly issuer: TokenIssuer };
  readonly sts: StsEndpoint;
}

/** The container credential endpoint of ECS or EKS Pod Identity: a Pod Role. */
export interface ContainerSource {
  readonly type: "container";
  /** Absolute URL of the credentials. */
  readonly url: string;
  readonly authorizationToken?: Secret;
  /** Read again for every request; wins over `authorizationToken`. */
  readonly authorizationTokenFile?: string;
}

/** The instance metadata service (IMDSv2): the role attached to the instance. */
export interface InstanceMetadataSource {
  readonly type: "instanceMetadata";
  /** Origin of the service, `http://169.254.169.254` unless the environment says otherwise. */
  readonly endpoint: string;
  /** `v1-fallback` only where an operator asked for it. */
  readonly version: "v2-only" | "v1-fallback";
}

/** A value of the service instance, or a file that is read again whenever it is needed. */
export type TextOrFile = { readonly text: Secret } | { readonly file: string };

/** A certificate and its private key, as they are configured. */
export type CertificateMaterial =
  | {
      readonly form: "pem";
      readonly certificate: TextOrFile;
      readonly privateKey: TextOrFile;
      /** Intermediates, besides those in the certificate's own text. */
      readonly chain?: TextOrFile;
      readonly passphrase?: Secret;
    }
  | {
      readonly form: "pkcs12";
      /** Text is base64. */
      readonly bundle: TextOrFile;
      readonly chain?: TextOrFile;
      readonly passphrase?: Secret;
    };

/** A certificate exchanged for a session of a role (IAM Roles Anywhere). */
export interface RolesAnywhereSource {
  readonly type: "rolesAnywhere";
  readonly profileArn: string;
  readonly roleArn: string;
  readonly trustAnchorArn: string;
  /** Without it, AWS names the session after the certificate's serial number. */
  readonly roleSessionName?: string;
  readonly durationSeconds: number;
  readonly material: CertificateMaterial;
  /** Region of the trust anchor, which requests are signed for. */
  readonly region: string;
  /** Full origin (`https://rolesanywhere.us-east-1.amazonaws.com`). */
  readonly url: string;
  readonly proxy?: ProxySettings;
  readonly tls?: TlsSettings;
}

/** A profile of AWS's shared files: keys, roles over other profiles, SSO or a process. */
export interface ProfileSource {
  readonly type: "profile";
  readonly profile: string;
  /** A file that is not named is not read. */
  readonly credentialsFile?: string;
  readonly configFile?: string;
  /** Where the roles of the profile are assumed. */
  readonly sts: StsEndpoint;
}

/** An Aembit Edge API, and as which client it is asked. */
export interface EdgeEndpoint extends Pick<StsEndpoint, "proxy" | "tls"> {
  /** Full origin (`https://<tenant>.ec.<stack>.aembit.io`). */
  readonly url: string;
  /** Region that attestations are signed for. */
  readonly region: string;
  readonly clientId: string;
  readonly resourceSetId?: string;
}

/** AWS credentials that Aembit gives to an identity that AWS attests. */
export interface AembitSource {
  readonly type: "aembit";
  readonly edge: EdgeEndpoint;
  /** The server workload of the access policy. */
  readonly server: { readonly host: string; readonly port: number };
  /** Chooses between several credential providers of the policy. */
  readonly accessKeyId?: string;
  /** Who attests: whom the environment or the instance makes us. */
  readonly attestor: CredentialSource;
}

/** Where the base credentials come from. A configured source that fails is an error, never a reason to try another. */
export type CredentialSource =
  | StaticSource
  | EnvironmentSource
  | WebIdentitySource
  | ContainerSource
  | InstanceMetadataSource
  | RolesAnywhereSource
  | ProfileSource
  | AembitSource;

/** How STS is reached: `aws_sts` of the service instance, made complete. */
export interface StsEndpoint {
  /** Region that signs STS requests and, without `endpoint`, picks the host. */
  readonly region: string;
  /** Full origin (`https://sts.us-east-1.amazonaws.com`), already derived from region, endpoint and sslEnable. */
  readonly url: string;
  readonly proxy?: ProxySettings;
  readonly tls?: TlsSettings;
}

export interface SessionTag {
  readonly Key: string;
  readonly Value: string;
}

/** One AssumeRole call. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export interface AssumeRoleStep {
  /** Which setting asked for it, for logs and errors. */
  readonly origin: "credential_providers" | "aws_iam_role" | "roleName" | "stsParams";
  /** A role ARN; a bare role name only when `skipWhenAttached`. */
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly durationSeconds: number;
  readonly externalId?: string;
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  readonly tags?: readonly SessionTag[];
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly serialNumber?: string;
  readonly tokenCode?: Secret;
  readonly sts: StsEndpoint;
  /** On instance metadata: when the attached role is this very role, its credentials are the result and no call follows. */
  readonly skipWhenAttached?: true;
}

/** What will happen to become somebody, decided before anything is fetched. */
export interface RoleChain {
  /** Name of the entry of `credential_providers` that was chosen; words only, the identity is all in source and steps. */
  readonly provider?: string;
  readonly source: CredentialSource;
  readonly steps: readonly AssumeRoleStep[];
}
