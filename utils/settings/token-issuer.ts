/** Owns the `issuer` block of `aws_web_identity`: an OpenID Connect issuer of our own. */
import { isAbsolute } from "node:path";
import { AdapterError } from "../errors/adapter-error";
import type { TokenIssuer } from "../types/role-chain";
import { foundText } from "./found-text";

/** The block, complete with defaults. */
export interface TokenIssuerSection {
  readonly url: string;
  readonly subject: string;
  readonly audience: string;
  readonly key_folder: string;
  readonly token_lifetime_seconds: number;
}

/** https://openid.net/specs/openid-connect-core-1_0.html#IDToken on `sub`, which IAM's conditions compare as text */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
const AUDIENCE = /^[\x21-\x7e]{1,255}$/;
/** Of the URL of an IAM identity provider. */
const URL_MAX = 255;

/** Whether anything but what a form fills in by itself is set. */
export function isTokenIssuerGiven({ url, subject, key_folder: folder }: TokenIssuerSection): boolean {
  return [url, subject, folder].some(Boolean);
}

/**
 * @param label - of the block, for errors
 * @throws AdapterError `INVALID_PROPERTIES` naming what is missing or malformed
 */
export function tokenIssuer(section: TokenIssuerSection, label: string): TokenIssuer {
  checkIssuerUrl(`${label}.url`, section.url);
  if (!SUBJECT.test(section.subject)) {
    const expected = "1 to 255 characters without spaces: whom the trust policy of the role names as subject (sub)";
    throw invalid(`${label}.subject`, section.subject, expected);
  }
  if (!AUDIENCE.test(section.audience)) {
    throw invalid(
      `${label}.audience`,
      section.audience,
      "an audience of the identity provider in IAM, sts.amazonaws.com",
    );
  }
  if (!isAbsolute(section.key_folder)) {
    const expected = "the whole path of the folder that adapter-aws oidc keys rotate makes keys in";
    throw invalid(`${label}.key_folder`, section.key_folder, expected);
  }
  return {
    url: section.url,
    subject: section.subject,
    audience: section.audience,
    keyFolder: section.key_folder,
    lifetimeSeconds: section.token_lifetime_seconds,
  };
}

/**
 * AWS compares `iss` with the registered URL as text: what is given is used as it is, so a slash too many is refused here.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 * @throws AdapterError `INVALID_PROPERTIES`
 */
export function checkIssuerUrl(label: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  const fault =
    url === undefined || (url.protocol !== "https:" && !isLocal)
      ? ""
      : text.endsWith("/")
        ? ", with a slash at its end"
        : /[?#\s]/.test(text) || url.username !== "" || url.password !== ""
          ? ", with more than host and path"
          : text.length > URL_MAX
            ? `, ${text.length} characters`
            : undefined;
  if (fault === undefined) return;
  const expected = `the URL of the identity provider in IAM, https://host/path, without a slash at its end, at most ${URL_MAX} characters`;
  throw new AdapterError("INVALID_PROPERTIES", { property: label, found: `${foundText(text)}${fault}`, expected });
}

function invalid(property: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property, found: foundText(found), expected });
}
