/** Owns the turn of an attempt, where rates are controlled: whose bucket it is of, and what a refusal says about its rate. */
import type { Recorder } from "../metrics/metrics";
import { parseRoleArn } from "../settings/role-arn";
import type { Clock } from "../types/clock";
import type { RateBucket, Rates } from "../types/rates";
import type { RoleChain } from "../types/role-chain";
import type { PreparedCall } from "./prepared-call";
import type { AttemptResult } from "./retry";
import { classifyFailure } from "./retry-classification";

interface Pace {
  readonly rates: Rates;
  readonly clock: Pick<Clock, "monotonic">;
  readonly metrics?: Recorder | undefined;
}

/**
 * @throws AdapterError `RATE_EXCEEDED` when its turn would come too late, and what `run` throws
 */
export async function pacedAttempt<T>(
  { rates, clock, metrics }: Pace,
  { signing, identity, signal }: PreparedCall,
  run: () => Promise<AttemptResult<T>>,
): Promise<AttemptResult<T>> {
  const bucket: RateBucket = {
    service: signing.service,
    account: accountOf(identity.chain),
    region: signing.region,
  };
  const askedMs = clock.monotonic();
  try {
    await rates.turn(bucket, signal);
  } finally {
    metrics?.record("rateWaits", (clock.monotonic() - askedMs) / 1000, bucket.service);
  }
  const result = await run();
  if ("failed" in result) {
    const { kind } = classifyFailure(result.failed.error, { skewMs: undefined, retriedStatuses: [] });
    if (kind === "throttling") rates.throttled(bucket);
  }
  return result;
}

/** Known without asking anybody: of the last role, or else what the chain starts from stands for it. */
function accountOf({ source, steps }: RoleChain): string {
  const roleArn = steps.at(-1)?.roleArn ?? ("roleArn" in source ? source.roleArn : undefined);
  const account = roleArn === undefined ? undefined : parseRoleArn(roleArn)?.accountId;
  if (account !== undefined) return account;
  return "accessKeyId" in source && source.accessKeyId !== undefined ? source.accessKeyId : source.type;
}
