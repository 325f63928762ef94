/** Owns the published limits of AssumeRole, checked before a call: each violation names the limit. */
import { AdapterError } from "../errors/adapter-error";
import type { StsParams } from "../types/call";
import { lazy } from "../types/lazy";
import { foundText } from "./found-text";

interface TextLimit {
  readonly min: number;
  readonly max: number;
  readonly pattern: RegExp;
  /** The pattern in words. */
  readonly characters: string;
}

const WORD = "letters, digits and _";
const POLICY_TEXT = /^[\t\n\r\x20-\xff]*$/;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const textLimits = {
  RoleSessionName: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/, characters: `${WORD} and +=,.@-` },
  ExternalId: { min: 2, max: 1224, pattern: /^[\w+=,.@:/-]*$/, characters: `${WORD} and +=,.@:/-` },
  SourceIdentity: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/, characters: `${WORD} and +=,.@-` },
  SerialNumber: { min: 9, max: 256, pattern: /^[\w+=/:,.@-]*$/, characters: `${WORD} and +=/:,.@-` },
  TokenCode: { min: 6, max: 6, pattern: /^\d*$/, characters: "digits" },
  Policy: { min: 1, max: 2048, pattern: POLICY_TEXT, characters: "Latin-1 characters" },
} as const satisfies Record<string, TextLimit>;

/** Made when the first tag comes: what Unicode calls letters takes milliseconds of a cold start. */
const tagText = lazy(() => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
const POLICY_ARN = /^arn:aws[a-z-]*:iam::(?:aws|\d+):policy\/[\x21-\x7e]+$/;
const MAX_TAGS = 50;
const MAX_POLICY_ARNS = 10;
const MIN_DURATION_SECONDS = 900;
const MAX_DURATION_SECONDS = 43_200;
/** Longest session of a role that was assumed by a role. */
export const MAX_CHAINED_SECONDS = 3600;

type RoleErrorCode = "INVALID_PROPERTIES" | "INVALID_ROLE_REQUEST";

function violated(code: RoleErrorCode, name: string, found: string, expected: string, reason = ""): AdapterError {
  return new AdapterError(code, { parameter: name, property: name, found, expected, reason });
}

function checkText(
  code: RoleErrorCode,
  label: string,
  value: unknown,
  limit: TextLimit,
  visibility: "plain" | "secret",
): void {
  const length = limit.min === limit.max ? `${limit.min}` : `${limit.min} to ${limit.max}`;
  const expected = `${length} characters of ${limit.characters}`;
  if (typeof value !== "string") throw violated(code, label, `${foundText(value, visibility)} (no text)`, expected);
  if (value.length < limit.min || value.length > limit.max) {
    throw violated(code, label, `${value.length} characters`, expected);
  }
  if (!limit.pattern.test(value)) throw violated(code, label, foundText(value, visibility), expected);
}

/** @throws AdapterError with `code` when the name is not 2 to 64 of the allowed characters */
export function checkSessionName(label: string, value: string, code: RoleErrorCode): void {
  checkText(code, label, value, textLimits.RoleSessionName, "plain");
}

/** @throws AdapterError `INVALID_PROPERTIES` when the external id of the service instance is not legal */
export function checkExternalId(label: string, value: string): void {
  checkText("INVALID_PROPERTIES", label, value, textLimits.ExternalId, "plain");
}

/**
 * Checks everything but the ARN of the role.
 * @param params - of a task; unset members are absent
 * @throws AdapterError `INVALID_ROLE_REQUEST` naming parameter and limit
 */
export function checkStsParams(params: StsParams): void {
  const code = "INVALID_ROLE_REQUEST";
  for (const [name, limit] of Object.entries(textLimits)) {
    const value = params[name as keyof typeof textLimits];
    if (value !== undefined)
      checkText(code, `stsParams.${name}`, value, limit, name === "TokenCode" ? "secret" : "plain");
  }
  if (params.DurationSeconds !== undefined) {
    const seconds: unknown = params.DurationSeconds;
    const inRange =
      Number.isInteger(seconds) && Number(seconds) >= MIN_DURATION_SECONDS && Number(seconds) <= MAX_DURATION_SECONDS;
    if (!inRange) {
      throw violated(
        code,
        "stsParams.DurationSeconds",
        foundText(seconds),
        `integer from ${MIN_DURATION_SECONDS} to ${MAX_DURATION_SECONDS} seconds`,
      );
    }
  }
  if (params.Policy !== undefined && !isJsonObject(params.Policy)) {
    throw violated(code, "stsParams.Policy", foundText(params.Policy), "a policy document in JSON");
  }
  for (const [name, companion] of [
    ["SerialNumber", "TokenCode"],
    ["TokenCode", "SerialNumber"],
  ] as const) {
    if (params[name] === undefined && params[companion] !== undefined) {
      throw violated(code, `stsParams.${name}`, "nothing", `a value, as ${companion} is set: MFA needs both`);
    }
  }
  checkPolicyArns(params.PolicyArns);
  checkTags(params.Tags, params.TransitiveTagKeys);
}

function checkPolicyArns(arns: unknown): void {
  if (arns === undefined) return;
  const expected = `a list of up to ${MAX_POLICY_ARNS} ARNs of managed policies`;
  if (!Array.isArray(arns) || arns.length > MAX_POLICY_ARNS)
    throw violated("INVALID_ROLE_REQUEST", "stsParams.PolicyArns", foundText(arns), expected);
  arns.forEach((entry: unknown, index) => {
    const arn = policyArn(entry);
    if (typeof arn !== "string" || !POLICY_ARN.test(arn) || arn.length > 2048) {
      throw violated(
        "INVALID_ROLE_REQUEST",
        `stsParams.PolicyArns[${index}]`,
        foundText(arn),
        "the ARN of a managed policy, arn:aws:iam::aws:policy/ReadOnlyAccess",
      );
    }
  });
}

function checkTags(tags: unknown, transitiveKeys: unknown): void {
  const keys = new Set<string>();
  if (tags !== undefined) {
    if (!Array.isArray(tags) || tags.length > MAX_TAGS) {
      throw violated(
        "INVALID_ROLE_REQUEST",
        "stsParams.Tags",
        foundText(tags),
        `a list of up to ${MAX_TAGS} of { Key, Value }`,
      );
    }
    tags.forEach((tag: unknown, index) => {
      const { Key, Value } = (tag ?? {}) as { Key?: unknown; Value?: unknown };
      checkTagText(`stsParams.Tags[${index}].Key`, Key, 1, 128);
      checkTagText(`stsParams.Tags[${index}].Value`, Value, 0, 256);
      // STS compares tag keys without regard to case.
      const folded = (Key as string).toLowerCase();
      if (keys.has(folded))
        throw violated(
          "INVALID_ROLE_REQUEST",
          `stsParams.Tags[${index}].Key`,
          foundText(Key),
          "a key that no other tag has",
        );
      keys.add(folded);
    });
  }
  if (transitiveKeys === undefined) return;
  if (!Array.isArray(transitiveKeys) || transitiveKeys.length > MAX_TAGS) {
    throw violated(
      "INVALID_ROLE_REQUEST",
      "stsParams.TransitiveTagKeys",
      foundText(transitiveKeys),
      `a list of up to ${MAX_TAGS} tag keys`,
    );
  }
  transitiveKeys.forEach((key: unknown, index) => {
    const label = `stsParams.TransitiveTagKeys[${index}]`;
    checkTagText(label, key, 1, 128);
    if (!keys.has((key as string).toLowerCase())) {
      throw violated("INVALID_ROLE_REQUEST", label, foundText(key), "the key of one of stsParams.Tags");
    }
  });
}

function checkTagText(label: string, value: unknown, min: number, max: number): void {
  checkText(
    "INVALID_ROLE_REQUEST",
    label,
    value,
    { min, max, pattern: tagText(), characters: "letters, digits, spaces and _.:/=+-@" },
    "plain",
  );
}

/** @returns the ARN of an entry of PolicyArns, which STS writes as an object and people as text */
export function policyArn(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null ? (entry as { arn?: unknown }).arn : entry;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Longest session of any kind: GetSessionToken and GetFederationToken of a user, never of a role. */
const MAX_USER_SESSION_SECONDS = 129_600;

/**
 * Federation services let people ask for up to 36 hours, which is why the excess is explained.
 * @throws AdapterError `INVALID_PROPERTIES` when the session of a role can never last so long
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
export function checkSessionSeconds(
  label: string,
  seconds: number,
  operation: "AssumeRole" | "AssumeRoleWithWebIdentity",
): void {
  if (seconds >= MIN_DURATION_SECONDS && seconds <= MAX_DURATION_SECONDS) return;
  const why =
    seconds > MAX_DURATION_SECONDS && seconds <= MAX_USER_SESSION_SECONDS
      ? `: ${operation} ends at 12 hours and at the maximum session duration of the role; up to ${MAX_USER_SESSION_SECONDS} seconds (36 hours) is for sessions that users ask for, not for roles`
      : "";
  const expected = `integer from ${MIN_DURATION_SECONDS} to ${MAX_DURATION_SECONDS} seconds${why}`;
  throw violated("INVALID_PROPERTIES", label, foundText(seconds), expected);
}

/** @throws AdapterError `INVALID_ROLE_REQUEST` when a role assumed by a role shall last longer than an hour */
export function checkChainedDuration(seconds: number): void {
  if (seconds <= MAX_CHAINED_SECONDS) return;
  throw violated(
    "INVALID_ROLE_REQUEST",
    "stsParams.DurationSeconds",
    `${seconds} seconds for a role that is assumed by another role`,
    `${MAX_CHAINED_SECONDS} at most`,
    "AWS limits the session of a role that a role assumes (role chaining) to 1 hour, whatever the maximum of the role.",
  );
}
