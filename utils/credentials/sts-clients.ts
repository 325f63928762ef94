/** Owns the SDK's clients of STS: one for each endpoint, and no attempt knows of another. */
import type { STSClient as Client, STSClientConfig } from "@aws-sdk/client-sts";
import { type BodySerializer, keepNoHalves } from "../client/rpc-request";
import type { HttpResponse } from "../types/http";
import { lazy } from "../types/lazy";
import type { StsEndpoint } from "../types/role-chain";
import { type SmithyRequest, sdkClientConfig } from "./sdk-client";
import type { StsSender } from "./sts-call";

type StsPackage = typeof import("@aws-sdk/client-sts");

/** A hundred milliseconds on every cold start that assumes no role: hence loaded by the first step only. */
export const sts: () => StsPackage = lazy(() => require("@aws-sdk/client-sts") as StsPackage);

/** Settings name one endpoint or a few; what is more is made anew. */
const MAX_CLIENTS = 16;

/**
 * What is done elsewhere, or thrown away: we sign, repeat and log, and say who we are. Each of them costs every call some
 * ten kilobytes of garbage.
 */
const OURS = [
  "httpAuthSchemeMiddleware",
  "httpSigningMiddleware",
  "retryMiddleware",
  "loggerMiddleware",
  "recursionDetectionMiddleware",
  "getUserAgentMiddleware",
];

/** @typeParam Attempt - what belongs to one sending of one command, whoever else uses the same client meanwhile */
export class StsClients<Attempt> {
  readonly #clients = new Map<string, Client>();
  /** By the input of the command, which goes with it all the way through the SDK. */
  readonly #attempts = new WeakMap<object, Attempt>();
  readonly #send: (request: SmithyRequest, attempt: Attempt) => Promise<HttpResponse>;

  /** @param send - signs a request and sends it once, as `attempt` says */
  constructor(send: (request: SmithyRequest, attempt: Attempt) => Promise<HttpResponse>) {
    this.#send = send;
  }

  /** @returns what sends commands to an endpoint, each of them as this attempt */
  sender(endpoint: StsEndpoint, attempt: Attempt): StsSender {
    const client = this.#client(endpoint);
    const send = async (command: Parameters<Client["send"]>[0]) => {
      const { input } = command;
      // Whose it is could not be told twice.
      if (this.#attempts.has(input)) throw new Error("An input of STS is sent twice at once");
      this.#attempts.set(input, attempt);
      try {
        return await client.send(command);
      } finally {
        this.#attempts.delete(input);
      }
    };
    return { send: send as Client["send"] };
  }

  /** Forgets all clients; they hold no connections, and what is under way on them goes on. */
  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }

  #client({ url, region }: StsEndpoint): Client {
    const key = `${region} ${url}`;
    let client = this.#clients.get(key);
    if (client === undefined) {
      if (this.#clients.size >= MAX_CLIENTS) this.#clients.delete(this.#clients.keys().next().value as string);
      client = this.#newClient(url, region);
      this.#clients.set(key, client);
    }
    return client;
  }

  #newClient(endpoint: string, region: string): Client {
    const { STSClient } = sts();
    const refused = async () => {
      throw new Error("A request of STS came without its attempt");
    };
    const config = { region, endpoint, ...sdkClientConfig(refused), cacheMiddleware: true };
    const client = new STSClient(config as unknown as STSClientConfig);
    keepNoHalves((client.config.protocol as unknown as { readonly serializer: BodySerializer }).serializer);
    for (const name of OURS) client.middlewareStack.remove(name);
    client.middlewareStack.add(
      (next) => async (args) => {
        const attempt = this.#attempts.get(args.input);
        // A request that nobody can be named for is not sent.
        if (attempt === undefined) return next(args);
        return { response: await this.#send(args.request as SmithyRequest, attempt) } as never;
      },
      { name: "sendAttempt", step: "deserialize", priority: "low" },
    );
    return client;
  }
}
