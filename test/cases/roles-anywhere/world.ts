/** Owns how these cases bring an adapter's runtime and a simulator with a trust anchor together. */
import { join } from "node:path";
import { createRuntime, type Runtime } from "../../../utils/runtime/create-runtime";
import type { OpenCredentialStore } from "../../../utils/runtime/identities";
import { nodeFiles } from "../../../utils/runtime/node-files";
import { systemClock } from "../../../utils/runtime/system-clock";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { profileArn, trustAnchorArn } from "../../../utils/simulator/roles-anywhere";
import type { Simulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import type { RolesAnywhereProfile, TrustAnchor } from "../../../utils/simulator/world";
import type { Logger } from "../../../utils/types/logger";

export const ROOT_FOLDER = join(__dirname, "..", "..", "..");

/** The `aws_roles_anywhere` block of a workload in the simulator's world. */
export function workloadBlock(simulator: Simulator, more: object = {}): Record<string, unknown> {
  const { certificate, privateKey, chain } = simulator.workloadCertificate("router-automation");
  const { world } = simulator;
  return {
    profile_arn: profileArn(world.rolesAnywhereProfiles?.[0] as RolesAnywhereProfile),
    role_arn: simulatedRoleArn(world, "workload"),
    trust_anchor_arn: trustAnchorArn(world.trustAnchors?.[0] as TrustAnchor),
    endpoint: simulator.url,
    session_name: "itential",
    certificate,
    private_key: privateKey,
    certificate_chain: chain,
    ...more,
  };
}

/** A whole service instance's properties that authenticate by certificate. */
export function properties(
  simulator: Simulator,
  block: object,
  more: object = {},
  auth: object = {},
): Record<string, unknown> {
  const instance = simulatorServiceInstance(simulator, { keysOf: "none" });
  return {
    ...instance,
    ...more,
    authentication: { ...(instance["authentication"] as object), aws_roles_anywhere: block, ...auth },
  };
}

export interface Adapter {
  readonly runtime: Runtime;
  /** Everything that was logged. */
  readonly log: string[];
}

export function adapter(
  given: Record<string, unknown>,
  environment = {},
  credentialStore?: OpenCredentialStore,
): Adapter {
  const log: string[] = [];
  const write = (message: string): void => {
    log.push(message);
  };
  const logger: Logger = {
    spam: write,
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    isEnabled: () => true,
  };
  const runtime = createRuntime(parseSettings("aws", given, environment), {
    environment,
    clock: systemClock,
    random: Math.random,
    files: nodeFiles,
    logger,
    adapterFolder: ROOT_FOLDER,
    sharedCaches: new Map(),
    ...(credentialStore === undefined ? {} : { credentialStore }),
  });
  return { runtime, log };
}

/** @returns the ARN that a plain or STSRole GetCallerIdentity answers */
export async function callerArn({ runtime }: Adapter, roleName?: string): Promise<string> {
  const kind = roleName === undefined ? ("plain" as const) : ("STSRole" as const);
  const result = await runtime.call("sts", "GetCallerIdentity", {}, { kind, roleName });
  return (result.output as { Arn: string }).Arn;
}
