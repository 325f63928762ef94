/**
 * Owns the evaluation of IAM policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { Caller } from "./caller";
import { Refusal } from "./service-fault";
import { type PolicyStatement, roleArn, type TrustStatement } from "./world";

/** Condition keys of a request, lower case; an absent key is absent. */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;
export type Verdict = "allow" | "explicit-deny" | "implicit-deny";

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** `*` is any run of characters, `?` any one. */
export function matchesPattern(pattern: string, value: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let position = 0;
  while (position < value.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at++;
      retry = position;
    } else if (wanted === "?" || (wanted !== undefined && wanted === value[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

type Operator = (found: readonly string[], wanted: readonly string[]) => boolean;
const any =
  (test: (wanted: string, found: string) => boolean): Operator =>
  (found, wanted) =>
    found.some((value) => wanted.some((pattern) => test(pattern, value)));
const not =
  (operator: Operator): Operator =>
  (found, wanted) =>
    !operator(found, wanted);
const equals = any((wanted, found) => wanted === found);
const like = any(matchesPattern);

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: equals,
  StringNotEquals: not(equals),
  StringEqualsIgnoreCase: any((wanted, found) => wanted.toLowerCase() === found.toLowerCase()),
  StringLike: like,
  StringNotLike: not(like),
  ArnEquals: like,
  ArnLike: like,
  ArnNotLike: not(like),
  Bool: any((wanted, found) => wanted.toLowerCase() === found.toLowerCase()),
  "ForAnyValue:StringEquals": equals,
  "ForAnyValue:StringLike": like,
  "ForAllValues:StringEquals": (found, wanted) => found.every((value) => wanted.includes(value)),
  "ForAllValues:StringLike": (found, wanted) =>
    found.every((value) => wanted.some((pattern) => matchesPattern(pattern, value))),
  Null: (found, wanted) => wanted.includes(found.length === 0 ? "true" : "false"),
};

function conditionsHold(statement: PolicyStatement, context: ConditionContext): boolean {
  return Object.entries(statement.Condition ?? {}).every(([name, keys]) => {
    const ifExists = name.endsWith("IfExists");
    const operator = operators[ifExists ? name.slice(0, -"IfExists".length) : name];
    if (operator === undefined) return false;
    return Object.entries(keys).every(([key, wanted]) => {
      const found = list(context[key.toLowerCase()]);
      return (ifExists && found.length === 0) || operator(found, list(wanted));
    });
  });
}

function applies(
  statement: PolicyStatement,
  action: string,
  resource: string | undefined,
  context: ConditionContext,
): boolean {
  const lowerAction = action.toLowerCase();
  const named = (patterns: string | readonly string[] | undefined): boolean =>
    list(patterns).some((pattern) => matchesPattern(pattern.toLowerCase(), lowerAction));
  const reached = (patterns: string | readonly string[] | undefined): boolean =>
    list(patterns).some((pattern) => matchesPattern(pattern, resource ?? "*"));
  if (statement.NotAction === undefined ? !named(statement.Action) : named(statement.NotAction)) return false;
  if (resource !== undefined) {
    if (statement.NotResource === undefined ? !reached(statement.Resource) : reached(statement.NotResource))
      return false;
  }
  return conditionsHold(statement, context);
}

/** @param resource - undefined where the policy itself belongs to the resource, as trust policies do */
export function evaluate(
  statements: readonly PolicyStatement[],
  action: string,
  resource: string | undefined,
  context: ConditionContext,
): Verdict {
  let verdict: Verdict = "implicit-deny";
  for (const statement of statements) {
    if (!applies(statement, action, resource, context)) continue;
    if (statement.Effect === "Deny") return "explicit-deny";
    verdict = "allow";
  }
  return verdict;
}

/** What the identity itself may do: its permissions, and every session policy as well. */
export function evaluateCaller(caller: Caller, action: string, resource: string, context: ConditionContext): Verdict {
  const verdicts = [caller.permissions, ...caller.sessionPolicies].map((statements) =>
    evaluate(statements, action, resource, context),
  );
  if (verdicts.includes("explicit-deny")) return "explicit-deny";
  return verdicts.every((verdict) => verdict === "allow") ? "allow" : "implicit-deny";
}

/**
 * @throws Refusal `denied`, in AWS's sentence, when `caller` may not do `action` on one of `resources`
 */
export function authorize(
  caller: Caller,
  action: string,
  resources: readonly string[],
  context: ConditionContext,
): void {
  for (const resource of resources) {
    const verdict = evaluateCaller(caller, action, resource, context);
    if (verdict === "allow") continue;
    const because =
      verdict === "explicit-deny"
        ? "with an explicit deny in an identity-based policy"
        : evaluate(caller.permissions, action, resource, context) === "allow"
          ? `because no session policy allows the ${action} action`
          : `because no identity-based policy allows the ${action} action`;
    const on = resource === "*" ? "" : ` on resource: ${resource}`;
    throw new Refusal("denied", `User: ${caller.arn} is not authorized to perform: ${action}${on} ${because}`);
  }
}

/** Condition keys that say who is calling: ARN, account, session tags, source identity. */
export function callerConditions(caller: Caller): ConditionContext {
  const tags = Object.entries(caller.sessionTags).map(([key, value]) => [
    `aws:principaltag/${key.toLowerCase()}`,
    value,
  ]);
  return {
    "aws:principalarn": caller.role === undefined ? caller.arn : roleArn(caller.role),
    "aws:principalaccount": caller.accountId,
    "aws:sourceidentity": caller.sourceIdentity,
    ...Object.fromEntries(tags),
  };
}

/** How a trust statement names a caller: as itself, by its account, or not at all. */
export type TrustMatch = "direct" | "account" | "none";

function principalMatch(statement: TrustStatement, caller: Caller): TrustMatch {
  if (statement.Principal === "*") return "direct";
  const names = list(statement.Principal.AWS);
  const own = new Set([caller.arn, "*", ...(caller.role === undefined ? [] : [roleArn(caller.role)])]);
  if (names.some((name) => own.has(name))) return "direct";
  const account = [caller.accountId, `arn:aws:iam::${caller.accountId}:root`];
  return names.some((name) => account.includes(name)) ? "account" : "none";
}

/**
 * What a role's trust policy says of an AWS caller.
 * @returns the verdict, and whether the caller was named directly (in its own account that is enough) or by its account
 */
export function evaluateTrust(
  trust: readonly TrustStatement[],
  caller: Caller,
  action: string,
  context: ConditionContext,
): { readonly verdict: Verdict; readonly match: TrustMatch } {
  const speaking = trust.filter((statement) => principalMatch(statement, caller) !== "none");
  const verdict = evaluate(speaking, action, undefined, context);
  const direct = speaking.filter((statement) => principalMatch(statement, caller) === "direct");
  const match =
    evaluate(direct, action, undefined, context) === "allow" ? "direct" : speaking.length > 0 ? "account" : "none";
  return { verdict, match };
}

/** Trust statements that name a service (`ec2.amazonaws.com`) or a federated provider's ARN. */
export const trustNaming = (
  trust: readonly TrustStatement[],
  kind: "Service" | "Federated",
  name: string,
): readonly TrustStatement[] =>
  trust.filter((statement) => statement.Principal !== "*" && list(statement.Principal[kind]).includes(name));
