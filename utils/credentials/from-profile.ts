/** Owns the identity of a profile of AWS's shared files: read by the SDK, but its roles are assumed through our STS. */
import { devNull } from "node:os";
import type { AssumeRoleCommandInput, AssumeRoleWithWebIdentityCommandInput } from "@aws-sdk/client-sts";
import { AdapterError } from "../errors/adapter-error";
import type { Files } from "../types/files";
import type { HttpHandler } from "../types/http";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, IdentityRequest } from "../types/identity";
import { lazy } from "../types/lazy";
import type { ProfileSource } from "../types/role-chain";
import { httpRequestOf, sdkClientConfig } from "./sdk-client";
import { addSecretsOf, type SecretKeeper } from "./secret-keeper";
import { reasonOf } from "./source-request";
import type { StsCall } from "./sts-call";
import { identityOf, type StsCaller } from "./sts-caller";

/** Profiles are for the few: not loaded before somebody needs one. */
const providers = lazy(
  () => require("@aws-sdk/credential-providers") as typeof import("@aws-sdk/credential-providers"),
);
const sharedFiles = lazy(() => require("@smithy/core/config") as typeof import("@smithy/core/config"));

export interface ProfileDependencies {
  readonly caller: StsCaller;
  /** A handler that goes the way of the STS endpoint: its proxy, its TLS. */
  readonly httpHandlerFor: (endpoint: ProfileSource["sts"]) => HttpHandler;
  readonly files: Files;
  readonly secrets: SecretKeeper;
  readonly userAgent: string;
  readonly timeoutMs: number;
}

/**
 * The profile named and no other; files that are not named are not read.
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED`, or what went wrong on the way to STS
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function fromProfile(
  source: ProfileSource,
  dependencies: ProfileDependencies,
  words: string,
): AwsCredentialIdentityProvider {
  return async (request) => {
    const options = {
      filepath: source.credentialsFile ?? devNull,
      configFilepath: source.configFile ?? devNull,
      ignoreCache: true,
    };
    try {
      const assume = roleAssumer(source, dependencies, words, request);
      const profiles = await sharedFiles().parseKnownFiles(options);
      const route = ssoRoute(profiles, source.profile);
      if (route === undefined) return await providers().fromIni({ ...options, profile: source.profile, ...assume })();
      const clientConfig = ssoClientConfig(source, dependencies, request);
      let identity: AwsCredentialIdentity = await providers().fromSSO({
        ...options,
        profile: route.profile,
        clientConfig,
      })();
      for (const role of route.roles) identity = await assume.roleAssumer(identity, role);
      return identity;
    } catch (thrown) {
      throw thrown instanceof AdapterError ? thrown : failed(thrown, source, dependencies, words);
    }
  };
}

type Profile = Readonly<Record<string, string | undefined>>;

const SSO_SETTINGS = ["sso_start_url", "sso_account_id", "sso_session", "sso_region", "sso_role_name"];

const isSsoProfile = (profile: Profile): boolean => SSO_SETTINGS.some((name) => profile[name] !== undefined);

/**
 * The SDK would read the profile of an SSO session from the usual files, whatever files it was given: so that end of a
 * chain of profiles is read here, and the roles on top of it, innermost first.
 */
function ssoRoute(
  profiles: Readonly<Record<string, Profile>>,
  start: string,
): { readonly profile: string; readonly roles: readonly AssumeRoleCommandInput[] } | undefined {
  const roles: AssumeRoleCommandInput[] = [];
  const seen = new Set<string>();
  for (let name = start; !seen.has(name); ) {
    seen.add(name);
    const profile = profiles[name];
    if (profile === undefined) return undefined;
    if (profile["role_arn"] === undefined || profile["source_profile"] === undefined) {
      return isSsoProfile(profile) && profile["role_arn"] === undefined ? { profile: name, roles } : undefined;
    }
    if (profile["mfa_serial"] !== undefined) return undefined;
    roles.unshift({
      RoleArn: profile["role_arn"],
      RoleSessionName: profile["role_session_name"] ?? "adapter-aws",
      ...(profile["external_id"] === undefined ? {} : { ExternalId: profile["external_id"] }),
      DurationSeconds: Number(profile["duration_seconds"] ?? "3600"),
    });
    name = profile["source_profile"];
  }
  return undefined;
}

function roleAssumer(
  source: ProfileSource,
  { caller, secrets }: ProfileDependencies,
  words: string,
  request: IdentityRequest | undefined,
) {
  const session = async (
    operation: StsCall<unknown>["operation"],
    roleArn: string | undefined,
    identity: AwsCredentialIdentity | undefined,
    send: StsCall<Parameters<typeof identityOf>[0]>["send"],
  ): Promise<AwsCredentialIdentity> => {
    const call = {
      endpoint: source.sts,
      operation,
      failure: "CREDENTIAL_SOURCE_FAILED" as const,
      words,
      roleArn: roleArn ?? "",
      request,
      ...(identity === undefined ? {} : { identity }),
    };
    return identityOf(await caller.call({ ...call, send }), caller.clockOffsetMs, call);
  };
  return {
    roleAssumer: (identity: AwsCredentialIdentity, input: AssumeRoleCommandInput) => {
      addSecretsOf(identity, secrets);
      return session("AssumeRole", input.RoleArn, identity, async (client, { AssumeRoleCommand }) => {
        const output = await client.send(new AssumeRoleCommand(input));
        return output.Credentials;
      });
    },
    roleAssumerWithWebIdentity: (input: AssumeRoleWithWebIdentityCommandInput) => {
      secrets.addSecret(input.WebIdentityToken ?? "");
      const operation = "AssumeRoleWithWebIdentity";
      return session(operation, input.RoleArn, undefined, async (client, { AssumeRoleWithWebIdentityCommand }) => {
        const output = await client.send(new AssumeRoleWithWebIdentityCommand(input));
        return output.Credentials;
      });
    },
  };
}

/** IAM Identity Center is reached the way STS is. */
function ssoClientConfig(
  source: ProfileSource,
  dependencies: ProfileDependencies,
  request: IdentityRequest | undefined,
) {
  const { httpHandlerFor, userAgent, timeoutMs } = dependencies;
  const signal = request?.signal;
  return sdkClientConfig((sdkRequest) =>
    httpHandlerFor(source.sts).handle(httpRequestOf(sdkRequest, userAgent), {
      timeoutMs: request?.timeoutMs ?? timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      responseBody: "buffer",
    }),
  );
}

function failed(
  thrown: unknown,
  source: ProfileSource,
  dependencies: ProfileDependencies,
  words: string,
): AdapterError {
  const { files, secrets } = dependencies;
  const named = [source.credentialsFile, source.configFile].filter((file) => file !== undefined);
  const missing = named.filter((file) => !files.exists(file));
  const absent = missing.length === 0 ? "" : ` (${missing.join(" and ")} cannot be found)`;
  // The command of a credential_process may carry a secret among its arguments.
  const told = reasonOf(thrown).replace(/^Command failed: [^\n]*\n?/, "its credential_process failed: ");
  return new AdapterError(
    "CREDENTIAL_SOURCE_FAILED",
    {
      step: words,
      reason: `${secrets.maskText(told.trim())}${absent}`,
      advice: `Check profile ${source.profile} in ${named.join(" and ")}, and that the user of the platform process may read them.`,
    },
    { cause: thrown, step: words },
  );
}
