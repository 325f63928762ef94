/** Owns the words for a role chain: what logs, metrics, errors and `explain` say about it, without a secret. */
import type { AssumeRoleStep, CredentialSource, RoleChain } from "../types/role-chain";

/** @returns who the base credentials belong to and where they come from */
export function describeSource(source: CredentialSource): string {
  switch (source.type) {
    case "static":
      return "Adapter Role (aws_access_key)";
    case "environment":
      return "Pod Role (environment)";
    case "webIdentity":
      return source.origin === "environment"
        ? `Pod Role (web identity ${source.roleArn})`
        : "issuer" in source.token
          ? `Adapter Role (aws_web_identity ${source.roleArn}, with tokens of ${source.token.issuer.url})`
          : `Adapter Role (aws_web_identity ${source.roleArn})`;
    case "container":
      return `Pod Role (container credentials ${new URL(source.url).origin})`;
    case "rolesAnywhere":
      return `Adapter Role (IAM Roles Anywhere ${source.roleArn})`;
    case "profile":
      return `Adapter Role (profile ${source.profile})`;
    case "aembit":
      return `Adapter Role (Aembit ${source.edge.url}, attested as ${describeSource(source.attestor)})`;
    case "instanceMetadata":
      return `instance role (instance metadata ${source.endpoint})`;
  }
}

/**
 * In one piece, as it is kept for each role: V8 keeps a template with all of its parts.
 * @returns what one step does and which setting asked for it
 */
export function describeStep(step: AssumeRoleStep): string {
  const attached = step.skipWhenAttached === true ? ", no call if attached to the instance" : "";
  return ["AssumeRole ", step.roleArn, " (", step.origin, attached, ")"].join("");
}

/** @returns the whole chain in words, step by step */
export function describeRoleChain(chain: RoleChain): { source: string; steps: string[] } {
  const source = describeSource(chain.source);
  const named = chain.provider === undefined ? source : `credential provider ${chain.provider}: ${source}`;
  return { source: named, steps: chain.steps.map(describeStep) };
}
