/** Owns the Aembit Edge API: a token for an attested identity, and credentials for a server workload. */
import { AdapterError } from "../errors/adapter-error";
import { BoundedMap } from "../types/bounded-map";
import type { EdgeEndpoint } from "../types/role-chain";
import { edgeFailure } from "./edge-error";
import { type EdgeDependencies, edgeAnswer, edgeExchange } from "./edge-exchange";
import {
  type Attestor,
  credentialTypes,
  type EdgeCredentialRequest,
  type EdgeCredentials,
  type EdgeToken,
} from "./edge-types";
import type { SignedCallerIdentity } from "./signed-caller-identity";

/** A token with less than this left counts as expired. */
const EXPIRED_WITHIN_MS = 60_000;
const MAX_TOKENS = 1000;

/** Belongs to one adapter instance: it keeps the tokens of those who attested. */
export class EdgeClient {
  readonly #dependencies: EdgeDependencies;
  readonly #tokens = new BoundedMap<EdgeToken>(MAX_TOKENS);
  readonly #flights = new Map<string, Promise<EdgeToken>>();

  constructor(dependencies: EdgeDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * @returns a token that is good for another minute at least; a thousand concurrent calls are one request
   * @throws AdapterError see `edgeExchange`, and whatever the attesting identity throws
   */
  authenticate(endpoint: EdgeEndpoint, attestor: Attestor): Promise<EdgeToken> {
    const key = JSON.stringify([
      endpoint.url,
      endpoint.clientId,
      endpoint.resourceSetId,
      endpoint.region,
      attestor.key,
    ]);
    const token = this.#tokens.get(key);
    if (token !== undefined && this.#dependencies.clock.now() < token.expiresAtMs - EXPIRED_WITHIN_MS) {
      return Promise.resolve(token);
    }
    return this.#flights.get(key) ?? this.#fetch(key, endpoint, attestor);
  }

  #fetch(key: string, endpoint: EdgeEndpoint, attestor: Attestor): Promise<EdgeToken> {
    const flight = this.#requestToken(endpoint, attestor)
      .then((token) => {
        this.#tokens.set(key, token);
        return token;
      })
      .finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #requestToken(endpoint: EdgeEndpoint, attestor: Attestor): Promise<EdgeToken> {
    const asked = {
      operation: "auth" as const,
      endpoint,
      body: async (timeoutMs: number) => ({
        clientId: endpoint.clientId,
        client: clientOf(await attestor.attest({ timeoutMs })),
      }),
    };
    const { clock, secrets } = this.#dependencies;
    const sentMs = clock.now();
    const answer = edgeAnswer(asked, await edgeExchange(asked, this.#dependencies));
    const { accessToken, tokenType, expiresIn } = answer;
    if (typeof accessToken !== "string" || accessToken === "" || typeof expiresIn !== "number") {
      throw edgeFailure("auth", endpoint, "the answer has no accessToken with expiresIn");
    }
    const expiresAtMs = sentMs + expiresIn * 1000;
    secrets.addSecret(accessToken, new Date(expiresAtMs));
    return { accessToken, tokenType: typeof tokenType === "string" ? tokenType : "Bearer", expiresAtMs };
  }

  /**
   * @returns the credentials, attested once more
   * @throws AdapterError see `edgeExchange`; also when no access policy matches, which the API answers as 404 or as 200
   */
  async credentials(
    endpoint: EdgeEndpoint,
    attestor: Attestor,
    wanted: EdgeCredentialRequest,
  ): Promise<EdgeCredentials> {
    const token = await this.authenticate(endpoint, attestor);
    try {
      return await this.#requestCredentials(endpoint, attestor, wanted, token);
    } catch (error) {
      if (!(error instanceof AdapterError) || error.statusCode !== 401) throw error;
      // A token that is refused is not good any more, however long it was said to last.
      const key = keyOf(endpoint, attestor);
      if (this.#tokens.get(key) === token) this.#tokens.set(key, { ...token, expiresAtMs: 0 });
      return this.#requestCredentials(endpoint, attestor, wanted, await this.authenticate(endpoint, attestor));
    }
  }

  async #requestCredentials(
    endpoint: EdgeEndpoint,
    attestor: Attestor,
    wanted: EdgeCredentialRequest,
    token: EdgeToken,
  ): Promise<EdgeCredentials> {
    const { credentialType, server, connectionMetadata, certSigningRequest } = wanted;
    const asked = {
      operation: "credentials" as const,
      endpoint,
      headers: { authorization: `Bearer ${token.accessToken}` },
      body: async (timeoutMs: number) => ({
        client: clientOf(await attestor.attest({ timeoutMs })),
        server: { transportProtocol: "TCP", ...server },
        credentialType,
        ...(connectionMetadata === undefined ? {} : { connectionMetadata }),
        ...(certSigningRequest === undefined ? {} : { certSigningRequest }),
      }),
      accepts: 404,
    };
    const response = await edgeExchange(asked, this.#dependencies);
    const answer = edgeAnswer(asked, response);
    const { expiresAt, data } = answer;
    const type = credentialTypes.find((known) => known === answer["credentialType"]);
    if (type === undefined || response.statusCode === 404) {
      const advice =
        "In the Aembit tenant, join this client workload, that server workload and a credential provider in an active access policy.";
      const reason = `no access policy matches ${server.host}:${server.port} and ${credentialType} (HTTP ${response.statusCode})`;
      throw edgeFailure("credentials", endpoint, reason, advice, { statusCode: response.statusCode });
    }
    if (typeof data !== "object" || data === null) {
      throw edgeFailure("credentials", endpoint, "the answer has no data");
    }
    // A session of AWS ends then; a password only is to be asked for again.
    const end = type === "AwsStsFederation" && typeof expiresAt === "string" ? new Date(expiresAt) : undefined;
    for (const [name, value] of Object.entries(data)) {
      if (typeof value === "string" && !PUBLIC_MEMBERS.has(name)) this.#dependencies.secrets.addSecret(value, end);
    }
    return {
      credentialType: type,
      expiresAt: typeof expiresAt === "string" ? expiresAt : null,
      data: data as Record<string, unknown>,
    };
  }
}

const keyOf = ({ url, clientId, resourceSetId, region }: EdgeEndpoint, { key }: Attestor): string =>
  JSON.stringify([url, clientId, resourceSetId, region, key]);

const PUBLIC_MEMBERS: ReadonlySet<string> = new Set(["awsAccessKeyId", "username"]);

/** The Edge API refuses members that it does not know: only what it asks for goes out. */
const clientOf = ({ headers, region }: SignedCallerIdentity) => ({
  aws: { stsGetCallerIdentity: { headers, region } },
});
