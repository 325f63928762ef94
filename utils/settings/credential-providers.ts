/** Owns `credential_providers`: the named identities of a service instance, checked, each with its source and its role. */
import { AdapterError } from "../errors/adapter-error";
import { type CredentialSection, configuredSource, type SourceContext } from "./configured-source";
import { foundText } from "./found-text";
import { checkRoleArn } from "./role-arn";
import { isRoleSession } from "./role-session";
import type { CredentialProvider } from "./settings";
import { checkExternalId, checkSessionName, checkSessionSeconds, MAX_CHAINED_SECONDS } from "./sts-limits";

/** One entry of the list, complete with defaults. */
export interface CredentialProviderSection extends CredentialSection {
  readonly name: string;
  readonly access_key_id_selector: string;
  readonly role_arn: string;
  readonly external_id: string;
  readonly session_name: string;
  readonly duration_seconds: number;
}

const LIST = "authentication.credential_providers";
/** Clients put the selector where an access key id stands, and AWS writes those in upper case. */
const SELECTOR = /^[A-Z0-9_]{1,128}$/;

/**
 * @param sections - the list of the service instance
 * @param context - what the sources have in common with that of the service instance itself
 * @throws AdapterError `INVALID_PROPERTIES` naming the entry: no name, a name or selector given twice, half a pair of keys …
 */
export function credentialProviders(
  sections: readonly CredentialProviderSection[],
  context: SourceContext,
): CredentialProvider[] {
  checkUnique(sections, "name");
  checkUnique(sections, "access_key_id_selector");
  return sections.map((section, index) => provider(section, `${LIST}.${index}`, context));
}

function checkUnique(sections: readonly CredentialProviderSection[], member: "name" | "access_key_id_selector"): void {
  const seen = new Map<string, number>();
  sections.forEach((section, index) => {
    const value = section[member];
    const earlier = seen.get(value);
    if (value !== "" && earlier !== undefined) {
      throw invalid(`${LIST}.${index}.${member}`, value, `another one, as ${LIST}.${earlier} has it already`);
    }
    seen.set(value, index);
  });
}

function provider(section: CredentialProviderSection, entry: string, context: SourceContext): CredentialProvider {
  const { name, access_key_id_selector: selector } = section;
  if (name === "" || name !== name.trim()) throw invalid(`${entry}.name`, name, "a name, without spaces around it");
  if (selector !== "" && !SELECTOR.test(selector)) {
    throw invalid(
      `${entry}.access_key_id_selector`,
      selector,
      "upper case letters, digits and _, for example AKIADUMMYFORROLEA",
    );
  }
  const source = sourceOf(section, entry, context);
  if (source === undefined && section.role_arn === "") {
    throw invalid(
      `${entry}.role_arn`,
      "",
      "a role, or keys or another block of credentials: it would be nobody in particular",
    );
  }
  return {
    name,
    ...(selector === "" ? {} : { accessKeyIdSelector: selector }),
    ...(source === undefined ? {} : { source }),
    ...roleOf(section, entry, context, source),
  };
}

/** The blocks name their properties as those of the service instance: here they belong to an entry. */
function sourceOf(
  section: CredentialProviderSection,
  entry: string,
  context: SourceContext,
): CredentialProvider["source"] {
  try {
    return configuredSource(section, context);
  } catch (thrown) {
    if (!(thrown instanceof AdapterError) || thrown.code !== "INVALID_PROPERTIES") throw thrown;
    const property = String(thrown.detail["property"]).replace(/^authentication\b/, entry);
    throw new AdapterError("INVALID_PROPERTIES", { ...thrown.detail, property }, { cause: thrown });
  }
}

function roleOf(
  section: CredentialProviderSection,
  entry: string,
  { sts }: SourceContext,
  source: CredentialProvider["source"],
): Pick<CredentialProvider, "role"> {
  const { role_arn: roleArn, external_id: externalId, session_name: sessionName } = section;
  if (roleArn === "") {
    if (externalId === "" && sessionName === "") return {};
    const given = externalId === "" ? "session_name" : "external_id";
    throw invalid(`${entry}.role_arn`, "", `a role, as ${given} is for its session`);
  }
  checkRoleArn(`${entry}.role_arn`, roleArn, "INVALID_PROPERTIES", sts.region);
  if (externalId !== "") checkExternalId(`${entry}.external_id`, externalId);
  if (sessionName !== "") checkSessionName(`${entry}.session_name`, sessionName, "INVALID_PROPERTIES");
  checkSessionSeconds(`${entry}.duration_seconds`, section.duration_seconds, "AssumeRole");
  if (source !== undefined && isRoleSession(source) && section.duration_seconds > MAX_CHAINED_SECONDS) {
    const expected = `at most ${MAX_CHAINED_SECONDS}, AWS's limit for a role that is assumed by a role's session`;
    throw invalid(`${entry}.duration_seconds`, String(section.duration_seconds), expected);
  }
  return {
    role: {
      RoleArn: roleArn,
      DurationSeconds: section.duration_seconds,
      ...(externalId === "" ? {} : { ExternalId: externalId }),
      ...(sessionName === "" ? {} : { RoleSessionName: sessionName }),
    },
  };
}

function invalid(property: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property, found: foundText(found), expected });
}
