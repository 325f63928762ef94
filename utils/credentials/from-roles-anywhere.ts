/** Owns the identity that IAM Roles Anywhere gives for a certificate: checked before, signed, sent, and repeated while that may help. */
import { ClockSkew } from "../client/clock-skew";
import { classifyFailure } from "../client/retry-classification";
import { retryAfterMs, retryDelayMs } from "../client/retry-delay";
import { AdapterError } from "../errors/adapter-error";
import { signX509 } from "../signing/sign-x509";
import type { Clock } from "../types/clock";
import type { Files } from "../types/files";
import type { HttpHandler, HttpResponse } from "../types/http";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, IdentityRequest } from "../types/identity";
import type { RolesAnywhereSource } from "../types/role-chain";
import { refusalAdvice, routeAdvice } from "./roles-anywhere/advice";
import {
  createSessionRequest,
  faultOf,
  OPERATION,
  rawText,
  SERVICE,
  sessionIdentity,
} from "./roles-anywhere/create-session";
import { ExpiryNotice } from "./roles-anywhere/expiry-notice";
import { type SigningMaterial, SigningMaterials } from "./roles-anywhere/signing-material";
import type { SecretKeeper } from "./secret-keeper";

/** As the SDK's standard mode: the first try and two more. */
const MAX_ATTEMPTS = 3;

export interface RolesAnywhereDependencies {
  /** A handler that goes the way of that source: its proxy, its TLS. */
  readonly httpHandlerFor: (source: RolesAnywhereSource) => HttpHandler;
  readonly files: Files;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  readonly secrets: SecretKeeper;
  readonly userAgent: string;
  /** Limit of one session with its repetitions in milliseconds, where the request for the identity names none. */
  readonly timeoutMs: number;
  /** Takes what an operator should know and what stops nothing: a certificate about to expire. */
  readonly warn: (message: string) => void;
}

/** @returns the provider of a source; every call of it is a call of CreateSession. `words` are what errors call it. */
export type RolesAnywhereFactory = (source: RolesAnywhereSource, words: string) => AwsCredentialIdentityProvider;

/**
 * One factory belongs to one adapter instance: it remembers what it parsed, what it warned of and AWS's clock.
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` before any call for certificate and key, after it with AWS's own words,
 * or what went wrong on the way
 * @see https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
 */
export function rolesAnywhereFactory(dependencies: RolesAnywhereDependencies): RolesAnywhereFactory {
  const { clock, random, timeoutMs } = dependencies;
  const materials = new SigningMaterials(dependencies.files);
  const notice = new ExpiryNotice(dependencies.warn);
  const skew = new ClockSkew(clock);

  const attempt = async (
    source: RolesAnywhereSource,
    material: SigningMaterial,
    words: string,
    timeLeftMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ identity: AwsCredentialIdentity } | { error: AdapterError; headers: Record<string, string> }> => {
    const request = createSessionRequest(source, dependencies.userAgent);
    signX509(request, material, { service: SERVICE, region: source.region, dateMs: skew.now() });
    let response: HttpResponse;
    try {
      const options = { timeoutMs: Math.max(1, timeLeftMs), responseBody: "buffer" as const };
      response = await dependencies
        .httpHandlerFor(source)
        .handle(request, signal === undefined ? options : { ...options, signal });
    } catch (thrown) {
      return { error: onTheWay(thrown, source, words), headers: {} };
    }
    if (response.statusCode >= 200 && response.statusCode < 300) {
      return { identity: sessionIdentity(response, source, skew.offsetMs) };
    }
    const error = refused(response, source, material, words, dependencies.secrets, skew.now());
    return { error, headers: response.headers };
  };

  return (source, words) => async (asked?: IdentityRequest) => {
    const deadline = clock.monotonic() + (asked?.timeoutMs ?? timeoutMs);
    const material = materials.read(source.material, words, skew.now());
    notice.check(material, skew.now());
    for (let count = 1; ; count += 1) {
      const clockOffsetMs = skew.offsetMs;
      const outcome = await attempt(source, material, words, deadline - clock.monotonic(), asked?.signal);
      if ("identity" in outcome) return outcome.identity;
      const { error, headers } = outcome;
      const offsetMs = skew.measure(headers);
      const skewMs = offsetMs === undefined ? undefined : offsetMs - clockOffsetMs;
      const { kind } = classifyFailure(error, { skewMs, retriedStatuses: [] });
      if (count >= MAX_ATTEMPTS || error.code === "TIMEOUT" || kind === "final" || kind === "expired") throw error;
      if (kind === "skew") {
        skew.correct(offsetMs ?? 0);
        continue;
      }
      const delay = retryDelayMs(kind, count - 1, random, retryAfterMs(headers, clock.now()));
      // A wait that ends past the limit helps nobody: what is known is told at once.
      if (delay >= deadline - clock.monotonic()) throw error;
      await clock.sleep(delay, asked?.signal);
    }
  };
}

function refused(
  response: HttpResponse,
  source: RolesAnywhereSource,
  material: SigningMaterial,
  words: string,
  secrets: SecretKeeper,
  nowMs: number,
): AdapterError {
  const { statusCode } = response;
  const fault = faultOf(response, secrets);
  const told = { step: words, statusCode, rawResponse: rawText(response, secrets) };
  if (fault === undefined) {
    const reason = `HTTP ${statusCode}, and not from IAM Roles Anywhere`;
    const advice = `Something else answered at ${source.url}: check endpoint and region of aws_roles_anywhere, and the proxy.`;
    return new AdapterError("CREDENTIAL_SOURCE_FAILED", { step: words, reason, advice }, told);
  }
  const reason = `${OPERATION} was refused: ${fault.code}: ${fault.message.replace(/\.\s*$/, "")}`;
  const advice = refusalAdvice(fault, source, material, nowMs);
  return new AdapterError("CREDENTIAL_SOURCE_FAILED", { step: words, reason, advice }, { ...told, aws: fault });
}

/** The same error, with the step and with advice that knows of Roles Anywhere. */
function onTheWay(thrown: unknown, source: RolesAnywhereSource, words: string): AdapterError {
  if (!(thrown instanceof AdapterError)) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return new AdapterError("UNEXPECTED", { reason }, { cause: thrown, step: words });
  }
  const waitedFor = thrown.detail["waitedFor"];
  const detail =
    waitedFor === undefined
      ? thrown.detail
      : { ...thrown.detail, waitedFor: `IAM Roles Anywhere (${words}; ${waitedFor})` };
  return new AdapterError(thrown.code, detail, {
    cause: thrown,
    step: words,
    recommendation: routeAdvice(thrown, source),
  });
}
