/** Owns the measuring of what a role costs in one process: memory, a lookup, a first fetch. */
import { fromRoleChain } from "../../utils/credentials/from-role-chain";
import { IdentityCache } from "../../utils/credentials/identity-cache";
import { Metrics } from "../../utils/metrics/metrics";
import { systemClock } from "../../utils/runtime/system-clock";
import type { AwsCredentialIdentity, IdentityProvider } from "../../utils/types/identity";
import type { RoleChain } from "../../utils/types/role-chain";
import { Secret } from "../../utils/types/secret";

export interface RoleCost {
  readonly roles: number;
  readonly bytesPerRole: number;
  readonly lookupMicroseconds: number;
}

const LOOKUPS = 200_000;
/** About as long as STS's own. */
const TOKEN_LENGTH = 900;

/** @param roles - sessions that one cache holds; needs `--expose-gc` */
export async function roleCost(roles: number): Promise<RoleCost> {
  const collect = (globalThis as { gc?: () => void }).gc ?? (() => assertCollector());
  const metrics = new Metrics("cost", systemClock);
  const cache = new IdentityCache({
    ...{ maxChains: roles * 2 + 1, clock: systemClock, random: Math.random, fetchTimeoutMs: 5000, warn: () => {} },
  });
  const sts = { region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com" } as never;
  const source = { type: "static", accessKeyId: "AKIACOST", secretAccessKey: new Secret("cost") } as const;
  const session = async (): Promise<AwsCredentialIdentity> => ({
    accessKeyId: `ASIA${Math.random().toString(36).slice(2, 18)}`,
    secretAccessKey: Buffer.from(Array.from({ length: 30 }, () => Math.floor(Math.random() * 256))).toString("base64"),
    sessionToken: Buffer.alloc((TOKEN_LENGTH * 3) / 4, Math.random().toString()).toString("base64"),
    expiration: new Date(Date.now() + 3_600_000),
  });
  const provider = (role: number): IdentityProvider => {
    const roleArn = `arn:aws:iam::123456789012:role/team-${role % 100}/role-${role}`;
    const step = { roleArn, roleSessionName: "cost", durationSeconds: 3600, sts, origin: "stsParams" } as never;
    const chain = { source, steps: [step] } as RoleChain;
    return fromRoleChain(chain, { cache, fromSource: () => session, assumeRole: () => session, metrics });
  };
  await provider(0).resolve();
  collect();
  const before = process.memoryUsage().heapUsed;
  const providers: IdentityProvider[] = [];
  for (let role = 0; role < roles; role += 1) {
    const one = provider(role);
    await one.resolve();
    providers.push(one);
  }
  collect();
  const bytesPerRole = (process.memoryUsage().heapUsed - before) / roles;
  let found = 0;
  const started = performance.now();
  for (let at = 0; at < LOOKUPS; at += 1) {
    if (providers[(at * 7919) % roles]?.current?.() !== undefined) found += 1;
  }
  const lookupMicroseconds = ((performance.now() - started) * 1000) / LOOKUPS;
  if (found !== LOOKUPS) throw new Error(`${LOOKUPS - found} lookups found nothing`);
  return { roles, bytesPerRole, lookupMicroseconds };
}

function assertCollector(): never {
  throw new Error("node --expose-gc is needed to measure memory");
}
