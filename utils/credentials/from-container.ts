/** Owns the identity that a container platform hands out: ECS by a relative address, EKS Pod Identity by a full one. */
import { AdapterError } from "../errors/adapter-error";
import type { Clock } from "../types/clock";
import type { Files } from "../types/files";
import type { HttpHandler } from "../types/http";
import type { AwsCredentialIdentityProvider, IdentityRequest } from "../types/identity";
import type { ContainerSource } from "../types/role-chain";
import { readJsonCredentials } from "./read-json-credentials";
import { readTokenFile } from "./read-token-file";
import type { SecretKeeper } from "./secret-keeper";
import { isPassing, reasonOf, type SourceAnswer, sourceRequest } from "./source-request";

const MAX_ATTEMPTS = 3;
const BACKOFF_MS = 100;
const ATTEMPT_TIMEOUT_MS = 1000;

export interface ContainerDependencies {
  /** Without a proxy: the endpoint is local to the container. */
  readonly httpHandler: HttpHandler;
  readonly files: Files;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: SecretKeeper;
}

/**
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED`
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export function fromContainer(
  source: ContainerSource,
  dependencies: ContainerDependencies,
  words: string,
): AwsCredentialIdentityProvider {
  const { clock, secrets } = dependencies;
  const failed = (reason: string, advice: string, cause?: unknown): AdapterError =>
    new AdapterError(
      "CREDENTIAL_SOURCE_FAILED",
      { step: words, reason, advice },
      { step: words, ...(cause === undefined ? {} : { cause }) },
    );

  return async (request) => {
    const authorization = authorizationOf(source, dependencies, words);
    const answer = await ask(source.url, authorization, dependencies, request, failed);
    const document = readJsonCredentials(answer.text);
    if (answer.statusCode !== 200 || document.outcome === "refused") {
      const said = document.outcome === "refused" ? `, ${document.code}: ${secrets.maskText(document.message)}` : "";
      throw failed(
        `the endpoint answered HTTP ${answer.statusCode}${said}`,
        "Check the role of the task (ECS: taskRoleArn) or the Pod Identity association of the pod's service account (EKS), and the authorization token of the container.",
      );
    }
    if (document.outcome === "unreadable") {
      throw failed("the answer holds no credentials", "Check the container credential address in the environment.");
    }
    const { identity } = document;
    if (identity.expiration.getTime() <= clock.now()) {
      throw failed(
        `the credentials expired at ${identity.expiration.toISOString()}`,
        "Check the clock of the platform server, and the agent of the container platform.",
      );
    }
    return identity;
  };
}

function authorizationOf(
  source: ContainerSource,
  { files, secrets }: ContainerDependencies,
  words: string,
): string | undefined {
  const value =
    source.authorizationTokenFile === undefined
      ? source.authorizationToken?.reveal()
      : readTokenFile(source.authorizationTokenFile, files, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", words);
  if (value !== undefined) secrets.addSecret(value);
  return value;
}

async function ask(
  url: string,
  authorization: string | undefined,
  { httpHandler, clock, random }: ContainerDependencies,
  request: IdentityRequest | undefined,
  failed: (reason: string, advice: string, cause?: unknown) => AdapterError,
): Promise<SourceAnswer> {
  const deadline = clock.monotonic() + (request?.timeoutMs ?? Number.POSITIVE_INFINITY);
  for (let attempt = 1; ; attempt += 1) {
    let failure: AdapterError | undefined;
    try {
      const answer = await sourceRequest(httpHandler, {
        method: "GET",
        url,
        headers: authorization === undefined ? {} : { authorization },
        timeoutMs: Math.min(ATTEMPT_TIMEOUT_MS, deadline - clock.monotonic()),
        signal: request?.signal,
      });
      if (!isPassing(answer.statusCode) || attempt >= MAX_ATTEMPTS) return answer;
    } catch (error) {
      if (error instanceof AdapterError && error.code === "ABORTED") throw error;
      failure = failed(
        `the endpoint ${new URL(url).origin} does not answer: ${reasonOf(error)}`,
        "Check that the platform runs in the container that the environment speaks of, and that the agent of the container platform runs.",
        error,
      );
      if (attempt >= MAX_ATTEMPTS) throw failure;
    }
    const delay = BACKOFF_MS * (0.5 + random() / 2) * 2 ** (attempt - 1);
    if (failure !== undefined && clock.monotonic() + delay >= deadline) throw failure;
    await clock.sleep(delay, request?.signal);
  }
}
