/** Owns the documents that an issuer publishes: discovery, and the set of its public keys. */
import type { JWK } from "jose";
import { AdapterError } from "../../errors/adapter-error";
import { type IssuerKey, publicJwk } from "./issuer-key";

/** Below the issuer's URL, with slashes as in a URL. */
export const DISCOVERY_PATH = ".well-known/openid-configuration";
export const JWKS_PATH = ".well-known/jwks.json";

/** How many keys of one type AWS reads. */
const MAX_KEYS_PER_TYPE = 100;

export interface IssuerDocuments {
  readonly discovery: Readonly<Record<string, unknown>>;
  readonly jwks: { readonly keys: readonly JWK[] };
}

/**
 * @param url - of the issuer, without a slash at its end
 * @param keys - all that are not retired: those that signed tokens in use, and those that will sign
 * @throws AdapterError `INVALID_INPUT` without a key, and with more than AWS reads
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
export function issuerDocuments(url: string, keys: readonly IssuerKey[]): IssuerDocuments {
  for (const type of ["EC", "RSA"]) {
    const count = keys.filter(({ kty }) => kty === type).length;
    if (count <= MAX_KEYS_PER_TYPE) continue;
    throw refused(
      `${count} keys of type ${type}`,
      `${MAX_KEYS_PER_TYPE} at most, as AWS reads no more: retire old ones`,
    );
  }
  if (keys.length === 0) throw refused("no key", "a folder with keys; adapter-aws oidc keys rotate makes one");
  const algorithms = [...new Set(keys.map(({ alg }) => alg))].sort();
  return {
    discovery: {
      issuer: url,
      jwks_uri: `${url}/${JWKS_PATH}`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: algorithms,
      claims_supported: ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"],
      scopes_supported: ["openid"],
    },
    jwks: { keys: keys.map(publicJwk) },
  };
}

function refused(found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_INPUT", {
    parameter: "keys",
    found,
    expected,
    documentation: "adapter-aws oidc keys list shows them.",
  });
}
