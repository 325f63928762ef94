/** Owns the cases of the throttle: places, order, bounds, and waits that end. */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import fc from "fast-check";
import { CallQueue } from "../../../utils/platform/call-queue";
import type { ThrottleSettings } from "../../../utils/settings/settings";
import { FakeClock } from "../client/client-fixture";

const throttle = (over: Partial<ThrottleSettings> = {}): ThrottleSettings => ({
  ...{ enabled: true, platformServers: 1, maxConcurrent: 2, maxInQueue: 5, expireTimeoutMs: 0, averageRuntimeMs: 200 },
  priorities: [
    { value: 1, percent: 0 },
    { value: 2, percent: 50 },
  ],
  ...over,
});

/** A call that ends when it is told to. */
function held(): { readonly task: () => Promise<void>; readonly end: () => void } {
  let end = () => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { task: () => done, end: () => end() };
}
/** A call through the queue, as a promise. */
const run = <T>(
  queue: CallQueue,
  method: string,
  priority: number | undefined,
  task: (queueMs: number) => Promise<T>,
): Promise<T> =>
  new Promise((resolve, reject) => queue.enter(method, priority, { start: task, succeed: resolve, fail: reject }));

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("CallQueue", () => {
  it("starts and ends what waited in the asynchronous context that it came from", async () => {
    const clock = new FakeClock();
    const queue = new CallQueue(throttle({ maxConcurrent: 1, expireTimeoutMs: 1000 }), clock);
    const caller = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const note = (what: string) => seen.push(`${what} of ${caller.getStore()}`);
    const first = held();
    const enter = (name: string, task: () => Promise<unknown>): void =>
      caller.run(name, () =>
        queue.enter("m", undefined, {
          start: () => {
            note("start");
            return task();
          },
          succeed: () => note("success"),
          fail: () => note("failure"),
        }),
      );
    const second = held();
    enter("a", first.task);
    enter("b", second.task);
    first.end();
    await turn();
    enter("c", first.task);
    clock.advance(1000);
    second.end();
    await turn();
    assert.deepEqual(seen, ["start of a", "start of b", "success of a", "failure of c", "success of b"]);
  });

  it("starts as many as may be under way, then by the place of their priority, equal ones as they came", async () => {
    const queue = new CallQueue(throttle({ maxConcurrent: 1 }), new FakeClock());
    const first = held();
    const order: string[] = [];
    const all = [run(queue, "m", undefined, first.task)];
    const calls = [undefined, 2, 1, 2, 1].map((priority, at) => [`${priority}-${at}`, priority] as const);
    for (const [name, priority] of calls) all.push(run(queue, name, priority, async () => void order.push(name)));
    assert.deepEqual(
      queue.calls().map(({ method }) => method),
      ["1-2", "1-4", "2-1", "2-3", "undefined-0"],
    );
    first.end();
    await Promise.all(all);
    assert.deepEqual(order, ["1-2", "1-4", "2-1", "2-3", "undefined-0"]);
    assert.deepEqual([queue.running, queue.waiting], [0, 0]);
  });

  it("refuses what does not fit, and says how much waits", async () => {
    const queue = new CallQueue(throttle({ maxConcurrent: 1, maxInQueue: 2 }), new FakeClock());
    const first = held();
    const all = [1, 2, 3].map(() => run(queue, "m", undefined, first.task));
    await assert.rejects(
      run(queue, "m", undefined, async () => {}),
      { code: "QUEUE_FULL", detail: { found: 2, expected: 2 } },
    );
    first.end();
    await Promise.all(all);
  });

  it("refuses after it was asked, and not while: who asks again at once asks in turn", async () => {
    const queue = new CallQueue(throttle({ maxConcurrent: 1, maxInQueue: 0 }), new FakeClock());
    const first = held();
    const running = run(queue, "m", undefined, first.task);
    let state: "asking" | "asked" = "asking";
    let refusals = 0;
    const ask = (): void => {
      queue.enter("m", undefined, {
        start: async () => {},
        succeed: () => assert.fail("it ran"),
        fail: () => {
          assert.equal(state, "asked");
          refusals += 1;
          if (refusals < 20_000) ask();
        },
      });
    };
    ask();
    state = "asked";
    await new Promise(setImmediate);
    assert.equal(refusals, 20_000);
    first.end();
    await running;
  });

  it("ends a wait that takes too long, and never starts that call", async () => {
    const clock = new FakeClock();
    const queue = new CallQueue(throttle({ maxConcurrent: 1, expireTimeoutMs: 100 }), clock);
    const first = held();
    const running = run(queue, "m", undefined, first.task);
    let started = false;
    const late = run(queue, "m", undefined, async () => {
      started = true;
    });
    clock.advance(100);
    await assert.rejects(late, { code: "QUEUE_EXPIRED", detail: { found: 100, expected: 100 } });
    assert.equal(queue.waiting, 0);
    first.end();
    await running;
    await turn();
    assert.equal(started, false);
  });

  it("ends each wait at its own time, by one timer, whatever the lane, and goes on watching", async () => {
    const clock = new FakeClock();
    const queue = new CallQueue(throttle({ maxConcurrent: 1, maxInQueue: 10, expireTimeoutMs: 100 }), clock);
    const ends: string[] = [];
    const first = held();
    const add = (name: string, priority?: number): void => {
      const end = (): void => void ends.push(`${name} ${clock.monotonic()}`);
      queue.enter(name, priority, { start: first.task, succeed: () => ends.push(`${name} ran`), fail: end });
    };
    const advance = (ms: number): void => {
      for (let at = 0; at < ms; at += 1) clock.advance(1);
    };
    const start = clock.monotonic();
    add("running");
    add("a", 2);
    advance(30);
    add("b", 1);
    advance(30);
    add("c");
    advance(80);
    assert.deepEqual(ends, [`a ${start + 100}`, `b ${start + 130}`]);
    advance(100);
    assert.deepEqual(ends.slice(2), [`c ${start + 160}`]);
    add("d", 1);
    advance(99);
    assert.equal(ends.length, 3, "the watch begins anew after the queue was empty");
    advance(1);
    assert.deepEqual(ends.slice(3), [`d ${start + 340}`]);
    first.end();
    await turn();
    assert.deepEqual(ends.slice(4), ["running ran"]);
  });

  it("watches those who ask again when they are told that their wait was too long", () => {
    const clock = new FakeClock();
    const queue = new CallQueue(throttle({ maxConcurrent: 1, maxInQueue: 10, expireTimeoutMs: 100 }), clock);
    queue.enter("running", undefined, { start: held().task, succeed: () => {}, fail: assert.fail });
    let ends = 0;
    const ask = (): void => {
      const fail = (): void => {
        ends += 1;
        ask();
      };
      queue.enter("again", undefined, { start: held().task, succeed: () => {}, fail });
    };
    ask();
    ask();
    for (let rounds = 1; rounds <= 3; rounds += 1) {
      clock.advance(100);
      assert.deepEqual([ends, queue.waiting], [rounds * 2, 2]);
    }
  });

  it("does not watch later for those who came before who asks again", () => {
    const clock = new FakeClock();
    const queue = new CallQueue(throttle({ maxConcurrent: 1, maxInQueue: 10, expireTimeoutMs: 100 }), clock);
    const ends: string[] = [];
    const wait = (name: string, then = (): void => {}): void => {
      const fail = (): void => {
        ends.push(name);
        then();
      };
      queue.enter(name, undefined, { start: held().task, succeed: () => {}, fail });
    };
    wait("running");
    wait("first", () => wait("again"));
    clock.advance(60);
    wait("second");
    clock.advance(40);
    assert.deepEqual(ends, ["first"]);
    clock.advance(59);
    assert.deepEqual(ends, ["first"]);
    clock.advance(1);
    assert.deepEqual(ends, ["first", "second"]);
    clock.advance(40);
    assert.deepEqual(ends, ["first", "second", "again"]);
  });

  it("tells how long a call waited, and a failed call gives its place up", async () => {
    const clock = new FakeClock();
    const queue = new CallQueue(throttle({ maxConcurrent: 1 }), clock);
    const first = held();
    const running = run(queue, "m", undefined, () => first.task().then(() => assert.fail("failed")));
    const second = run(queue, "m", undefined, async (queueMs) => queueMs);
    clock.advance(40);
    first.end();
    await assert.rejects(running);
    assert.equal(await second, 40);
  });

  it("shares the limit among the platform's servers; 0 is no limit", () => {
    const limit = (over: Partial<ThrottleSettings>) => new CallQueue(throttle(over), new FakeClock()).limit;
    assert.equal(limit({ maxConcurrent: 10, platformServers: 3 }), 3);
    assert.equal(limit({ maxConcurrent: 1, platformServers: 3 }), 1);
    assert.equal(limit({ maxConcurrent: 0 }), Number.POSITIVE_INFINITY);
  });

  it("whatever comes, expires and fails: never too many at once, every call ends once, none is left", async () => {
    const call = fc.record({ priority: fc.constantFrom(undefined, 1, 2, 9), fails: fc.boolean(), wait: fc.nat(3) });
    const property = fc.asyncProperty(
      fc.array(call, { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (calls, limit) => {
        const clock = new FakeClock();
        const queue = new CallQueue(throttle({ maxConcurrent: limit, maxInQueue: 10, expireTimeoutMs: 5 }), clock);
        let ended = 0;
        const all = calls.map(({ priority, fails, wait }) =>
          run(queue, "m", priority, async () => {
            assert.ok(queue.running <= limit);
            for (let turns = 0; turns < wait; turns += 1) await turn();
            if (fails) throw new Error("failed");
          })
            .catch(() => {})
            .then(() => {
              ended += 1;
            }),
        );
        clock.advance(6);
        await Promise.all(all);
        assert.deepEqual([ended, queue.running, queue.waiting, queue.calls()], [calls.length, 0, 0, []]);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });
});
