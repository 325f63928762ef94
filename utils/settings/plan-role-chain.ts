/** Owns the decision as whom a call acts: settings, environment and the call's arguments in, a role chain out, nothing fetched. */
import { AdapterError } from "../errors/adapter-error";
import type { CallProperties, StsParams } from "../types/call";
import type { Environment } from "../types/environment";
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../types/role-chain";
import { Secret } from "../types/secret";
import { environmentSource } from "./environment-source";
import { foundText } from "./found-text";
import { checkRoleArn, defaultSessionName, isRoleName } from "./role-arn";
import { isRoleSession } from "./role-session";
import { namedCredentialProvider } from "./select-credential-provider";
import type { CredentialProvider, Settings } from "./settings";
import { checkChainedDuration, policyArn } from "./sts-limits";
import { givenStsParams } from "./sts-params";

const DEFAULT_DURATION_SECONDS = 3600;

/** What a call says about its identity. */
export interface RoleRequest {
  /** `STSRole` for the methods of that suffix: they must name a role. */
  readonly kind: "plain" | "STSRole";
  readonly stsParams?: StsParams | null | undefined;
  readonly roleName?: string | null | undefined;
  readonly callProperties?: CallProperties | undefined;
}

/**
 * @param settings - of the service instance
 * @param environment - of the process
 * @param call - the identity that the call asks for
 * @returns where the base credentials come from, and every AssumeRole that follows, in order
 * @throws AdapterError `INVALID_ROLE_REQUEST` for what the call asks, `INVALID_PROPERTIES` for what the service instance or
 * the environment says, `NO_CREDENTIALS` when no source is left
 */
export function planRoleChain(settings: Settings, environment: Environment, call: RoleRequest): RoleChain {
  const provider = chosenProvider(settings, call.callProperties);
  const params = givenStsParams(call.stsParams);
  const roleName = textOf("roleName", call.roleName);
  checkRequest(call.kind, params, roleName);
  const source =
    provider?.source ?? settings.credentialSource ?? environmentSource(environment, settings.id, settings.sts);
  const wanted = [...baseSteps(settings, provider), ...taskSteps(params, roleName)];
  return {
    ...(provider === undefined ? {} : { provider: provider.name }),
    source,
    steps: folded(wanted).map((step, index) => complete(step, index, source, settings)),
  };
}

function chosenProvider(settings: Settings, properties: CallProperties | undefined): CredentialProvider | undefined {
  const name = textOf("callProperties.credential_provider", properties?.credential_provider, "a name");
  if (name === undefined) return undefined;
  const provider = namedCredentialProvider(settings, name);
  if (provider !== undefined) return provider;
  const names = settings.credentialProviders.map((known) => JSON.stringify(known.name)).join(", ");
  const defined = names === "" ? "it defines none" : `it defines ${names}`;
  throw refused("callProperties.credential_provider", name, `a name that the service instance defines; ${defined}`);
}

/** A role somebody asked for, with the parameters that were given for it. */
interface WantedStep {
  readonly origin: AssumeRoleStep["origin"];
  readonly roleArn: string;
  readonly params: StsParams;
  /** A role named by a setting or by `roleName` may be the one attached to the instance. */
  readonly mayBeAttached: boolean;
}

function checkRequest(kind: RoleRequest["kind"], params: StsParams, roleName: string | undefined): void {
  if (params.RoleArn !== undefined || roleName !== undefined) return;
  const [parameter] = Object.keys(params);
  if (parameter !== undefined) {
    throw refused("stsParams.RoleArn", "", `the ARN of a role, or a roleName that stsParams.${parameter} applies to`);
  }
  if (kind === "STSRole") {
    throw refused(
      "stsParams.RoleArn",
      "",
      "the ARN of a role in stsParams.RoleArn or in roleName, as an STSRole method was called",
    );
  }
}

/** A provider that names a role acts as that role: the global role of everybody else does not come in between. */
function baseSteps({ globalRole }: Settings, provider: CredentialProvider | undefined): WantedStep[] {
  const role = provider?.role;
  if (role !== undefined) {
    return [{ origin: "credential_providers", roleArn: role.RoleArn, params: role, mayBeAttached: true }];
  }
  if (globalRole === undefined) return [];
  return [{ origin: "aws_iam_role", roleArn: globalRole, params: {}, mayBeAttached: true }];
}

function taskSteps(params: StsParams, roleName: string | undefined): WantedStep[] {
  const steps: WantedStep[] = [];
  if (roleName !== undefined) {
    const ofTask = params.RoleArn === undefined ? params : {};
    steps.push({ origin: "roleName", roleArn: roleName, params: ofTask, mayBeAttached: true });
  }
  if (params.RoleArn !== undefined) {
    steps.push({ origin: "stsParams", roleArn: params.RoleArn, params, mayBeAttached: false });
  }
  return steps;
}

/** Equal neighbours are one role: the later one stays, as only it can carry parameters. */
function folded(steps: readonly WantedStep[]): WantedStep[] {
  const kept: WantedStep[] = [];
  for (const step of steps) {
    const previous = kept.at(-1);
    if (previous?.roleArn !== step.roleArn) kept.push(step);
    else kept[kept.length - 1] = { ...step, mayBeAttached: previous.mayBeAttached || step.mayBeAttached };
  }
  return kept;
}

function complete(step: WantedStep, index: number, source: CredentialSource, settings: Settings): AssumeRoleStep {
  const { origin, roleArn, params } = step;
  const skips = index === 0 && source.type === "instanceMetadata" && step.mayBeAttached && !narrows(params);
  if (!(skips && isRoleName(roleArn))) checkArn(step, settings.sts.region, source, index);
  const durationSeconds = params.DurationSeconds ?? DEFAULT_DURATION_SECONDS;
  if (index > 0 || isRoleSession(source)) checkChainedDuration(durationSeconds);
  const externalId = params.ExternalId ?? settings.externalId;
  return {
    origin,
    roleArn,
    roleSessionName: params.RoleSessionName ?? defaultSessionName(settings.id),
    durationSeconds,
    ...(externalId === undefined ? {} : { externalId }),
    ...(params.Policy === undefined ? {} : { policy: params.Policy }),
    ...(params.PolicyArns === undefined
      ? {}
      : { policyArns: params.PolicyArns.map((entry) => String(policyArn(entry))) }),
    ...(params.Tags === undefined ? {} : { tags: params.Tags.map(({ Key, Value }) => ({ Key, Value })) }),
    ...(params.TransitiveTagKeys === undefined ? {} : { transitiveTagKeys: [...params.TransitiveTagKeys] }),
    ...(params.SourceIdentity === undefined ? {} : { sourceIdentity: params.SourceIdentity }),
    ...(params.SerialNumber === undefined ? {} : { serialNumber: params.SerialNumber }),
    ...(params.TokenCode === undefined ? {} : { tokenCode: new Secret(params.TokenCode) }),
    sts: settings.sts,
    ...(skips ? { skipWhenAttached: true as const } : {}),
  };
}

/**
 * Whether parameters change what the session may do or how it is seen: then the attached role's own credentials are not
 * what was asked for, even if the role is the same.
 */
function narrows(params: StsParams): boolean {
  const names = ["Policy", "PolicyArns", "Tags", "TransitiveTagKeys", "SourceIdentity", "SerialNumber"] as const;
  return names.some((name) => params[name] !== undefined);
}

function checkArn(step: WantedStep, stsRegion: string, source: CredentialSource, index: number): void {
  const isSetting = step.origin === "aws_iam_role";
  const label = isSetting
    ? "authentication.aws_iam_role"
    : step.origin === "roleName"
      ? "roleName"
      : "stsParams.RoleArn";
  if (isRoleName(step.roleArn)) {
    const reason =
      source.type !== "instanceMetadata"
        ? "a role's name alone stands for the role attached to an EC2 instance, and the credentials do not come from there"
        : index > 0
          ? "a role's name alone stands for the role attached to the instance, and another role comes before it"
          : "a role's name alone stands for the role attached to the instance as it is";
    throw new AdapterError(isSetting ? "INVALID_PROPERTIES" : "INVALID_ROLE_REQUEST", {
      parameter: label,
      property: label,
      found: foundText(step.roleArn),
      expected: `the ARN of a role, arn:aws:iam::123456789012:role/name (${reason})`,
      reason: "",
    });
  }
  checkRoleArn(label, step.roleArn, isSetting ? "INVALID_PROPERTIES" : "INVALID_ROLE_REQUEST", stsRegion);
}

/** @returns text that was given, `undefined` for null and for empty text */
function textOf(parameter: string, value: unknown, what = "the ARN of a role"): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw refused(parameter, value, `text: ${what}`);
  return value;
}

function refused(parameter: string, found: unknown, expected: string): AdapterError {
  return new AdapterError("INVALID_ROLE_REQUEST", { parameter, found: foundText(found), expected, reason: "" });
}
