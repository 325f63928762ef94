/** Owns the identity that STS gives for a web identity token: IRSA, and any OpenID Connect provider. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { GuardedFiles } from "../types/files";
import type { AwsCredentialIdentityProvider } from "../types/identity";
import { lazy } from "../types/lazy";
import type { WebIdentitySource } from "../types/role-chain";
import { readTokenFile } from "./read-token-file";
import type { SecretKeeper } from "./secret-keeper";
import { identityOf, type StsCaller } from "./sts-caller";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const TOKEN_MIN = 4;
const TOKEN_MAX = 20_000;

const issuerModule = lazy(() => require("./oidc/issue-token") as typeof import("./oidc/issue-token"));

export interface WebIdentityDependencies {
  readonly caller: StsCaller;
  readonly files: GuardedFiles;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: SecretKeeper;
}

/**
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` for the token and for a refusal of STS, or what went wrong on the way there
 */
export function fromWebIdentity(
  source: WebIdentitySource,
  dependencies: WebIdentityDependencies,
  words: string,
): AwsCredentialIdentityProvider {
  const { caller, secrets } = dependencies;
  return async (request) => {
    const { token: given } = source;
    const call = {
      endpoint: source.sts,
      operation: "AssumeRoleWithWebIdentity" as const,
      failure: "CREDENTIAL_SOURCE_FAILED" as const,
      words,
      roleArn: source.roleArn,
      ...("issuer" in given ? { issuer: given.issuer } : {}),
      request,
    };
    const output = await caller.call({
      ...call,
      send: async (client, { AssumeRoleWithWebIdentityCommand }) => {
        const token =
          "issuer" in given
            ? await issuerModule().issueToken(given.issuer, dependencies, caller.clockOffsetMs, words)
            : tokenOf(given, source.origin, dependencies, words);
        const endMs = endOf(token);
        secrets.addSecret(token, endMs === undefined ? undefined : new Date(endMs));
        return client.send(
          new AssumeRoleWithWebIdentityCommand({
            RoleArn: source.roleArn,
            RoleSessionName: source.roleSessionName,
            WebIdentityToken: token,
            ...(source.durationSeconds === undefined ? {} : { DurationSeconds: source.durationSeconds }),
          }),
        );
      },
    });
    return identityOf(output.Credentials, caller.clockOffsetMs, call);
  };
}

function tokenOf(
  given: Exclude<WebIdentitySource["token"], { readonly issuer: unknown }>,
  origin: WebIdentitySource["origin"],
  { files, clock }: WebIdentityDependencies,
  words: string,
): string {
  const property = origin === "settings" ? "authentication.aws_web_identity.token_file" : "AWS_WEB_IDENTITY_TOKEN_FILE";
  const token = "file" in given ? readTokenFile(given.file, files, property, words) : given.text.reveal();
  const failed = (reason: string): AdapterError =>
    new AdapterError(
      "CREDENTIAL_SOURCE_FAILED",
      { step: words, reason, advice: `Get a new token: whoever writes ${property} must renew it before it ends.` },
      { step: words },
    );
  if (token.length < TOKEN_MIN || token.length > TOKEN_MAX) {
    throw failed(`the token has ${token.length} characters, STS accepts ${TOKEN_MIN} to ${TOKEN_MAX}`);
  }
  const endMs = endOf(token);
  if (endMs !== undefined && endMs <= clock.now()) {
    throw failed(`the token expired at ${new Date(endMs).toISOString()}`);
  }
  return token;
}

/** @returns when a JSON Web Token ends, in epoch milliseconds; `undefined` for a token of another form */
function endOf(token: string): number | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
      exp?: unknown;
    };
    return typeof claims.exp === "number" ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
