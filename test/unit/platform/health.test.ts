/** Owns the cases of the health events: their order, and when the check runs. */
import assert from "node:assert/strict";
import { Health, type HealthcheckType } from "../../../utils/platform/health";
import type { Clock } from "../../../utils/types/clock";
import type { Logger } from "../../../utils/types/logger";

function setUp() {
  const events: string[] = [];
  const logged: string[] = [];
  const timers: { ms: number; task: () => void }[] = [];
  const state = { checks: 0, fault: undefined as unknown };
  const clock = {
    schedule: (ms: number, task: () => void) => {
      const timer = { ms, task };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  } as Clock;
  const write = (level: string) => (message: string) => logged.push(`${level} ${message}`);
  const health = new Health({
    clock,
    logger: { debug: write("debug"), info: write("info"), error: write("error") } as unknown as Logger,
    emit: (event) => events.push(event),
    check: async () => {
      state.checks += 1;
      if (state.fault !== undefined) throw state.fault;
    },
  });
  const tick = () => {
    const timer = timers.shift();
    timer?.task();
    return new Promise((resolve) => setImmediate(resolve));
  };
  return { health, events, logged, timers, state, tick };
}

describe("Health", () => {
  it("type none: OFFLINE, then ONLINE, unchecked", async () => {
    const { health, events, state } = setUp();
    await health.connect("none", 1000);
    assert.deepEqual([events, state.checks, health.alive, health.healthy], [["OFFLINE", "ONLINE"], 0, true, true]);
  });

  for (const type of ["startup", "intermittent"] satisfies HealthcheckType[]) {
    it(`type ${type}: OFFLINE, then FIXED and ONLINE once the check passes`, async () => {
      const { health, events, state, timers } = setUp();
      await health.connect(type, 30_000);
      assert.deepEqual([events, state.checks, health.healthy], [["OFFLINE", "FIXED", "ONLINE"], 1, true]);
      assert.deepEqual(
        timers.map(({ ms }) => ms),
        type === "intermittent" ? [30_000] : [],
      );
    });
  }

  for (const type of ["none", "startup", "intermittent"] satisfies HealthcheckType[]) {
    it(`type ${type}: connecting again says ONLINE again and nothing else, unless the check fails`, async () => {
      const { health, events, state, timers } = setUp();
      await health.connect(type, 30_000);
      events.length = 0;
      await health.connect(type, 30_000);
      assert.deepEqual([events, health.healthy], [["ONLINE"], true]);
      assert.deepEqual([state.checks, timers.length], type === "none" ? [0, 0] : [2, type === "intermittent" ? 1 : 0]);
      events.length = 0;
      state.fault = new Error("no credentials");
      await health.connect(type, 30_000);
      assert.deepEqual(events, type === "none" ? ["ONLINE"] : ["OFFLINE", "DEGRADED"]);
      events.length = 0;
      state.fault = undefined;
      await health.connect(type, 30_000);
      assert.deepEqual(events, type === "none" ? ["ONLINE"] : ["OFFLINE", "FIXED", "ONLINE"]);
    });
  }

  it("stays OFFLINE when the first check fails, and says why", async () => {
    const { health, events, state, logged } = setUp();
    state.fault = new Error("no credentials");
    await health.connect("startup", 0);
    assert.deepEqual([events, health.alive, health.healthy], [["OFFLINE"], true, false]);
    assert.deepEqual(logged, ["error health check failed: no credentials"]);
  });

  it("a healthy adapter that fails: OFFLINE, DEGRADED; that recovers: FIXED, ONLINE; that goes on: nothing", async () => {
    const { health, events, logged, state, tick } = setUp();
    await health.connect("intermittent", 1000);
    events.length = 0;
    await tick();
    assert.deepEqual(events, []);
    state.fault = new Error("x");
    await tick();
    await tick();
    assert.deepEqual(events, ["OFFLINE", "DEGRADED"]);
    state.fault = undefined;
    await tick();
    assert.deepEqual(events.slice(2), ["FIXED", "ONLINE"]);
    assert.equal(logged.filter((entry) => entry.startsWith("info")).length, 1, "recovery is news");
  });

  it("checks that overlap are one", async () => {
    const { health, state } = setUp();
    assert.deepEqual(await Promise.all([health.run(), health.run(), health.run()]), [true, true, true]);
    assert.equal(state.checks, 1);
  });

  it("a restart replaces the timer and keeps a healthy adapter ONLINE", async () => {
    const { health, events, timers } = setUp();
    await health.connect("intermittent", 1000);
    events.length = 0;
    await health.restart("intermittent", 2000);
    assert.deepEqual([events, timers.map(({ ms }) => ms)], [[], [2000]]);
    health.stop();
    assert.equal(timers.length, 0);
  });

  it("a restart before connect starts nothing", async () => {
    const { health, events, state, timers } = setUp();
    await health.restart("intermittent", 1000);
    assert.deepEqual([events, state.checks, timers.length], [[], 0, 0]);
  });

  it("what a check found out about earlier properties says nothing about the present ones", async () => {
    for (const [before, after, expected] of [
      [new Error("wrong keys"), undefined, ["OFFLINE", "FIXED", "ONLINE"]],
      [undefined, new Error("wrong keys"), ["OFFLINE"]],
    ] as const) {
      const { health, events, state } = setUp();
      state.fault = before;
      const connected = health.connect("startup", 0);
      state.fault = after;
      await Promise.all([connected, health.restart("startup", 0)]);
      assert.deepEqual([events, health.healthy, state.checks], [expected, after === undefined, 2]);
    }
  });

  it("properties that want no check are not put OFFLINE by the check of the earlier ones", async () => {
    const { health, events, state } = setUp();
    state.fault = new Error("wrong keys");
    const connected = health.connect("startup", 0);
    await Promise.all([connected, health.restart("none", 0)]);
    assert.deepEqual([events, health.healthy], [["OFFLINE", "ONLINE"], true]);
  });

  it("a check that rejects with nothing is a failure all the same", async () => {
    const { health, state } = setUp();
    state.fault = null;
    assert.equal(await health.run(), false);
  });
});
