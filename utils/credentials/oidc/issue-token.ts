/** Owns the making of a web identity token by an issuer of our own. */
import type { JWTPayload } from "jose";
import { AdapterError } from "../../errors/adapter-error";
import type { Clock } from "../../types/clock";
import type { GuardedFiles } from "../../types/files";
import { lazy } from "../../types/lazy";
import type { TokenIssuer } from "../../types/role-chain";
import type { SecretKeeper } from "../secret-keeper";
import { type IssuerKey, signingKey } from "./issuer-key";
import { readKeyFiles } from "./key-folder";

const jose = lazy(() => require("jose") as typeof import("jose"));

/** For verifiers whose clock is a little behind ours. */
const NOT_BEFORE_MARGIN_SECONDS = 60;

export interface TokenDependencies {
  readonly files: GuardedFiles;
  readonly clock: Pick<Clock, "now">;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: SecretKeeper;
}

/**
 * @param offsetMs - how far the verifier's clock is ahead of ours, as far as known
 * @param words - what errors call the step
 * @returns a JSON Web Token, signed by the newest key in force; no two are the same
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` when there is no key to sign with
 * @see https://www.rfc-editor.org/rfc/rfc7519 and https://openid.net/specs/openid-connect-core-1_0.html#IDToken
 */
export async function issueToken(
  issuer: TokenIssuer,
  { files, clock, random, secrets }: TokenDependencies,
  offsetMs: number,
  words: string,
): Promise<string> {
  const failed = (reason: string, advice: string, cause?: unknown): AdapterError =>
    new AdapterError(
      "CREDENTIAL_SOURCE_FAILED",
      { step: words, reason, advice },
      { step: words, ...(cause === undefined ? {} : { cause }) },
    );
  const keys = readKeyFiles(issuer.keyFolder, files, secrets, words).map(({ key }) => key);
  const key = signingKey(keys, clock.now());
  if (key === undefined) {
    const first = keys.map(({ nbf }) => nbf).sort((one, other) => one - other)[0];
    const reason =
      first === undefined
        ? `the folder ${issuer.keyFolder} holds no signing key`
        : `no key signs before ${new Date(first * 1000).toISOString()}`;
    throw failed(reason, "Make one by adapter-aws oidc keys rotate, and publish adapter-aws oidc documents.");
  }
  const seconds = Math.floor((clock.now() + offsetMs) / 1000);
  const claims: JWTPayload = {
    iss: issuer.url,
    sub: issuer.subject,
    aud: issuer.audience,
    jti: tokenId(random),
    iat: seconds,
    nbf: seconds - NOT_BEFORE_MARGIN_SECONDS,
    exp: seconds + issuer.lifetimeSeconds,
  };
  try {
    return await signed(claims, key);
  } catch (error) {
    throw failed(`the key ${key.kid} of ${issuer.keyFolder} does not sign`, "Rotate, and retire that key.", error);
  }
}

async function signed(claims: JWTPayload, key: IssuerKey): Promise<string> {
  const { SignJWT, importJWK } = jose();
  const { kid, alg } = key;
  return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(await importJWK(key, alg));
}

/** @returns 96 random bits in hex */
function tokenId(random: () => number): string {
  const part = (): string =>
    Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, "0");
  return part() + part();
}
