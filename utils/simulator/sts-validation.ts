/** Owns the checks of STS parameters, in the words STS answers them with. */
import type { QueryParameters } from "./query-parameters";
import { ServiceFault } from "./service-fault";
import type { PolicyStatement } from "./world";

interface Rule {
  readonly parameter: string;
  readonly required?: true;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

const name = { minLength: 2, maxLength: 64, pattern: "[\\w+=,.@-]*" } as const;
const duration: Rule = { parameter: "DurationSeconds", min: 900, max: 43200 };
const roleArn: Rule = { parameter: "RoleArn", required: true, minLength: 20, maxLength: 2048 };
const roleSessionName: Rule = { parameter: "RoleSessionName", required: true, ...name };
const policy: Rule = { parameter: "Policy", minLength: 1, maxLength: 2048 };

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const assumeRoleRules: readonly Rule[] = [
  roleArn,
  roleSessionName,
  policy,
  duration,
  { parameter: "ExternalId", minLength: 2, maxLength: 1224, pattern: "[\\w+=,.@:\\/-]*" },
  { parameter: "SerialNumber", minLength: 9, maxLength: 256, pattern: "[\\w+=/:,.@-]*" },
  { parameter: "TokenCode", minLength: 6, maxLength: 6, pattern: "[\\d]*" },
  { parameter: "SourceIdentity", ...name },
];

export const webIdentityRules: readonly Rule[] = [
  roleArn,
  roleSessionName,
  { parameter: "WebIdentityToken", required: true, minLength: 4, maxLength: 20000 },
  policy,
  duration,
];

export const sessionTokenRules: readonly Rule[] = [{ parameter: "DurationSeconds", min: 900, max: 129600 }];

export const validationError = (message: string): ServiceFault => new ServiceFault("ValidationError", message, 400);

function violations(rule: Rule, value: string | undefined): readonly string[] {
  const member = rule.parameter[0]?.toLowerCase() + rule.parameter.slice(1);
  const fails = (constraint: string): string =>
    `Value ${value === undefined ? "null" : `'${value}'`} at '${member}' failed to satisfy constraint: Member must ${constraint}`;
  if (value === undefined) return rule.required ? [fails("not be null")] : [];
  const found: string[] = [];
  if (rule.minLength !== undefined && value.length < rule.minLength) {
    found.push(fails(`have length greater than or equal to ${rule.minLength}`));
  }
  if (rule.maxLength !== undefined && value.length > rule.maxLength) {
    found.push(fails(`have length less than or equal to ${rule.maxLength}`));
  }
  if (rule.pattern !== undefined && !new RegExp(`^(?:${rule.pattern})$`).test(value)) {
    found.push(fails(`satisfy regular expression pattern: ${rule.pattern}`));
  }
  if (rule.min !== undefined && Number(value) < rule.min)
    found.push(fails(`have value greater than or equal to ${rule.min}`));
  if (rule.max !== undefined && Number(value) > rule.max)
    found.push(fails(`have value less than or equal to ${rule.max}`));
  return found;
}

/** @throws ServiceFault `ValidationError` that lists everything wrong with the parameters */
export function validateParameters(rules: readonly Rule[], parameters: QueryParameters): void {
  const duration = parameters.get("DurationSeconds");
  if (duration !== undefined && !/^-?\d+$/.test(duration)) {
    throw new ServiceFault("MalformedInput", "Invalid Argument", 400);
  }
  const found = rules.flatMap((rule) => violations(rule, parameters.get(rule.parameter)));
  if (found.length > 0) {
    throw validationError(
      `${found.length} validation error${found.length === 1 ? "" : "s"} detected: ${found.join("; ")}`,
    );
  }
  const arn = parameters.get("RoleArn");
  if (arn !== undefined && !/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(arn))
    throw validationError(`${arn} is invalid`);
}

/** @throws ServiceFault `MalformedPolicyDocument` */
export function parsePolicyDocument(text: string): readonly PolicyStatement[] {
  const malformed = (message: string): ServiceFault => new ServiceFault("MalformedPolicyDocument", message, 400);
  let document: { Statement?: unknown };
  try {
    document = JSON.parse(text) as { Statement?: unknown };
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  const statements = [document?.Statement].flat() as Partial<PolicyStatement>[];
  const legal = statements.every(
    (statement) =>
      (statement?.Effect === "Allow" || statement?.Effect === "Deny") &&
      (statement.Action ?? statement.NotAction) !== undefined &&
      (statement.Resource ?? statement.NotResource) !== undefined,
  );
  if (!legal) throw malformed("Syntax errors in policy.");
  return statements as PolicyStatement[];
}
