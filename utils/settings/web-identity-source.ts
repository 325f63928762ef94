/** Owns the `aws_web_identity` block: whose token is exchanged for which role, and for how long. */
import { AdapterError } from "../errors/adapter-error";
import type { StsEndpoint, WebIdentitySource } from "../types/role-chain";
import { Secret } from "../types/secret";
import { checkKeyText } from "./key-text";
import { checkRoleArn, defaultSessionName } from "./role-arn";
import { checkSessionName, checkSessionSeconds } from "./sts-limits";
import { isTokenIssuerGiven, type TokenIssuerSection, tokenIssuer } from "./token-issuer";

/** The block, complete with defaults. */
export interface WebIdentitySection {
  readonly token_file: string;
  readonly token: string;
  readonly issuer: TokenIssuerSection;
  readonly role_arn: string;
  readonly session_name: string;
  readonly duration_seconds: number;
}

const BLOCK = "authentication.aws_web_identity";

/** Whether anything but what a form fills in by itself is set. */
export function isWebIdentityGiven(section: WebIdentitySection): boolean {
  const { token_file: file, token, issuer, role_arn: role, session_name: name } = section;
  return [file, token, role, name].some(Boolean) || isTokenIssuerGiven(issuer);
}

/** @throws AdapterError `INVALID_PROPERTIES` naming what is missing, doubled or malformed */
export function webIdentitySource(
  section: WebIdentitySection,
  { adapterId, sts }: { readonly adapterId: string; readonly sts: StsEndpoint },
): WebIdentitySource {
  const token = tokenOf(section);
  checkRoleArn(`${BLOCK}.role_arn`, section.role_arn, "INVALID_PROPERTIES", sts.region);
  if (section.session_name !== "")
    checkSessionName(`${BLOCK}.session_name`, section.session_name, "INVALID_PROPERTIES");
  checkSessionSeconds(`${BLOCK}.duration_seconds`, section.duration_seconds, "AssumeRoleWithWebIdentity");
  return {
    type: "webIdentity",
    origin: "settings",
    roleArn: section.role_arn,
    roleSessionName: section.session_name === "" ? defaultSessionName(adapterId) : section.session_name,
    durationSeconds: section.duration_seconds,
    token,
    sts,
  };
}

function tokenOf(section: WebIdentitySection): WebIdentitySource["token"] {
  const given = [
    ...(section.token_file === "" ? [] : ["token_file"]),
    ...(section.token === "" ? [] : ["token"]),
    ...(isTokenIssuerGiven(section.issuer) ? ["issuer"] : []),
  ];
  if (given.length !== 1) {
    throw new AdapterError("INVALID_PROPERTIES", {
      property: `${BLOCK}.token_file`,
      found: given.length === 0 ? "neither token_file nor token nor issuer" : `both ${given.join(" and ")}`,
      expected: "one of token_file, token and issuer",
    });
  }
  if (section.token_file !== "") return { file: section.token_file };
  if (section.token === "") return { issuer: tokenIssuer(section.issuer, `${BLOCK}.issuer`) };
  checkKeyText(`${BLOCK}.token`, section.token, "secret");
  return { text: new Secret(section.token) };
}
