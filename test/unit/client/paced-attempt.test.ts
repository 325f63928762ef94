/** Owns the trials of paced attempts: whose bucket a call is of, when it goes, and what tells that AWS refused its rate. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pacedAttempt } from "../../../utils/client/paced-attempt";
import type { PreparedCall } from "../../../utils/client/prepared-call";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { RateBucket, Rates } from "../../../utils/types/rates";
import type { RoleChain } from "../../../utils/types/role-chain";
import { Secret } from "../../../utils/types/secret";

const KEYS = { type: "static", accessKeyId: "AKIDEXAMPLE", secretAccessKey: new Secret("hidden") } as const;
const step = (roleArn: string) => ({ roleArn }) as unknown as RoleChain["steps"][number];

function trial(chain: Partial<RoleChain>, error?: AdapterError) {
  const log: string[] = [];
  const words = ({ service, account, region }: RateBucket): string => `${service} ${account} ${region}`;
  const rates: Rates = {
    turn: async (bucket) => void log.push(`turn ${words(bucket)}`),
    throttled: (bucket) => void log.push(`throttled ${words(bucket)}`),
    close: () => undefined,
  };
  const call = {
    signing: { service: "ec2", region: "eu-west-1" },
    identity: { chain: { source: KEYS, steps: [], ...chain } },
  } as unknown as PreparedCall;
  const run = async () => {
    log.push("run");
    return error === undefined ? { answer: "there" } : { failed: { error, clockOffsetMs: 0 } };
  };
  let nowMs = 0;
  const clock = { monotonic: () => (nowMs += 1500) };
  const metrics = {
    record: (key: string, value: number, ...labels: readonly unknown[]) => void measured.push([key, value, ...labels]),
  };
  const measured: unknown[] = [];
  return { rates, log, measured, attempt: () => pacedAttempt<string>({ rates, clock, metrics }, call, run) };
}

describe("pacedAttempt", () => {
  it("goes when it is its turn, in the bucket of the last role's account", async () => {
    const steps = [step("arn:aws:iam::111111111111:role/global"), step("arn:aws:iam::222222222222:role/task")];
    const { attempt, log, measured } = trial({ steps });
    assert.deepEqual(await attempt(), { answer: "there" });
    assert.deepEqual(measured, [["rateWaits", 1.5, "ec2"]]);
    assert.deepEqual(log, ["turn ec2 222222222222 eu-west-1", "run"]);
  });

  it("counts keys by themselves, and a role's source by its account", async () => {
    for (const [chain, account] of [
      [{}, "AKIDEXAMPLE"],
      [{ source: { type: "webIdentity", roleArn: "arn:aws:iam::333333333333:role/pod" } }, "333333333333"],
      [{ source: { type: "instanceMetadata" } }, "instanceMetadata"],
      [{ source: { type: "instanceMetadata" }, steps: [step("attached")] }, "instanceMetadata"],
    ] as const) {
      const { attempt, log } = trial(chain as unknown as Partial<RoleChain>);
      await attempt();
      assert.equal(log[0], `turn ec2 ${account} eu-west-1`);
    }
  });

  it("tells of a refusal for the rate, and of no other", async () => {
    const refusal = (code: string): AdapterError => {
      const aws = { service: "ec2", operation: "DescribeInstances", code, message: "" };
      return new AdapterError("SERVICE_ERROR", {}, { aws, statusCode: 400 });
    };
    const throttled = trial({}, refusal("RequestLimitExceeded"));
    await throttled.attempt();
    assert.equal(throttled.log.at(-1), "throttled ec2 AKIDEXAMPLE eu-west-1");
    const denied = trial({}, refusal("UnauthorizedOperation"));
    await denied.attempt();
    assert.equal(denied.log.at(-1), "run");
  });

  it("sends nothing when the turn is refused", async () => {
    const { attempt, log, rates } = trial({});
    rates.turn = async () => {
      throw new AdapterError("RATE_EXCEEDED", {});
    };
    await assert.rejects(attempt(), { code: "RATE_EXCEEDED" });
    assert.deepEqual(log, []);
  });
});
