/** Owns a simulator with good and bad profiles and trust anchors, and the trial of one connection to it. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { defaultWorld } from "../../../utils/simulator/default-world";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { type Adapter, adapter, callerArn, properties } from "./world";

/** What CreateSession names who came with the workload's certificate. */
export const SESSION = "arn:aws:sts::123456789012:assumed-role/workload/itential";
export const PROFILE = "arn:aws:rolesanywhere:us-east-1:123456789012:profile/";
export const DAY_MS = 86_400_000;

export interface ConnectionTrials {
  /** There while the tests of the block run. */
  simulator(): Simulator;
  /** An adapter that is closed behind the test. */
  open(block: object, more?: object, auth?: object, environment?: object): Adapter;
  /** Why a connection was refused, after a look that no part of it holds the key. */
  refusal(block: object, more?: object): Promise<{ error: AdapterError; log: string[] }>;
  /** How often CreateSession was called in this test. */
  sessions(): number;
}

/** For the block of tests that it is called in. */
export function connectionTrials(): ConnectionTrials {
  let simulator: Simulator;
  const opened: Adapter[] = [];

  before(async () => {
    const world = defaultWorld();
    const [profile] = world.rolesAnywhereProfiles ?? [];
    const [anchor] = world.trustAnchors ?? [];
    assert.ok(profile !== undefined && anchor !== undefined);
    simulator = await startSimulator({
      world: {
        ...world,
        rolesAnywhereProfiles: [
          profile,
          { ...profile, id: "no-names", acceptsRoleSessionName: false },
          { ...profile, id: "switched-off", status: "disabled" },
          { ...profile, id: "no-roles", roleArns: [] },
        ],
        trustAnchors: [anchor, { ...anchor, id: "switched-off", status: "disabled" }],
      },
    });
  });
  after(() => simulator.close());
  beforeEach(() => simulator.clearRequests());
  afterEach(() => {
    simulator.faults.clear();
    for (const { runtime } of opened.splice(0)) runtime.close();
  });

  const open = (block: object, more: object = {}, auth: object = {}, environment: object = {}): Adapter => {
    const one = adapter(properties(simulator, block, more, auth), environment);
    opened.push(one);
    return one;
  };
  const refusal = async (block: object, more: object = {}): Promise<{ error: AdapterError; log: string[] }> => {
    const one = open(block, more);
    try {
      await callerArn(one);
    } catch (error) {
      assert.ok(error instanceof AdapterError, String(error));
      const { private_key } = block as { private_key?: string };
      const printed = JSON.stringify([error, error.message, error.recommendation, error.rawResponse, one.log]);
      assert.doesNotMatch(printed, /PRIVATE KEY/);
      if (private_key) assert.equal(printed.includes(private_key.split("\n")[1] as string), false);
      return { error, log: one.log };
    }
    return assert.fail("accepted");
  };
  const sessions = (): number => simulator.counts()["rolesanywhere.CreateSession"] ?? 0;

  return { simulator: () => simulator, open, refusal, sessions };
}
