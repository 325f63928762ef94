/** Owns web identity tokens: their check against the world's providers, and an issuer for those who want to try one. */
import { createPublicKey, createSign, createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";
import { ServiceFault } from "./service-fault";
import type { OidcProvider, RsaJsonWebKey, World } from "./world";

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
const invalid = (message: string): ServiceFault => new ServiceFault("InvalidIdentityToken", message, 400);

function decode(part: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
  } catch {
    throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  }
}

export class WebIdentityTokens {
  #ownKey: { readonly key: KeyObject; readonly jwk: RsaJsonWebKey } | undefined;

  constructor(
    private readonly world: World,
    private readonly now: () => number,
  ) {}

  /** Made when first wanted: an RSA key takes longer than all the rest of a start. */
  #own(): { readonly key: KeyObject; readonly jwk: RsaJsonWebKey } {
    if (this.#ownKey === undefined) {
      const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const { n, e } = publicKey.export({ format: "jwk" });
      this.#ownKey = { key: privateKey, jwk: { kty: "RSA", kid: "simulator", n: n as string, e: e as string } };
    }
    return this.#ownKey;
  }

  /** The public keys of a provider, as its `jwks_uri` would list them. */
  jwks(provider: OidcProvider): readonly RsaJsonWebKey[] {
    return provider.jwks ?? [this.#own().jwk];
  }

  /** @returns an RS256 JSON web token of the simulator's own issuer key */
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
    const signed = `${encode({ alg: "RS256", typ: "JWT", kid: this.#own().jwk.kid })}.${encode(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(this.#own().key).toString("base64url")}`;
  }

  /** @throws ServiceFault `InvalidIdentityToken` or `ExpiredTokenException` */
  verify(token: string): WebIdentity {
    const [head, body, signature] = token.split(".");
    const header = decode(head);
    const claims = decode(body);
    const issuer = String(claims["iss"] ?? "").replace(/^https:\/\//, "");
    const provider = this.world.oidcProviders.find((candidate) => candidate.issuer === issuer);
    if (provider === undefined)
      throw invalid(`No OpenIDConnect provider found in your account for ${String(claims["iss"])}`);
    if (header["alg"] !== "RS256")
      throw invalid(
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      );
    const key = this.jwks(provider).find((candidate) => candidate.kid === header["kid"]);
    const verified =
      key !== undefined &&
      createVerify("RSA-SHA256")
        .update(`${head}.${body}`)
        .verify(createPublicKey({ key: { ...key }, format: "jwk" }), Buffer.from(signature ?? "", "base64url"));
    if (!verified) throw invalid("The ID Token signature is invalid");
    const nowSeconds = this.now() / 1000;
    if (typeof claims["exp"] !== "number" || claims["exp"] <= nowSeconds) {
      const expired = `Token expired: current date/time ${Math.floor(nowSeconds)} must be before the expiration date/time${String(claims["exp"])}`;
      throw new ServiceFault("ExpiredTokenException", expired, 400);
    }
    const audience = [claims["aud"]].flat().find((one) => provider.clientIds.includes(String(one)));
    if (audience === undefined) throw invalid("Incorrect token audience");
    return { provider, issuer, subject: String(claims["sub"] ?? ""), audience: String(audience) };
  }
}
