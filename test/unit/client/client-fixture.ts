/** Owns what the client's tests have in common: a client with everything around it replaced by something that can be watched. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AwsClient, type AwsClientDependencies, type SendOptions } from "../../../utils/client/aws-client";
import type { AuthLog } from "../../../utils/logging/auth-log";
import { Masker } from "../../../utils/logging/masker";
import { ModelCatalog } from "../../../utils/models/model-catalog";
import type { EndpointSettings, RequestSettings } from "../../../utils/settings/settings";
import { HttpSigner } from "../../../utils/signing/http-signer";
import type { Clock } from "../../../utils/types/clock";
import type { Files } from "../../../utils/types/files";
import type { HttpHandler, HttpHandlerOptions, HttpRequest, HttpResponse } from "../../../utils/types/http";
import type { AwsCredentialIdentity, IdentityProvider } from "../../../utils/types/identity";
import type { RoleChain } from "../../../utils/types/role-chain";
import { Secret } from "../../../utils/types/secret";

export const ENTITIES = join(__dirname, "../../../entities");

export const files: Files = {
  read: (path) => readFileSync(path),
  exists: (path) => existsSync(path),
  list: (path) => readdirSync(path).sort(),
};

export const models = new ModelCatalog(ENTITIES, files);

/** Time that passes only when somebody sleeps, or when the test says so. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  readonly #tasks = new Map<() => void, number>();

  constructor(public nowMs = Date.parse("2026-01-02T03:04:05Z")) {}

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.advance(ms);
  }

  schedule(ms: number, task: () => void): () => void {
    this.#tasks.set(task, this.nowMs + ms);
    return () => this.#tasks.delete(task);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const [task, dueMs] of this.#tasks) {
      if (dueMs <= this.nowMs) {
        this.#tasks.delete(task);
        task();
      }
    }
  }
}

export interface Answer {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | HttpResponse["body"];
}

export type Respond = (request: HttpRequest, count: number) => Answer | Error | Promise<Answer>;

/** Answers from a list, the last answer again and again; keeps a copy of every request. */
export class FakeHttpHandler implements HttpHandler {
  readonly requests: HttpRequest[] = [];
  readonly options: HttpHandlerOptions[] = [];

  constructor(readonly respond: Respond) {}

  async handle(request: HttpRequest, options: HttpHandlerOptions): Promise<HttpResponse> {
    this.requests.push({ ...request, headers: { ...request.headers } });
    this.options.push(options);
    const answer = await this.respond(request, this.requests.length);
    if (answer instanceof Error) throw answer;
    const { statusCode = 200, headers = {}, body = "" } = answer;
    return { statusCode, headers, body: typeof body === "string" ? Buffer.from(body) : body };
  }

  destroy(): void {}
}

export const answers =
  (...list: readonly (Answer | Error)[]): Respond =>
  (_request, count) =>
    list[Math.min(count, list.length) - 1] as Answer | Error;

export const REQUEST: RequestSettings = {
  attemptTimeoutMs: 5000,
  maxRetries: 3,
  retriedStatuses: [],
  maxRedirects: 0,
  failoverStatuses: [],
  healthcheckOnTimeout: false,
  returnRaw: false,
  returnRequest: false,
  globalHeaders: {},
  globalQuery: {},
  globalPayload: {},
};

export const ENDPOINT: EndpointSettings = {
  region: "eu-west-1",
  protocol: "https",
  basePath: "",
  useFips: false,
  useDualstack: false,
  s3AddressingStyle: "auto",
};

export const IDENTITY: AwsCredentialIdentity = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

export const CHAIN: RoleChain = {
  source: { type: "static", accessKeyId: IDENTITY.accessKeyId, secretAccessKey: new Secret(IDENTITY.secretAccessKey) },
  steps: [],
};

export class FakeIdentityProvider implements IdentityProvider {
  resolved = 0;
  readonly invalidated: AwsCredentialIdentity[] = [];

  constructor(readonly identities: readonly AwsCredentialIdentity[] = [IDENTITY]) {}

  async resolve(): Promise<AwsCredentialIdentity> {
    this.resolved++;
    return this.identities[Math.min(this.invalidated.length, this.identities.length - 1)] as AwsCredentialIdentity;
  }

  invalidate(identity: AwsCredentialIdentity): void {
    this.invalidated.push(identity);
  }
}

const silentLog = {
  forCall: () => ({ active: false, request: () => {}, response: () => {}, signature: () => {} }),
  compare: () => undefined,
} as unknown as AuthLog;

export interface Fixture {
  readonly client: AwsClient;
  readonly handler: FakeHttpHandler;
  readonly clock: FakeClock;
  readonly identity: FakeIdentityProvider;
  options(more?: Partial<SendOptions>): SendOptions;
}

export function fixture(
  respond: Respond,
  more: Partial<Omit<AwsClientDependencies, "endpoint" | "request">> & {
    readonly endpoint?: Partial<EndpointSettings>;
    readonly request?: Partial<RequestSettings>;
    readonly provider?: FakeIdentityProvider;
  } = {},
): Fixture {
  const { endpoint, request, provider, ...dependencies } = more;
  const handler = new FakeHttpHandler(respond);
  const clock = new FakeClock();
  const identity = provider ?? new FakeIdentityProvider();
  const client = new AwsClient({
    models,
    httpHandler: handler,
    signer: new HttpSigner(),
    clock,
    random: () => 0.5,
    authLog: silentLog,
    masker: Object.assign(new Masker(), { maskText: (text: string) => text }),
    describe: () => ({ source: "static keys", steps: [] }),
    userAgent: "adapter-aws/test",
    ...dependencies,
    endpoint: { ...ENDPOINT, ...endpoint },
    request: { ...REQUEST, ...request },
  });
  return {
    client,
    handler,
    clock,
    identity,
    options: (options = {}) => ({ identity: { chain: CHAIN, provider: identity }, callId: "c1", ...options }),
  };
}
