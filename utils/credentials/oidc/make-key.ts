/** Owns the making of a signing key for our issuer. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import type { IssuerAlgorithm, IssuerKey } from "./issuer-key";

const RSA_BITS = 2048;

/** Of 43 characters of the thumbprint: 96 bits, and short enough for a person. */
const KID_CHARACTERS = 16;

/**
 * Its randomness is that of OpenSSL, which takes none from outside.
 * @param nowMs - epoch milliseconds
 * @param signsFromMs - epoch milliseconds from which on it signs, so that its public part is published before
 * @returns a new private key, named by its day and the thumbprint of its public part
 * @see https://www.rfc-editor.org/rfc/rfc7638
 */
export async function makeIssuerKey(alg: IssuerAlgorithm, nowMs: number, signsFromMs: number): Promise<IssuerKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const jwk = await exportJWK(privateKey);
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "");
  return {
    ...jwk,
    kid: `${day}-${(await calculateJwkThumbprint(jwk)).slice(0, KID_CHARACTERS)}`,
    alg,
    use: "sig",
    iat: nowMs / 1000,
    nbf: signsFromMs / 1000,
  };
}
