/** Owns the identity of the role attached to an EC2 instance, by instance metadata version 2. */
import { AdapterError } from "../errors/adapter-error";
import { isRoleName } from "../settings/role-arn";
import type { Clock } from "../types/clock";
import type { HttpHandler } from "../types/http";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, IdentityRequest } from "../types/identity";
import type { InstanceMetadataSource } from "../types/role-chain";
import type { AttachedRole, InstanceIdentity } from "./attached-role";
import { readJsonCredentials } from "./read-json-credentials";
import type { SecretKeeper } from "./secret-keeper";
import { isPassing, reasonOf, type SourceAnswer, sourceRequest } from "./source-request";

const TOKEN_PATH = "/latest/api/token";
const TOKEN_TTL_SECONDS = 21_600;
/** A token is renewed this long before it ends. */
const TOKEN_MARGIN_MS = 60_000;
const ROLES_PATH = "/latest/meta-data/iam/security-credentials/";
const PROFILE_PATH = "/latest/meta-data/iam/info";
/** The service is one hop away: an answer that takes longer does not come. Two of them stay under two seconds. */
const ATTEMPT_TIMEOUT_MS = 900;
const ATTEMPTS_IF_SILENT = 2;
const ATTEMPTS_IF_FAILING = 4;
const BACKOFF_MS = 100;
/** After it could not be reached, it is not asked again for this long: every call would wait for it. */
const REMEMBER_OFF_MS = 10_000;

export interface InstanceMetadataDependencies {
  /** Without a proxy: the address is local to the instance. */
  readonly httpHandler: HttpHandler;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: SecretKeeper;
}

const HOP_LIMIT_ADVICE =
  "In a container on an EC2 instance raise the hop limit of instance metadata: aws ec2 modify-instance-metadata-options --instance-id <id> --http-put-response-hop-limit 3 --http-endpoint enabled. In Kubernetes give the pod a role of its own (IRSA or Pod Identity). Outside of EC2 set authentication.aws_access_key and aws_secret_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.";
const DISABLED_ADVICE =
  "Enable instance metadata: aws ec2 modify-instance-metadata-options --instance-id <id> --http-endpoint enabled --http-put-response-hop-limit 3; or set keys in the service instance.";
const NO_ROLE_ADVICE =
  "Attach a role to the instance (EC2 console: Actions, Security, Modify IAM role), or set keys in the service instance.";

/**
 * @returns a provider; the token of the metadata service is kept for as long as it lives, the credentials are not: they are
 * handed out as they are, and never beyond their end
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED`
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export function fromInstanceMetadata(
  source: InstanceMetadataSource,
  dependencies: InstanceMetadataDependencies,
  words: string,
): AwsCredentialIdentityProvider {
  const service = new MetadataService(source, dependencies, words);
  return (request) => service.identity(request);
}

class MetadataService {
  #token: { readonly value: string; readonly untilMs: number } | undefined;
  #off: { readonly error: AdapterError; readonly untilMs: number } | undefined;

  constructor(
    private readonly source: InstanceMetadataSource,
    private readonly dependencies: InstanceMetadataDependencies,
    private readonly words: string,
  ) {}

  async identity(request: IdentityRequest | undefined): Promise<InstanceIdentity> {
    const { clock } = this.dependencies;
    if (this.#off !== undefined && clock.monotonic() < this.#off.untilMs) throw this.#off.error;
    this.#off = undefined;
    try {
      const name = await this.#attachedRoleName(request);
      const [identity, account] = await Promise.all([this.#credentials(name, request), this.#account(request)]);
      return { ...identity, attachedRole: { name, ...account } };
    } catch (error) {
      if (error instanceof AdapterError && error.detail["reachable"] === "no") {
        this.#off = { error, untilMs: clock.monotonic() + REMEMBER_OFF_MS };
      }
      throw error;
    }
  }

  async #credentials(name: string, request: IdentityRequest | undefined): Promise<AwsCredentialIdentity> {
    const { clock, secrets } = this.dependencies;
    const answer = await this.#get(`${ROLES_PATH}${name}`, request);
    if (answer.statusCode !== 200) throw this.#failed(`HTTP ${answer.statusCode} for the role ${name}`, NO_ROLE_ADVICE);
    const document = readJsonCredentials(answer.text);
    if (document.outcome === "refused") {
      throw this.#failed(
        `${document.code} for the role ${name}: ${secrets.maskText(document.message)}`,
        "Check that the role exists and that its trust policy names ec2.amazonaws.com as principal.",
      );
    }
    if (document.outcome === "unreadable") throw this.#failed("the answer holds no credentials", DISABLED_ADVICE);
    const { identity } = document;
    if (identity.expiration.getTime() <= clock.now()) {
      throw this.#failed(
        `the credentials of the role ${name} expired at ${identity.expiration.toISOString()}`,
        "Instance metadata hands out old credentials: check the clock of the platform server, and the state of the instance.",
      );
    }
    return identity;
  }

  async #attachedRoleName(request: IdentityRequest | undefined): Promise<string> {
    const answer = await this.#get(ROLES_PATH, request);
    const name = answer.text.trim().split("\n")[0]?.trim() ?? "";
    if (answer.statusCode === 404 || (answer.statusCode === 200 && name === "")) {
      throw this.#failed("no role is attached to the instance", NO_ROLE_ADVICE);
    }
    if (answer.statusCode !== 200) {
      throw this.#failed(`HTTP ${answer.statusCode} for the name of the attached role`, DISABLED_ADVICE);
    }
    // Such a name needs no encoding in a path; anything else is the page of something that only looks like the service.
    if (!isRoleName(name)) throw this.#failed("the answer is no name of a role", DISABLED_ADVICE);
    return name;
  }

  /** Whose role it is. Not being told is no failure: the role is then assumed like any other. */
  async #account(request: IdentityRequest | undefined): Promise<Omit<AttachedRole, "name">> {
    const answer = await this.#get(PROFILE_PATH, request).catch(() => undefined);
    const match = /"InstanceProfileArn"\s*:\s*"arn:([^:"]+):iam::(\d+):/.exec(answer?.text ?? "");
    return match === null ? {} : { partition: match[1] as string, accountId: match[2] as string };
  }

  async #get(path: string, request: IdentityRequest | undefined): Promise<SourceAnswer> {
    const token = await this.#currentToken(request);
    const answer = await this.#send(
      "GET",
      path,
      token === undefined ? {} : { "x-aws-ec2-metadata-token": token },
      request,
    );
    if (answer.statusCode !== 401) return answer;
    // The token is not known any more: the service was restarted, or the instance moved.
    this.#token = undefined;
    const fresh = await this.#currentToken(request);
    const again = await this.#send(
      "GET",
      path,
      fresh === undefined ? {} : { "x-aws-ec2-metadata-token": fresh },
      request,
    );
    if (again.statusCode === 401) throw this.#failed("HTTP 401, although the token is fresh", DISABLED_ADVICE);
    return again;
  }

  async #currentToken(request: IdentityRequest | undefined): Promise<string | undefined> {
    const { clock, secrets } = this.dependencies;
    if (this.#token !== undefined && clock.monotonic() < this.#token.untilMs) return this.#token.value;
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_TTL_SECONDS) };
    let answer: SourceAnswer;
    try {
      answer = await this.#send("PUT", TOKEN_PATH, headers, request);
    } catch (error) {
      if (this.source.version === "v1-fallback" && isTimeout(error)) return undefined;
      throw error;
    }
    const value = answer.text.trim();
    if (answer.statusCode === 200 && /^[\x21-\x7e]+$/.test(value)) {
      secrets.addSecret(value);
      this.#token = { value, untilMs: clock.monotonic() + TOKEN_TTL_SECONDS * 1000 - TOKEN_MARGIN_MS };
      return value;
    }
    if (this.source.version === "v1-fallback" && [403, 404, 405].includes(answer.statusCode)) return undefined;
    throw this.#failed(
      answer.statusCode === 200
        ? "the token request was answered with no token"
        : `HTTP ${answer.statusCode} for the token`,
      answer.statusCode === 403 ? DISABLED_ADVICE : HOP_LIMIT_ADVICE,
    );
  }

  async #send(
    method: "GET" | "PUT",
    path: string,
    headers: Record<string, string>,
    request: IdentityRequest | undefined,
  ): Promise<SourceAnswer> {
    const { httpHandler, clock, random } = this.dependencies;
    const deadline = clock.monotonic() + (request?.timeoutMs ?? Number.POSITIVE_INFINITY);
    for (let attempt = 1; ; attempt += 1) {
      const timeoutMs = Math.min(ATTEMPT_TIMEOUT_MS, deadline - clock.monotonic());
      let last: SourceAnswer | undefined;
      try {
        last = await sourceRequest(httpHandler, {
          method,
          url: `${this.source.endpoint}${path}`,
          headers,
          timeoutMs,
          signal: request?.signal,
        });
        if (!isPassing(last.statusCode) || attempt >= ATTEMPTS_IF_FAILING) return last;
      } catch (error) {
        if (error instanceof AdapterError && error.code === "ABORTED") throw error;
        if (attempt >= ATTEMPTS_IF_SILENT) throw this.#unreachable(error);
      }
      const delay = BACKOFF_MS * (0.5 + random() / 2) * 2 ** (attempt - 1);
      if (clock.monotonic() + delay >= deadline) {
        if (last !== undefined) return last;
        throw this.#unreachable(undefined);
      }
      await clock.sleep(last === undefined ? Math.min(delay, BACKOFF_MS) : delay, request?.signal);
    }
  }

  #unreachable(cause: unknown): AdapterError {
    const silent = isTimeout(cause) || cause === undefined;
    return this.#failed(
      silent
        ? "it is silent (no answer from the instance metadata service)"
        : `it cannot be reached: ${reasonOf(cause)}`,
      HOP_LIMIT_ADVICE,
      { reachable: "no" },
      cause,
    );
  }

  #failed(reason: string, advice: string, more: Record<string, string> = {}, cause?: unknown): AdapterError {
    return new AdapterError(
      "CREDENTIAL_SOURCE_FAILED",
      { step: this.words, reason, advice, ...more },
      { step: this.words, ...(cause === undefined ? {} : { cause }) },
    );
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof AdapterError && (error.code === "TIMEOUT" || isTimeout(error.cause));
