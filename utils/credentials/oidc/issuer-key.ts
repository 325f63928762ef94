/** Owns the form of a signing key of our issuer: a private JSON Web Key, and when it signs. */
import type { JWK } from "jose";

/** Both are accepted by AWS. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
export const issuerAlgorithms = ["ES256", "RS256"] as const;
export type IssuerAlgorithm = (typeof issuerAlgorithms)[number];

/** As it lies in its file. `iat` and `nbf` are epoch seconds with a fraction, the names those of OpenID Federation's key histories. */
export interface IssuerKey extends JWK {
  readonly kid: string;
  readonly alg: IssuerAlgorithm;
  /** When it was made. */
  readonly iat: number;
  /** From when on it signs. */
  readonly nbf: number;
}

const PUBLIC_MEMBERS = ["kty", "kid", "alg", "use", "crv", "x", "y", "n", "e"] as const;
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi"] as const;

/** @returns the part to publish: members are named one by one, so that none is published by mistake */
export function publicJwk(key: IssuerKey): JWK {
  return Object.fromEntries(PUBLIC_MEMBERS.flatMap((name) => (key[name] === undefined ? [] : [[name, key[name]]])));
}

/** @returns every value that must never be seen */
export function privateValues(key: IssuerKey): string[] {
  return PRIVATE_MEMBERS.flatMap((name) => (typeof key[name] === "string" ? [key[name]] : []));
}

/** @returns the key that signs now: the newest of those in force, or `undefined` when there is none yet */
export function signingKey(keys: readonly IssuerKey[], nowMs: number): IssuerKey | undefined {
  const inForce = keys.filter(({ nbf }) => nbf * 1000 <= nowMs);
  return inForce.sort((one, other) => other.nbf - one.nbf || other.iat - one.iat || (one.kid < other.kid ? -1 : 1))[0];
}

/** @returns the key in a file's text, `undefined` when it holds something else */
export function parseIssuerKey(text: string): IssuerKey | undefined {
  let key: Partial<IssuerKey>;
  try {
    key = JSON.parse(text) as Partial<IssuerKey>;
  } catch {
    return undefined;
  }
  const isKey =
    typeof key === "object" &&
    key !== null &&
    issuerAlgorithms.some((alg) => alg === key.alg) &&
    [key.kid, key.kty, key.d].every((member) => typeof member === "string" && member !== "") &&
    [key.iat, key.nbf].every(Number.isFinite);
  return isKey ? (key as IssuerKey) : undefined;
}
