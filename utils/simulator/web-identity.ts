/** Owns web identity tokens: their check against the world's providers, and an issuer for those who want to try one. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceFault } from "./service-fault";
import type { OidcProvider, PublicJsonWebKey, World } from "./world";

export interface WebIdentity {
  readonly provider: OidcProvider;
  readonly subject: string;
  readonly audience: string;
  readonly issuer: string;
}

export interface TokenRequest {
  readonly subject: string;
  /** The first client id of the world's first provider when absent. */
  readonly audience?: string;
  /** Of the world's first provider when absent. */
  readonly issuer?: string;
  readonly expiresInSeconds?: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
/** Which type of key each algorithm wants: a key must not be taken for another kind than it is. */
const KEY_TYPES: Readonly<Record<string, PublicJsonWebKey["kty"]>> = { RS256: "RSA", ES256: "EC" };
const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
const invalid = (message: string): ServiceFault => new ServiceFault("InvalidIdentityToken", message, 400);

function decode(part: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
  } catch {
    throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  }
}

export class WebIdentityTokens {
  #ownKey: { readonly key: KeyObject; readonly jwk: PublicJsonWebKey } | undefined;

  constructor(
    private readonly world: World,
    private readonly now: () => number,
  ) {}

  /** Of P-256, and made when first wanted: an RSA key would take longer than all the rest of a start. */
  #own(): { readonly key: KeyObject; readonly jwk: PublicJsonWebKey } {
    if (this.#ownKey === undefined) {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
      const jwk = publicKey.export({ format: "jwk" });
      this.#ownKey = { key: privateKey, jwk: { ...jwk, kty: "EC", kid: "simulator" } };
    }
    return this.#ownKey;
  }

  /** The public keys of a provider, as its `jwks_uri` would list them. */
  jwks(provider: OidcProvider): readonly PublicJsonWebKey[] {
    if (provider.documents !== undefined) return publishedKeys(provider.issuer, provider.documents);
    return provider.jwks ?? [this.#own().jwk];
  }

  /** @returns an ES256 JSON web token of the simulator's own issuer key */
  issue(request: TokenRequest): string {
    const provider = this.world.oidcProviders[0] as OidcProvider;
    const seconds = Math.floor(this.now() / 1000);
    const claims = {
      iss: `https://${request.issuer ?? provider.issuer}`,
      sub: request.subject,
      aud: request.audience ?? provider.clientIds[0],
      iat: seconds,
      exp: seconds + (request.expiresInSeconds ?? 3600),
    };
    const signed = `${encode({ alg: "ES256", typ: "JWT", kid: this.#own().jwk.kid })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), { key: this.#own().key, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  }

  /**
   * @param nowMs - epoch milliseconds of the clock that judges
   * @throws ServiceFault `InvalidIdentityToken` or `ExpiredTokenException`
   */
  verify(token: string, nowMs: number): WebIdentity {
    const [head, body, signature] = token.split(".");
    const header = decode(head);
    const claims = decode(body);
    const issuer = String(claims["iss"] ?? "").replace(/^https:\/\//, "");
    const provider = this.world.oidcProviders.find((candidate) => candidate.issuer === issuer);
    if (provider === undefined)
      throw invalid(`No OpenIDConnect provider found in your account for ${String(claims["iss"])}`);
    const type = KEY_TYPES[String(header["alg"])];
    const key = this.jwks(provider).find(({ kid, kty }) => kid === header["kid"] && kty === type);
    if (key === undefined) throw invalid(NO_KEY);
    const verified = verify(
      "sha256",
      Buffer.from(`${head}.${body}`),
      { key: createPublicKey({ key: { ...key }, format: "jwk" }), dsaEncoding: "ieee-p1363" },
      Buffer.from(signature ?? "", "base64url"),
    );
    if (!verified) throw invalid("The ID Token signature is invalid");
    const nowSeconds = nowMs / 1000;
    if (typeof claims["exp"] !== "number" || claims["exp"] <= nowSeconds) {
      const expired = `Token expired: current date/time ${Math.floor(nowSeconds)} must be before the expiration date/time${String(claims["exp"])}`;
      throw new ServiceFault("ExpiredTokenException", expired, 400);
    }
    const audience = [claims["aud"]].flat().find((one) => provider.clientIds.includes(String(one)));
    if (audience === undefined) throw invalid("Incorrect token audience");
    return { provider, issuer, subject: String(claims["sub"] ?? ""), audience: String(audience) };
  }
}

/** As AWS reads them, from a folder in place of the internet. */
function publishedKeys(issuer: string, folder: string): readonly PublicJsonWebKey[] {
  const url = `https://${issuer}`;
  try {
    const read = (path: string): Record<string, unknown> =>
      JSON.parse(readFileSync(join(folder, path), "utf8")) as Record<string, unknown>;
    const { issuer: named, jwks_uri: keysAt } = read(".well-known/openid-configuration");
    if (named !== url || !String(keysAt).startsWith(`${url}/`)) throw new Error("another issuer");
    return read(String(keysAt).slice(url.length + 1))["keys"] as readonly PublicJsonWebKey[];
  } catch {
    throw invalid(NO_KEY);
  }
}
