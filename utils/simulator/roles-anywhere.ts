/**
 * Owns the simulated IAM Roles Anywhere: CreateSession, with the trust anchors and profiles of the world.
 * https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
 */
import { randomUUID, X509Certificate } from "node:crypto";
import type { Answer } from "./answer";
import type { Caller } from "./caller";
import type { CredentialStore } from "./credential-store";
import type { Outcome } from "./gateway";
import { type Issued, issueCertificate } from "./issue-certificate";
import { evaluate, trustNaming } from "./policy";
import { ServiceFault } from "./service-fault";
import type { WireRequest } from "./wire-request";
import { type Role, type RolesAnywhereProfile, roleArn, type TrustAnchor, type World } from "./world";
import { accessDenied, checkPath, proveX509, type X509Proof } from "./x509-signature";

const service = "rolesanywhere.amazonaws.com";
const trustedActions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
const namePattern = "[\\w+=,.@-]*";

/** @returns `arn:aws:rolesanywhere:<region>:<account>:trust-anchor/<id>` */
export const trustAnchorArn = ({ region, accountId, id }: TrustAnchor): string =>
  `arn:aws:rolesanywhere:${region}:${accountId}:trust-anchor/${id}`;
/** @returns `arn:aws:rolesanywhere:<region>:<account>:profile/<id>` */
export const profileArn = ({ region, accountId, id }: RolesAnywhereProfile): string =>
  `arn:aws:rolesanywhere:${region}:${accountId}:profile/${id}`;

interface SessionInput {
  readonly profileArn: string;
  readonly roleArn: string;
  readonly trustAnchorArn: string;
  readonly durationSeconds: number | undefined;
  readonly roleSessionName: string | undefined;
}

/** What a fault of the simulator is in the words of this service. */
const faults = {
  "503": new ServiceFault("ServiceUnavailableException", "Service is unavailable. Please try again.", 503),
  "500": new ServiceFault("InternalServerException", "An internal error occurred.", 500),
  throttle: new ServiceFault("ThrottlingException", "Rate exceeded", 429),
} as const;

/** In PEM. */
export interface WorkloadCertificate {
  readonly certificate: string;
  readonly privateKey: string;
  readonly chain: string;
}

export class RolesAnywhere {
  #authority: { readonly root: Issued; readonly issuing: Issued } | undefined;

  constructor(
    private readonly world: World,
    private readonly credentials: CredentialStore,
  ) {}

  /** Whether a request is meant for this service, by its path and its kind of signature. */
  serves(request: WireRequest): boolean {
    return request.rawPath === "/sessions" && request.headers.get("authorization")?.startsWith("AWS4-X509") === true;
  }

  /** A certificate that the simulator's own trust anchor vouches for, through one intermediate. */
  issue(commonName: string): WorkloadCertificate {
    const { issuing } = this.#ownAuthority();
    const issued = issueCertificate({ commonName, issuer: issuing });
    return { certificate: issued.pem, privateKey: issued.keyPem, chain: issuing.pem };
  }

  /** @param fault - what goes wrong on purpose */
  handle(request: WireRequest, nowMs: number, fault: string | undefined): Outcome {
    const requestId = randomUUID();
    const outcome: { action: string; roleArn?: string; principalArn?: string } = { action: "CreateSession" };
    try {
      if (fault !== undefined && Object.hasOwn(faults, fault)) throw faults[fault as keyof typeof faults];
      const proof = proveX509(request, nowMs);
      const input = readInput(request);
      outcome.roleArn = input.roleArn;
      const session = this.#session(input, proof, nowMs);
      outcome.principalArn = session.caller.arn;
      return { ...outcome, requestId, answer: this.#answer(session.caller, session.durationSeconds, input, requestId) };
    } catch (thrown) {
      if (!(thrown instanceof ServiceFault)) throw thrown;
      const headers = {
        "content-type": "application/json",
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": thrown.code,
      };
      const answer = { status: thrown.status, headers, body: JSON.stringify({ message: thrown.message }) };
      return { ...outcome, requestId, answer, errorCode: thrown.code };
    }
  }

  #ownAuthority(): { readonly root: Issued; readonly issuing: Issued } {
    if (this.#authority === undefined) {
      const root = issueCertificate({ commonName: "Simulator Root", authority: "ca" });
      const issuing = issueCertificate({ commonName: "Simulator Issuing", authority: "ca", issuer: root });
      this.#authority = { root, issuing };
    }
    return this.#authority;
  }

  #anchorCertificates({ certificates }: TrustAnchor): readonly X509Certificate[] {
    return certificates === undefined
      ? [this.#ownAuthority().root.certificate]
      : certificates.map((pem) => new X509Certificate(pem));
  }

  #session(
    input: SessionInput,
    proof: X509Proof,
    nowMs: number,
  ): { readonly caller: Caller; readonly durationSeconds: number } {
    const here = <T extends { readonly region: string }>(one: T): boolean => one.region === proof.region;
    const anchor = this.world.trustAnchors?.find((one) => here(one) && trustAnchorArn(one) === input.trustAnchorArn);
    if (anchor === undefined) throw new ServiceFault("ResourceNotFoundException", "Trust anchor not found.", 404);
    const profile = this.world.rolesAnywhereProfiles?.find((one) => here(one) && profileArn(one) === input.profileArn);
    if (profile === undefined) throw new ServiceFault("ResourceNotFoundException", "Profile not found.", 404);
    if (anchor.status === "disabled") throw accessDenied("Trust anchor is disabled.");
    if (profile.status === "disabled") throw accessDenied("Profile is disabled.");
    checkPath(proof, this.#anchorCertificates(anchor), nowMs);
    if (input.roleSessionName !== undefined && !profile.acceptsRoleSessionName) {
      throw accessDenied("Not authorized to set roleSessionName.");
    }
    const commonName = /^CN=(.*)$/m.exec(proof.certificate.subject)?.[1] ?? proof.certificate.serialNumber;
    const role = this.world.roles.find((one) => roleArn(one) === input.roleArn);
    const context = {
      "aws:sourcearn": input.trustAnchorArn,
      "sts:sourceidentity": commonName,
      "aws:principaltag/x509subject/cn": commonName,
    };
    if (role === undefined || !profile.roleArns.includes(input.roleArn) || !trusts(role, context)) {
      throw accessDenied(`Unable to assume role for ${input.roleArn}`);
    }
    const wanted = input.durationSeconds ?? profile.durationSeconds;
    const name = input.roleSessionName ?? proof.certificate.serialNumber.toLowerCase();
    return {
      durationSeconds: Math.min(wanted, profile.durationSeconds, role.maxSessionDurationSeconds),
      caller: {
        type: "role-session",
        accountId: role.accountId,
        arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${name}`,
        userId: `${role.roleId}:${name}`,
        role,
        permissions: role.permissions,
        sessionPolicies: [],
        sourceIdentity: commonName,
        sessionTags: { "x509Subject/CN": commonName },
        transitiveTagKeys: [],
      },
    };
  }

  #answer(caller: Caller, durationSeconds: number, input: SessionInput, requestId: string): Answer {
    const key = this.credentials.issue(caller, durationSeconds);
    const [, , , region, accountId] = input.trustAnchorArn.split(":");
    const body = {
      credentialSet: [
        {
          assumedRoleUser: { arn: caller.arn, assumedRoleId: caller.userId },
          credentials: {
            accessKeyId: key.accessKeyId,
            secretAccessKey: key.secretAccessKey,
            sessionToken: key.sessionToken,
            expiration: new Date(key.expirationMs).toISOString().replace(".000Z", "Z"),
          },
          packedPolicySize: 0,
          roleArn: input.roleArn,
          sourceIdentity: caller.sourceIdentity,
        },
      ],
      subjectArn: `arn:aws:rolesanywhere:${region}:${accountId}:subject/${randomUUID()}`,
    };
    const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
    return { status: 201, headers, body: JSON.stringify(body) };
  }
}

const trusts = (role: Role, context: Record<string, string>): boolean =>
  trustedActions.every(
    (action) => evaluate(trustNaming(role.trust, "Service", service), action, undefined, context) === "allow",
  );

/** Parameters are taken from the body or from the query. */
function readInput(request: WireRequest): SessionInput {
  let body: Record<string, unknown>;
  try {
    body = {
      ...Object.fromEntries(new URLSearchParams(request.rawQuery)),
      ...JSON.parse(request.body.toString() || "{}"),
    };
  } catch {
    throw new ServiceFault("ValidationException", "The request body is not valid JSON.", 400);
  }
  const invalid = (member: string, value: unknown, rule: string): ServiceFault => {
    const shown = value === undefined ? "null" : `'${String(value)}'`;
    return new ServiceFault(
      "ValidationException",
      `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: Member must ${rule}`,
      400,
    );
  };
  const arn = (member: string, pattern: RegExp): string => {
    const value = body[member];
    if (typeof value !== "string") throw invalid(member, undefined, "not be null");
    if (!pattern.test(value)) throw invalid(member, value, `satisfy regular expression pattern: ${pattern.source}`);
    return value;
  };
  const { durationSeconds, roleSessionName } = body;
  if (durationSeconds !== undefined && !(Number(durationSeconds) >= 900))
    throw invalid("durationSeconds", durationSeconds, "have value greater than or equal to 900");
  if (durationSeconds !== undefined && !(Number(durationSeconds) <= 43200))
    throw invalid("durationSeconds", durationSeconds, "have value less than or equal to 43200");
  if (roleSessionName !== undefined && !new RegExp(`^${namePattern}$`).test(String(roleSessionName))) {
    throw invalid("roleSessionName", roleSessionName, `satisfy regular expression pattern: ${namePattern}`);
  }
  if (roleSessionName !== undefined && String(roleSessionName).length < 2)
    throw invalid("roleSessionName", roleSessionName, "have length greater than or equal to 2");
  if (roleSessionName !== undefined && String(roleSessionName).length > 64)
    throw invalid("roleSessionName", roleSessionName, "have length less than or equal to 64");
  return {
    profileArn: arn("profileArn", /^arn:aws[a-z-]*:rolesanywhere:[\w-]+:\d{12}:profile\/[\w-]+$/),
    roleArn: arn("roleArn", /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
    trustAnchorArn: arn("trustAnchorArn", /^arn:aws[a-z-]*:rolesanywhere:[\w-]+:\d{12}:trust-anchor\/[\w-]+$/),
    durationSeconds: durationSeconds === undefined ? undefined : Number(durationSeconds),
    roleSessionName: roleSessionName === undefined ? undefined : String(roleSessionName),
  };
}
