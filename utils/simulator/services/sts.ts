/** Owns the simulated Security Token Service: who may become which role, and for how long. */
import { type Answer, stsNamespace } from "../answer";
import type { Caller } from "../caller";
import type { CredentialStore, TemporaryCredentials } from "../credential-store";
import {
  type ConditionContext,
  callerConditions,
  evaluate,
  evaluateCaller,
  evaluateTrust,
  trustNaming,
} from "../policy";
import { QueryParameters } from "../query-parameters";
import { type Actions, defineService, type SignedCallContext, type SimulatedService } from "../service";
import { Refusal, ServiceFault } from "../service-fault";
import {
  assumeRoleRules,
  parsePolicyDocument,
  sessionTokenRules,
  validateParameters,
  validationError,
  webIdentityRules,
} from "../sts-validation";
import type { WebIdentityTokens } from "../web-identity";
import { type PolicyStatement, type Role, roleArn, type World } from "../world";
import { type XmlValue, xmlDocument } from "../xml";

export interface StsDependencies {
  readonly world: World;
  readonly credentials: CredentialStore;
  readonly tokens: WebIdentityTokens;
}

type StsActions = Actions<QueryParameters>;

function answer(action: string, result: XmlValue, context: SignedCallContext): Answer {
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: context.requestId } };
  return {
    status: 200,
    headers: { "content-type": "text/xml", "x-amzn-requestid": context.requestId },
    body: xmlDocument(`${action}Response`, stsNamespace, content),
  };
}

const credentialsXml = (key: TemporaryCredentials): XmlValue => ({
  AccessKeyId: key.accessKeyId,
  SecretAccessKey: key.secretAccessKey,
  SessionToken: key.sessionToken,
  Expiration: new Date(key.expirationMs).toISOString().replace(".000Z", "Z"),
});

const notAuthorized = (caller: string, action: string, resource: string): Refusal =>
  new Refusal("denied", `User: ${caller} is not authorized to perform: ${action} on resource: ${resource}`);

const tagMap = (parameters: QueryParameters): Record<string, string> =>
  Object.fromEntries(parameters.structures("Tags.member").map((tag) => [tag.get("Key") ?? "", tag.get("Value") ?? ""]));

function checkTags(parameters: QueryParameters, caller: Caller): void {
  const keys = parameters.structures("Tags.member").map((tag) => (tag.get("Key") ?? "").toLowerCase());
  if (new Set(keys).size !== keys.length) {
    throw new ServiceFault(
      "InvalidParameterValue",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      400,
    );
  }
  if (caller.transitiveTagKeys.some((key) => keys.includes(key.toLowerCase()))) {
    const text =
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    throw new ServiceFault("InvalidParameterValue", text, 400);
  }
  const missing = parameters.list("TransitiveTagKeys.member").filter((key) => !keys.includes(key.toLowerCase()));
  if (missing.length > 0) {
    throw new ServiceFault(
      "InvalidParameterValue",
      "The specified transitive tag key must be included in the requested tags.",
      400,
    );
  }
}

/** AWS says which policy is missing where it is the caller's own; of a trust policy it tells nothing, not even that there is one. */
function missingPermission(action: string, caller: Caller, role: Role | undefined, context: ConditionContext): string {
  if (role === undefined || evaluateTrust(role.trust, caller, action, context).verdict !== "allow") return "";
  return evaluateCaller(caller, action, roleArn(role), context) === "explicit-deny"
    ? " with an explicit deny in an identity-based policy"
    : ` because no identity-based policy allows the ${action} action`;
}

/** In the role's own account being named directly is enough; by account, or across accounts, the caller's own policy must allow too. */
function mayDo(action: string, caller: Caller, role: Role, context: ConditionContext): boolean {
  const own = evaluateCaller(caller, action, roleArn(role), context);
  const { verdict, match } = evaluateTrust(role.trust, caller, action, context);
  if (verdict !== "allow" || own === "explicit-deny") return false;
  return (
    own === "allow" ||
    (match === "direct" && caller.accountId === role.accountId && caller.sessionPolicies.length === 0)
  );
}

function checkDuration(parameters: QueryParameters, role: Role, chained: boolean): number {
  const requested = parameters.integer("DurationSeconds") ?? 3600;
  if (chained && requested > 3600) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (requested > role.maxSessionDurationSeconds) {
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return requested;
}

/** @returns the simulated STS */
export function createSts({ world, credentials, tokens }: StsDependencies): SimulatedService {
  const roles = new Map(world.roles.map((role) => [roleArn(role), role]));
  const managed = new Map(world.managedPolicies.map((policy) => [policy.arn, policy.statements]));

  const sessionPolicies = (parameters: QueryParameters): readonly (readonly PolicyStatement[])[] => {
    const inline = parameters.get("Policy");
    const arns = parameters.structures("PolicyArns.member").map((policy) => policy.get("arn") ?? "");
    const statements = arns.flatMap((arn) => {
      const found = managed.get(arn);
      if (found === undefined)
        throw new ServiceFault("MalformedPolicyDocument", `Policy ${arn} does not exist or is not attachable.`, 400);
      return found;
    });
    if (inline === undefined && arns.length === 0) return [];
    return [[...(inline === undefined ? [] : parsePolicyDocument(inline)), ...statements]];
  };

  const session = (role: Role, parameters: QueryParameters, from: Partial<Caller>): Caller => {
    const name = parameters.get("RoleSessionName") as string;
    const inherited = Object.entries(from.sessionTags ?? {}).filter(([key]) => from.transitiveTagKeys?.includes(key));
    const sourceIdentity = parameters.get("SourceIdentity") ?? from.sourceIdentity;
    return {
      type: "role-session",
      accountId: role.accountId,
      arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${name}`,
      userId: `${role.roleId}:${name}`,
      role,
      permissions: role.permissions,
      sessionPolicies: sessionPolicies(parameters),
      sessionTags: { ...Object.fromEntries(inherited), ...tagMap(parameters) },
      transitiveTagKeys: [...(from.transitiveTagKeys ?? []), ...parameters.list("TransitiveTagKeys.member")],
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    };
  };

  const assumeRole: StsActions[string] = {
    roleArn: (parameters) => parameters.get("RoleArn"),
    run(parameters, context) {
      const { caller } = context;
      validateParameters(assumeRoleRules, parameters);
      checkTags(parameters, caller);
      const arn = parameters.get("RoleArn") as string;
      const role = roles.get(arn);
      const conditions: ConditionContext = {
        "sts:externalid": parameters.get("ExternalId"),
        "sts:rolesessionname": parameters.get("RoleSessionName"),
        "sts:sourceidentity": parameters.get("SourceIdentity"),
        ...callerConditions(caller),
        "aws:tagkeys": Object.keys(tagMap(parameters)),
        ...Object.fromEntries(
          Object.entries(tagMap(parameters)).map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, value]),
        ),
      };
      const needed = ["sts:AssumeRole"];
      if (parameters.structures("Tags.member").length > 0) needed.push("sts:TagSession");
      if (parameters.get("SourceIdentity") !== undefined) needed.push("sts:SetSourceIdentity");
      for (const action of needed) {
        if (role === undefined || !mayDo(action, caller, role, conditions)) {
          throw notAuthorized(caller.arn, action, `${arn}${missingPermission(action, caller, role, conditions)}`);
        }
      }
      if (
        caller.sourceIdentity !== undefined &&
        (parameters.get("SourceIdentity") ?? caller.sourceIdentity) !== caller.sourceIdentity
      ) {
        throw notAuthorized(caller.arn, "sts:SetSourceIdentity", arn);
      }
      const known = role as Role;
      const duration = checkDuration(parameters, known, caller.type === "role-session");
      const assumed = session(known, parameters, caller);
      const key = credentials.issue(assumed, duration);
      return answer(
        "AssumeRole",
        {
          AssumedRoleUser: { AssumedRoleId: assumed.userId, Arn: assumed.arn },
          Credentials: credentialsXml(key),
          ...(assumed.sourceIdentity === undefined ? {} : { SourceIdentity: assumed.sourceIdentity }),
          ...(assumed.sessionPolicies.length === 0 ? {} : { PackedPolicySize: 6 }),
        },
        context,
      );
    },
  };

  const assumeRoleWithWebIdentity: StsActions[string] = {
    signature: "none",
    roleArn: (parameters) => parameters.get("RoleArn"),
    run(parameters, context) {
      validateParameters(webIdentityRules, parameters);
      const identity = tokens.verify(parameters.get("WebIdentityToken") as string, context.nowMs);
      const role = roles.get(parameters.get("RoleArn") as string);
      const providerArn = `arn:aws:iam::${identity.provider.accountId}:oidc-provider/${identity.issuer}`;
      const conditions: ConditionContext = {
        [`${identity.issuer.toLowerCase()}:aud`]: identity.audience,
        [`${identity.issuer.toLowerCase()}:sub`]: identity.subject,
        "sts:rolesessionname": parameters.get("RoleSessionName"),
      };
      const speaking = role === undefined ? [] : trustNaming(role.trust, "Federated", providerArn);
      if (
        role === undefined ||
        evaluate(speaking, "sts:AssumeRoleWithWebIdentity", undefined, conditions) !== "allow"
      ) {
        throw new Refusal("denied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
      }
      const duration = checkDuration(parameters, role, false);
      const assumed = session(role, parameters, {});
      const key = credentials.issue(assumed, duration);
      const result = {
        SubjectFromWebIdentityToken: identity.subject,
        Audience: identity.audience,
        Provider: providerArn,
        AssumedRoleUser: { AssumedRoleId: assumed.userId, Arn: assumed.arn },
        Credentials: credentialsXml(key),
      };
      return answer("AssumeRoleWithWebIdentity", result, context);
    },
  };

  const getCallerIdentity: StsActions[string] = {
    run: (_, context) =>
      answer(
        "GetCallerIdentity",
        { Arn: context.caller.arn, UserId: context.caller.userId, Account: context.caller.accountId },
        context,
      ),
  };

  const getSessionToken: StsActions[string] = {
    run(parameters, context) {
      validateParameters(sessionTokenRules, parameters);
      if (context.caller.type === "role-session") {
        throw new Refusal("denied", "Cannot call GetSessionToken with session credentials");
      }
      const key = credentials.issue(context.caller, parameters.integer("DurationSeconds") ?? 43200);
      return answer("GetSessionToken", { Credentials: credentialsXml(key) }, context);
    },
  };

  return defineService<QueryParameters>({
    name: "sts",
    family: "query",
    read(request, payload) {
      const input = QueryParameters.read(request, payload);
      return { action: input.get("Action") ?? "", input };
    },
    actions: {
      AssumeRole: assumeRole,
      AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
      GetCallerIdentity: getCallerIdentity,
      GetSessionToken: getSessionToken,
    },
  });
}
