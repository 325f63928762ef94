/** Owns the `aws_roles_anywhere` block: a certificate and the role that it is exchanged for, checked, with its endpoint. */
import { AdapterError } from "../errors/adapter-error";
import type { ProxySettings } from "../types/proxy";
import type { CertificateMaterial, RolesAnywhereSource, TextOrFile } from "../types/role-chain";
import { Secret } from "../types/secret";
import type { TlsSettings } from "../types/tls";
import { foundText } from "./found-text";
import { partitionOfRegion } from "./partitions";
import { parseRoleArn } from "./role-arn";
import { endpointUrl } from "./sts-endpoint";
import { checkSessionName } from "./sts-limits";

/** The block, complete with defaults. */
export interface RolesAnywhereSection {
  readonly profile_arn: string;
  readonly role_arn: string;
  readonly trust_anchor_arn: string;
  readonly region: string;
  readonly custom_region: string;
  readonly endpoint: string;
  readonly session_name: string;
  readonly send_session_name: boolean;
  readonly duration_seconds: number;
  readonly certificate: string;
  readonly certificate_file: string;
  readonly private_key: string;
  readonly private_key_file: string;
  readonly certificate_chain: string;
  readonly certificate_chain_file: string;
  readonly pkcs12: string;
  readonly pkcs12_file: string;
  readonly passphrase: string;
}

/** How Roles Anywhere is reached: as all calls are. */
export interface RolesAnywhereRoute {
  readonly useFips: boolean;
  readonly useDualstack: boolean;
  readonly proxy?: ProxySettings | undefined;
  readonly tls?: TlsSettings | undefined;
}

const BLOCK = "authentication.aws_roles_anywhere";
const DEFAULT_REGION = "us-east-1";
const REGION = /^[a-z]+(-[a-z0-9]+)+$/;

/** Whether anything but what a form fills in by itself is set. */
export function isRolesAnywhereGiven(section: RolesAnywhereSection): boolean {
  const { region: _region, send_session_name: _send, duration_seconds: _duration, ...told } = section;
  return Object.values(told).some(Boolean);
}

/**
 * @param section - the block, with at least one name set
 * @throws AdapterError `INVALID_PROPERTIES` naming what is missing, malformed or given twice. Certificate and key are not
 * read here: files may change, and are checked before every session.
 */
export function rolesAnywhereSource(section: RolesAnywhereSection, route: RolesAnywhereRoute): RolesAnywhereSource {
  const anchor = arnOf("trust_anchor_arn", section.trust_anchor_arn, "trust-anchor");
  arnOf("profile_arn", section.profile_arn, "profile");
  if (parseRoleArn(section.role_arn) === undefined) {
    throw invalid("role_arn", section.role_arn, "the ARN of a role, arn:aws:iam::123456789012:role/name");
  }
  if (section.session_name === "") throw invalid("session_name", "", "a name for the sessions");
  checkSessionName(`${BLOCK}.session_name`, section.session_name, "INVALID_PROPERTIES");
  const region = section.custom_region || section.region || anchor.region || DEFAULT_REGION;
  if (!REGION.test(region)) {
    const name = section.custom_region === "" ? "region" : "custom_region";
    throw invalid(name, region, "a region in lower case with dashes, for example us-east-2");
  }
  return {
    type: "rolesAnywhere",
    profileArn: section.profile_arn,
    roleArn: section.role_arn,
    trustAnchorArn: section.trust_anchor_arn,
    ...(section.send_session_name ? { roleSessionName: section.session_name } : {}),
    durationSeconds: section.duration_seconds,
    material: materialOf(section),
    region,
    url: urlOf(section, region, route),
    ...(route.proxy === undefined ? {} : { proxy: route.proxy }),
    ...(route.tls === undefined ? {} : { tls: route.tls }),
  };
}

/** @returns words on what AWS will refuse and yet is left to AWS, whose answer names the field */
export function rolesAnywhereWarnings(source: RolesAnywhereSource): string[] {
  const warnings: string[] = [];
  for (const [name, arn] of [
    ["trust_anchor_arn", source.trustAnchorArn],
    ["profile_arn", source.profileArn],
  ] as const) {
    const region = arn.split(":")[3];
    if (region !== source.region) {
      warnings.push(`${BLOCK}.${name} is of region ${region}, but the session is asked for in ${source.region}`);
    }
  }
  return warnings;
}

function arnOf(name: "trust_anchor_arn" | "profile_arn", text: string, kind: string): { region: string } {
  const match = new RegExp(`^arn:aws[a-z-]*:rolesanywhere:([a-z0-9-]+):\\d{12}:${kind}/[\\w-]+$`).exec(text);
  if (match !== null) return { region: match[1] as string };
  const spaces = text === text.trim() ? "" : " with leading or trailing spaces";
  throw new AdapterError("INVALID_PROPERTIES", {
    property: `${BLOCK}.${name}`,
    found: `${foundText(text)}${spaces}`,
    expected: `the ARN of a ${kind.replace("-", " ")}, arn:aws:rolesanywhere:us-east-1:123456789012:${kind}/id`,
  });
}

/** https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html */
function urlOf(section: RolesAnywhereSection, region: string, route: RolesAnywhereRoute): string {
  if (section.endpoint !== "") return endpointUrl(section.endpoint, "https", `${BLOCK}.endpoint`).origin;
  const partition = partitionOfRegion(region);
  if (partition === undefined) {
    const name = section.custom_region === "" ? "region" : "custom_region";
    throw invalid(name, region, "a region of AWS, for example us-east-1, or an endpoint of your own");
  }
  const host = route.useFips ? "rolesanywhere-fips" : "rolesanywhere";
  return `https://${host}.${region}.${route.useDualstack ? partition.dualstackSuffix : partition.dnsSuffix}`;
}

function materialOf(section: RolesAnywhereSection): CertificateMaterial {
  const bundle = textOrFile(section, "pkcs12");
  const certificate = textOrFile(section, "certificate");
  const privateKey = textOrFile(section, "private_key");
  const chain = textOrFile(section, "certificate_chain");
  const more = {
    ...(chain === undefined ? {} : { chain }),
    ...(section.passphrase === "" ? {} : { passphrase: new Secret(section.passphrase) }),
  };
  if (bundle !== undefined) {
    if (certificate !== undefined || privateKey !== undefined) {
      throw invalid(
        "pkcs12",
        "a bundle and also a certificate or a private key",
        "one of the two: which to use must not be a guess",
      );
    }
    return { form: "pkcs12", bundle, ...more };
  }
  if (certificate === undefined)
    throw invalid("certificate", "", "a certificate, a certificate_file, or a PKCS#12 bundle");
  if (privateKey === undefined)
    throw invalid("private_key", "", "the private key of the certificate, or its private_key_file");
  return { form: "pem", certificate, privateKey, ...more };
}

type FileName = "certificate" | "private_key" | "certificate_chain" | "pkcs12";

function textOrFile(section: RolesAnywhereSection, name: FileName): TextOrFile | undefined {
  const text = section[name];
  const file = section[`${name}_file`];
  if (text !== "" && file !== "") throw invalid(name, `both ${name} and ${name}_file`, "one of them");
  if (file !== "") return { file };
  return text === "" ? undefined : { text: new Secret(text) };
}

function invalid(name: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property: `${BLOCK}.${name}`, found: foundText(found), expected });
}
