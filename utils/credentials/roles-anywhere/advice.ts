/** Owns what to do about each refusal of Roles Anywhere, one table, and about a way to it that is closed. */
import { X509Certificate } from "node:crypto";
import type { AdapterError, AwsFault } from "../../errors/adapter-error";
import type { RolesAnywhereSource } from "../../types/role-chain";
import type { SigningMaterial } from "./signing-material";

type Advice = (source: RolesAnywhereSource, material: SigningMaterial, nowMs: number) => string;

const BLOCK = "aws_roles_anywhere";

/** First that fits: AWS has one code for most refusals, so its words decide. */
const TABLE: readonly { readonly when: RegExp; readonly advice: Advice }[] = [
  {
    when: /untrusted (signing )?certificate|unable to (build|verify|find).*(chain|path)|certificate chain/i,
    advice: (source, { leaf, chain }, nowMs) =>
      `${endedWords(chain, nowMs)}The trust anchor ${source.trustAnchorArn} must hold the authority that the certificate leads to. The certificate was issued by ${leaf.issuer.replaceAll("\n", ", ")}, and ${chain.length === 0 ? `no intermediates were sent: set ${BLOCK}.certificate_chain if the trust anchor is not the issuer itself` : `${chain.length} intermediate${chain.length === 1 ? " was" : "s were"} sent`}. It must be of version 3, an end entity's, with key usage digitalSignature.`,
  },
  {
    when: /revoked/i,
    advice: () => "The certificate is on the revocation list of the trust anchor: have a new one issued.",
  },
  {
    when: /roleSessionName/i,
    advice: ({ profileArn }) =>
      `Let the profile ${profileArn} accept custom role session names, or set ${BLOCK}.send_session_name to false.`,
  },
  {
    when: /disabled|not enabled/i,
    advice: ({ profileArn, trustAnchorArn }) =>
      `Enable the profile ${profileArn} and the trust anchor ${trustAnchorArn} in IAM Roles Anywhere.`,
  },
  {
    when: /durationSeconds|session duration/i,
    advice: () => `Set ${BLOCK}.duration_seconds to what profile and role allow, 3600 unless they were raised.`,
  },
  {
    when: /assume|AssumeRole|not authorized to perform/i,
    advice: ({ roleArn, profileArn, trustAnchorArn }) =>
      `The trust policy of ${roleArn} must allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity to the principal rolesanywhere.amazonaws.com, with conditions that trust anchor ${trustAnchorArn} and this certificate meet, and the profile ${profileArn} must list the role.`,
  },
  {
    when: /signature/i,
    advice: () =>
      "The signature was made with the key of the certificate: look for a proxy that changes requests, and for the clock of the platform server.",
  },
  {
    when: /ResourceNotFound|not found|does not exist/i,
    advice: ({ region }) => `Check profile_arn, trust_anchor_arn and role_arn of ${BLOCK}: ${region} was asked.`,
  },
  {
    when: /Thrott|TooManyRequests|rate exceeded/i,
    advice: ({ region }) =>
      `Roles Anywhere takes ten CreateSession a second in ${region}. Let instances share one session (credential_cache.name, or credential_cache.type file), or have the quota raised.`,
  },
  { when: /Validation/i, advice: () => `Correct the field of ${BLOCK} that the message names.` },
];

/** AWS does not say that an intermediate is over; another way to the trust anchor may do without it, so it is sent all the same. */
function endedWords(chain: SigningMaterial["chain"], nowMs: number): string {
  const ended = chain.map((raw) => new X509Certificate(raw)).find(({ validTo }) => Date.parse(validTo) < nowMs);
  if (ended === undefined) return "";
  return `The intermediate ${ended.subject.replaceAll("\n", ", ")} expired on ${ended.validTo}: have it replaced. `;
}

/**
 * @param nowMs - epoch milliseconds that validity is judged by
 * @returns what to change, from AWS's code and words
 */
export function refusalAdvice(
  fault: AwsFault,
  source: RolesAnywhereSource,
  material: SigningMaterial,
  nowMs: number,
): string {
  const text = `${fault.code} ${fault.message}`;
  const found = TABLE.find(({ when }) => when.test(text));
  return (
    found?.advice(source, material, nowMs) ??
    `Check profile_arn, trust_anchor_arn and role_arn of ${BLOCK}; AWS CloudTrail shows the event CreateSession.`
  );
}

/** @returns advice for a failure before any answer */
export function routeAdvice(error: AdapterError, { url, proxy }: RolesAnywhereSource): string {
  const over =
    proxy === undefined ? "directly" : `through ${proxy.host}${proxy.port === undefined ? "" : `:${proxy.port}`}`;
  return error.code === "TLS_FAILED"
    ? `${url} was called ${over}: set ssl.ca_file to the authority that issued its certificate, if a proxy opens TLS.`
    : `${url} was called ${over}: check region and endpoint of ${BLOCK}, the proxy of the service instance, and the firewall.`;
}
