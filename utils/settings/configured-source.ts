/** Owns which credentials the service instance itself holds: keys, a web identity token, a certificate, or none. */
import { AdapterError } from "../errors/adapter-error";
import type { Environment } from "../types/environment";
import type { StsEndpoint } from "../types/role-chain";
import { Secret } from "../types/secret";
import { type AembitSection, aembitSource, isAembitGiven } from "./aembit-source";
import { environmentSource } from "./environment-source";
import { checkKeyText, checkNotSwapped } from "./key-text";
import { type ProfileSection, profileSource } from "./profile-source";
import {
  isRolesAnywhereGiven,
  type RolesAnywhereRoute,
  type RolesAnywhereSection,
  rolesAnywhereSource,
} from "./roles-anywhere-source";
import type { ConfiguredSource } from "./settings";
import { isWebIdentityGiven, type WebIdentitySection, webIdentitySource } from "./web-identity-source";

/** The part of `authentication` that names credentials, complete with defaults. */
export interface CredentialSection {
  readonly aws_access_key: string;
  readonly aws_secret_key: string;
  readonly aws_session_token: string;
  readonly aws_web_identity: WebIdentitySection;
  readonly aws_roles_anywhere: RolesAnywhereSection;
  readonly aws_profile: ProfileSection;
  readonly aembit: AembitSection;
}

/** What the sources of one service instance have in common. */
export interface SourceContext {
  /** Makes the session name where none is given. */
  readonly adapterId: string;
  /** Where a token is exchanged, and where the roles of a profile are assumed. */
  readonly sts: StsEndpoint;
  /** How a certificate is exchanged. */
  readonly route: RolesAnywhereRoute;
  /** Names the usual places of shared files. */
  readonly environment: Environment;
}

const path = (name: string): string => `authentication.${name}`;

const isGiven = (block: object | undefined): boolean =>
  Object.values(block ?? {}).some((value) => value !== "" && value !== null && value !== undefined);

/**
 * @param section - names of the service instance; empty strings count as not configured
 * @param context - what decides about a source besides its own block
 * @returns the one source that is configured, or `undefined`: then the environment decides
 * @throws AdapterError `INVALID_PROPERTIES` for half a pair, and for two sources at once
 */
export function configuredSource(section: CredentialSection, context: SourceContext): ConfiguredSource | undefined {
  const blocks = {
    "aws_access_key and aws_secret_key": [
      section.aws_access_key,
      section.aws_secret_key,
      section.aws_session_token,
    ].some(Boolean),
    aws_web_identity: isWebIdentityGiven(section.aws_web_identity),
    aws_roles_anywhere: isRolesAnywhereGiven(section.aws_roles_anywhere),
    aws_profile: isGiven(section.aws_profile),
    aembit: isAembitGiven(section.aembit),
  };
  const given = Object.entries(blocks).flatMap(([name, isSet]) => (isSet ? [name] : []));
  if (given.length > 1) {
    throw new AdapterError("INVALID_PROPERTIES", {
      property: "authentication",
      found: given.join(" and also "),
      expected: "one of them: whom to act as must not be a guess",
    });
  }
  if (blocks.aws_web_identity) return webIdentitySource(section.aws_web_identity, context);
  if (blocks.aws_roles_anywhere) return rolesAnywhereSource(section.aws_roles_anywhere, context.route);
  if (blocks.aembit) return aembit(section.aembit, context);
  if (blocks.aws_profile) return profileSource(section.aws_profile, context.environment, context.sts);
  return given.length === 0 ? undefined : keys(section);
}

function aembit(section: AembitSection, { environment, adapterId, sts, route }: SourceContext): ConfiguredSource {
  const attestor = environmentSource(environment, adapterId, sts);
  return aembitSource(section, attestor, { ...route, stsRegion: sts.region });
}

function keys(section: CredentialSection): ConfiguredSource {
  for (const [name, companion] of [
    ["aws_access_key", "aws_secret_key"],
    ["aws_secret_key", "aws_access_key"],
  ] as const) {
    if (section[name] !== "") continue;
    const given = section[companion] === "" ? "aws_session_token" : companion;
    throw new AdapterError("INVALID_PROPERTIES", {
      property: path(name),
      found: "nothing",
      expected: `a value, as ${given} is set: keys come as a pair (or leave all of them empty to use the environment)`,
    });
  }
  checkNotSwapped(path("aws_access_key"), section.aws_access_key, section.aws_secret_key);
  checkKeyText(path("aws_access_key"), section.aws_access_key, "plain");
  checkKeyText(path("aws_secret_key"), section.aws_secret_key, "secret");
  checkKeyText(path("aws_session_token"), section.aws_session_token, "secret");
  return {
    type: "static",
    accessKeyId: section.aws_access_key,
    secretAccessKey: new Secret(section.aws_secret_key),
    ...(section.aws_session_token === "" ? {} : { sessionToken: new Secret(section.aws_session_token) }),
  };
}
