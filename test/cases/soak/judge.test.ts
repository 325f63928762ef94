/** Owns the cases of the soak's own judgement: it must see each thing that may not happen, and plan alike for a seed. */
import assert from "node:assert/strict";
import { planFaults } from "../../soak/fault-plan";
import { type DoneFault, growth, type SoakEvidence, soakReport, violations } from "../../soak/judge";
import type { FailedCall, WorkerReport } from "../../soak/messages";
import { seededRandom } from "../../soak/random";
import { SecretScan } from "../../soak/secret-scan";
import { sixEncodings } from "../../support/canary";

const worker: WorkerReport = {
  ...{ type: "report", calls: 10, answered: 10, failed: 0, doubles: 0, lost: 0, thrown: 0 },
  ...{ wrongAnswers: [], heap: [1, 1], leftOver: [], counted: 10 },
};
const aws = { type: "report", checked: 10, wrongIdentities: [], assumeRoles: 1, requests: 11, secrets: [] } as const;
const good: SoakEvidence = {
  ...{ seed: 1, seconds: 60, startMs: 0, workers: 1, faults: [], failures: [], reports: [worker] },
  ...{ callsOfKilled: 0, endedBadly: [], aws, logs: { bytes: 1, secrets: 1, found: [] } },
};
const failure = (startMs: number, endMs: number, code = "AD.502"): FailedCall => ({
  ...{ type: "failure", startMs, endMs, call: "one", code, text: "" },
});
const fault = (type: DoneFault["fault"], startMs: number, endMs: number): DoneFault => ({
  ...{ fault: type, atMs: startMs, forMs: endMs - startMs, startMs, endMs },
});
const down = { type: "aws", service: "sts", kind: "down" } as const;

describe("soak: judge", () => {
  it("finds nothing in a good one, and prints its seed", () => {
    assert.deepEqual(violations(good), []);
    assert.match(soakReport(good), /^soak: seed 1,[\s\S]*no violation$/);
  });

  const bad: Readonly<Record<string, Partial<SoakEvidence>>> = {
    "a wrong signer": { aws: { ...aws, wrongIdentities: ["x"] } },
    "an answer to somebody else": { reports: [{ ...worker, wrongAnswers: ["x"] }] },
    "a lost callback": { reports: [{ ...worker, lost: 1 }] },
    "a second callback": { reports: [{ ...worker, doubles: 1 }] },
    "a method that throws": { reports: [{ ...worker, thrown: 1 }] },
    "a socket that stays": { reports: [{ ...worker, leftOver: ["TCPSocketWrap"] }] },
    "calls that nobody counted": { reports: [{ ...worker, counted: 9 }] },
    "a secret in a log": { logs: { bytes: 1, secrets: 1, found: ["x"] } },
    "a worker that ended": { endedBadly: ["1"] },
    "a heap that grows": { reports: [{ ...worker, heap: Array.from({ length: 40 }, (_, at) => 30e6 + at * 2e6) }] },
    "a failure without a fault": { failures: [failure(10_000, 10_100)] },
    "a failure while only Redis is away": {
      faults: [fault({ type: "redis-kill" }, 9000, 12_000)],
      failures: [failure(10_000, 10_100)],
    },
    "a refusal that no fault brings": {
      faults: [fault(down, 9000, 12_000)],
      failures: [failure(10_000, 11_000, "AccessDenied")],
    },
    "nothing that was checked": { aws: { ...aws, checked: 0 } },
    "no log": { logs: { bytes: 0, secrets: 1, found: [] } },
  };
  for (const [name, changed] of Object.entries(bad)) {
    it(`sees ${name}`, () => assert.equal(violations({ ...good, ...changed }).length, 1));
  }

  it("excuses what a fault of AWS brings, while it lasts and shortly after", () => {
    const faults = [fault(down, 9000, 12_000)];
    for (const one of [failure(8000, 9100), failure(11_000, 20_000), failure(15_000, 15_100)]) {
      assert.deepEqual(violations({ ...good, faults, failures: [one] }), []);
    }
    assert.equal(violations({ ...good, faults, failures: [failure(17_000, 17_100)] }).length, 1);
  });

  it("calls a heap that settles no leak", () => {
    assert.equal(growth(Array.from({ length: 40 }, (_, at) => 40e6 - 10e6 / (at + 1))), 0);
  });
});

describe("soak: plan and search", () => {
  it("plans the same for a seed, another for another, and meets Redis and a killed process early", () => {
    const plan = (seed: number) => planFaults(seededRandom(seed), 60, 8);
    assert.deepEqual(plan(7), plan(7));
    assert.notDeepEqual(plan(7), plan(8));
    const types = plan(7)
      .slice(0, 4)
      .map(({ fault: { type } }) => type);
    assert.deepEqual(types, ["redis-kill", "redis-pause", "aws", "worker-kill"]);
  });

  it("finds a secret in each of its forms, and nothing that only begins like one", () => {
    const secret = `wJalr/XUtnFEMI+K7MDENG&bPxRfi<CYEXAMPLEKEY"9`;
    const scan = new SecretScan([secret, "another-secret-of-somebody-else"]);
    for (const form of sixEncodings(secret)) {
      const found = scan.find(Buffer.from(`before ${form} after`));
      assert.ok(found.length > 0, form);
      assert.ok(!found.join("").includes(secret));
    }
    assert.deepEqual(scan.find(Buffer.from(`${secret.slice(0, 20)} and other words that follow it`)), []);
  });
});
