/** Owns one step of a role chain: the identity before it assumes the role. */
import { AdapterError } from "../errors/adapter-error";
import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  IdentityProvider,
  IdentityRequest,
} from "../types/identity";
import type { AssumeRoleStep } from "../types/role-chain";
import { isAttachedRole } from "./attached-role";
import { identityOf, type StsCaller } from "./sts-caller";

/** Refusals that a fresh identity before this step may mend. */
const STALE = new Set(["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"]);

/**
 * @param base - who assumes
 * @param words - the step, for errors
 * @returns a provider of the role's session; every call of it is a call of STS, unless the role is the attached one
 * @throws AdapterError `ASSUME_ROLE_FAILED`, or what went wrong on the way to STS, or in the identity before
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function assumeRole(
  base: IdentityProvider,
  step: AssumeRoleStep,
  words: string,
  caller: StsCaller,
): AwsCredentialIdentityProvider {
  const assume = async (identity: AwsCredentialIdentity, request: IdentityRequest): Promise<AwsCredentialIdentity> => {
    const call = {
      endpoint: step.sts,
      identity,
      operation: "AssumeRole" as const,
      failure: "ASSUME_ROLE_FAILED" as const,
      words,
      roleArn: step.roleArn,
      request,
    };
    const output = await caller.call({
      ...call,
      send: (client, { AssumeRoleCommand }) => client.send(new AssumeRoleCommand(assumeRoleInput(step))),
    });
    return identityOf(output.Credentials, caller.clockOffsetMs, call);
  };

  return async (request) => {
    // All steps together have one limit: what the identity before took is gone.
    const left = caller.countdown(request);
    const identity = await base.resolve(left());
    if (step.skipWhenAttached === true && isAttachedRole(identity, step.roleArn, words)) return identity;
    try {
      return await assume(identity, left());
    } catch (error) {
      if (!(error instanceof AdapterError) || !STALE.has(error.aws?.code ?? "")) throw error;
      base.invalidate(identity);
      const fresh = await base.resolve(left());
      if (fresh.accessKeyId === identity.accessKeyId && fresh.sessionToken === identity.sessionToken) throw error;
      return assume(fresh, left());
    }
  };
}

/** @returns the input of AssumeRole, with nothing in it that was not asked for */
function assumeRoleInput(step: AssumeRoleStep) {
  return {
    RoleArn: step.roleArn,
    RoleSessionName: step.roleSessionName,
    DurationSeconds: step.durationSeconds,
    ...(step.externalId === undefined ? {} : { ExternalId: step.externalId }),
    ...(step.policy === undefined ? {} : { Policy: step.policy }),
    ...(step.policyArns === undefined ? {} : { PolicyArns: step.policyArns.map((arn) => ({ arn })) }),
    ...(step.tags === undefined ? {} : { Tags: [...step.tags] }),
    ...(step.transitiveTagKeys === undefined ? {} : { TransitiveTagKeys: [...step.transitiveTagKeys] }),
    ...(step.sourceIdentity === undefined ? {} : { SourceIdentity: step.sourceIdentity }),
    ...(step.serialNumber === undefined ? {} : { SerialNumber: step.serialNumber }),
    ...(step.tokenCode === undefined ? {} : { TokenCode: step.tokenCode.reveal() }),
  };
}
