/** Owns the check of docs/scale.md: the arithmetic agrees with the simulation, the simulation with adapters at work. */
import assert from "node:assert/strict";
import { assumeRoleRate, coldStart, type Load, meanCycleSeconds, serviceRate } from "../../../bench/scale/model";
import { callsOf, type SimulatedLoad, seeded, simulate } from "../../../bench/scale/simulate";

import AwsAdapter = require("../../../adapter");

import type { CredentialStore } from "../../../utils/credentials/credential-store/credential-store";
import { systemClock } from "../../../utils/runtime/system-clock";
import { defaultWorld } from "../../../utils/simulator/default-world";
import { startSimulator } from "../../../utils/simulator/simulator";
import { simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import type { AwsCredentialIdentity } from "../../../utils/types/identity";
import { soakWorld } from "../../soak/world";
import { silentLogger } from "../../support/silent-logger";

/** What docs/scale.md promises. */
const MODEL_WITHIN = 0.06;
const ADAPTER_WITHIN = 0.1;
const loads = [1, 100, 1000].flatMap((roles) =>
  [1, 5, 20].flatMap((nodes) =>
    (["own", "shared"] as const).map((cache): Load => ({ roles, nodes, cache, callsPerSecond: 20 })),
  ),
);

describe("scale: model and simulation", () => {
  for (const load of loads) {
    it(`agree on ${load.roles} roles, ${load.nodes} nodes, ${load.cache} cache`, () => {
      // A few sessions are too few for a mean: the fewer roles, the longer.
      const days = load.roles * (load.cache === "own" ? load.nodes : 1) < 20 ? 6 : 0.35;
      const slow = days > 1 ? { callsPerSecond: 1 } : {};
      const given = { ...load, ...slow };
      const seconds = days * 86_400;
      const { assumeRolesPerSecond } = simulate({
        ...given,
        seconds,
        warmUpSeconds: 7200,
        seed: 4711,
        begin: "in-mid-life",
      });
      const ratio = assumeRolesPerSecond / assumeRoleRate(given);
      assert.ok(Math.abs(ratio - 1) < MODEL_WITHIN, `simulated ${assumeRolesPerSecond}, ${ratio} times the model's`);
    });
  }

  it("a cold start assumes each role once, or once on each node", () => {
    for (const cache of ["own", "shared"] as const) {
      const load = { roles: 20, nodes: 5, cache, callsPerSecond: 50 };
      const figures = simulate({ ...load, seconds: 600, warmUpSeconds: 0, seed: 1, begin: "cold" });
      assert.equal(figures.assumeRoles, coldStart(load));
    }
  });

  it("the arithmetic is right at its ends", () => {
    // One busy node: the moment of renewal alone, a quarter of the lead after the earliest on average.
    assert.ok(Math.abs(meanCycleSeconds(1, 1000) - (3540 - 225)) < 0.1);
    // A role that is used once in ten hours is assumed with every use.
    assert.ok(Math.abs(meanCycleSeconds(1, 1 / 36_000) - (3315 + 36_000)) < 20);
    assert.deepEqual(serviceRate(10, 20, 3), { least: 10, most: 10 });
    const { least, most } = serviceRate(100, 20, 3);
    assert.ok(least === 100 && most > 300 && most < 400, `${most}`);
  });
});

/** What Redis does for several nodes, without Redis. */
function sharedMemory(): CredentialStore {
  const kept = new Map<string, AwsCredentialIdentity>();
  const locks = new Map<string, Promise<void>>();
  return {
    get: async (key) => kept.get(key),
    set: async (key, identity) => void kept.set(key, identity),
    remove: async (key) => void kept.delete(key),
    lock: async (key) => {
      const before = locks.get(key);
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      locks.set(key, held);
      await before;
      return async () => release();
    },
  };
}

describe("scale: simulation and adapters", () => {
  for (const cache of ["own", "shared"] as const) {
    it(`agree call by call over eight hours, ${cache} cache`, async () => {
      const load: SimulatedLoad = {
        ...{ roles: 4, nodes: 3, cache, callsPerSecond: 1 / 60, begin: "cold" },
        ...{ seconds: 28_800, warmUpSeconds: 0, seed: 99 },
      };
      const startMs = Date.parse("2026-01-05T00:00:00Z");
      let nowMs = startMs;
      const clock = { ...systemClock, now: () => nowMs };
      const simulator = await startSimulator({ world: soakWorld("scale"), clock });
      const store = sharedMemory();
      const credential_cache =
        cache === "own" ? {} : { type: "file", folder: "/nowhere", key: "0123456789abcdef0123456789abcdef" };
      const properties = { ...simulatorServiceInstance(simulator), credential_cache, healthcheck: { type: "none" } };
      const random = seeded(5);
      const dependencies = { environment: {}, logger: silentLogger, clock, random, credentialStore: () => store };
      const nodes = Array.from({ length: load.nodes }, () => new AwsAdapter("aws", properties, dependencies));
      const { accountId } = defaultWorld().users[0]!;
      try {
        for (const { atSeconds, node, role } of callsOf(load)) {
          nowMs = startMs + atSeconds * 1000;
          const RoleArn = `arn:aws:iam::${accountId}:role/task-soak-0${role}`;
          const task = { RoleArn, RoleSessionName: "scale" };
          await nodes[node]!.awsRequestSTSRole("sts", "GetCallerIdentity", {}, task, null);
        }
        const assumed = simulator.counts()["sts.AssumeRole"] ?? 0;
        const { assumeRoles } = simulate(load);
        assert.ok(
          Math.abs(assumed / assumeRoles - 1) < ADAPTER_WITHIN,
          `${assumed} by adapters, ${assumeRoles} simulated`,
        );
        console.log(`      ${assumed} by adapters, ${assumeRoles} simulated`);
      } finally {
        await simulator.close();
      }
    }).timeout(60_000);
  }
});
