/** Owns the `aws_profile` block: a profile of AWS's shared files, and which files those are. */
import { join } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import type { Environment } from "../types/environment";
import type { ProfileSource, StsEndpoint } from "../types/role-chain";
import { foundText } from "./found-text";

/** The block, complete with defaults. */
export interface ProfileSection {
  readonly profile: string;
  readonly credentials_file: string;
  readonly config_file: string;
}

const BLOCK = "authentication.aws_profile";

/**
 * @param section - the block, with at least one name set
 * @param environment - asked for the usual places only when the block names no file
 * @param sts - where the roles of the profile are assumed
 * @throws AdapterError `INVALID_PROPERTIES` without a profile, and where no file can be found out
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
 */
export function profileSource(section: ProfileSection, environment: Environment, sts: StsEndpoint): ProfileSource {
  if (section.profile === "") throw invalid("profile", "", "the name of a profile");
  if (/[\][\r\n]/.test(section.profile)) throw invalid("profile", section.profile, "the name of a profile");
  return { type: "profile", profile: section.profile, ...filesOf(section, environment), sts };
}

function filesOf(
  section: ProfileSection,
  environment: Environment,
): Pick<ProfileSource, "credentialsFile" | "configFile"> {
  const { credentials_file: credentialsFile, config_file: configFile } = section;
  if (credentialsFile !== "" || configFile !== "") {
    return {
      ...(credentialsFile === "" ? {} : { credentialsFile }),
      ...(configFile === "" ? {} : { configFile }),
    };
  }
  return {
    credentialsFile: environment["AWS_SHARED_CREDENTIALS_FILE"] || inHome("credentials", environment),
    configFile: environment["AWS_CONFIG_FILE"] || inHome("config", environment),
  };
}

function inHome(name: string, environment: Environment): string {
  const home = environment["HOME"] || environment["USERPROFILE"];
  if (home) return join(home, ".aws", name);
  throw invalid("credentials_file", "", "a file, as the environment names no home folder");
}

function invalid(name: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property: `${BLOCK}.${name}`, found: foundText(found), expected });
}
