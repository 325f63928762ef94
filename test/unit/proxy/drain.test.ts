/** Owns the trial of bodies that nobody wants any more: they hold a connection for half a minute at the most. */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { DRAIN_LIMIT_MS, drained } from "../../../utils/proxy/drain";
import { FakeClock } from "../credentials/fixtures";

describe("drained", () => {
  let clock: FakeClock;
  let request: PassThrough & { complete: boolean };
  let isOver: boolean;
  const begin = (): Promise<void> =>
    drained(request as unknown as IncomingMessage, clock).then(() => {
      isOver = true;
    });
  beforeEach(() => {
    clock = new FakeClock();
    request = Object.assign(new PassThrough(), { complete: false });
    isOver = false;
  });

  it("gives up a body that never comes, and its connection with it", async () => {
    const over = begin();
    clock.advance(DRAIN_LIMIT_MS - 1);
    await new Promise(setImmediate);
    assert.deepEqual([isOver, request.destroyed], [false, false]);
    clock.advance(1);
    await over;
    assert.equal(request.destroyed, true);
  });

  it("gives up a body that comes for ever, drop by drop", async () => {
    const over = begin();
    for (let ms = 0; ms < DRAIN_LIMIT_MS; ms += 1000) {
      request.write("x");
      await new Promise(setImmediate);
      assert.equal(isOver, false);
      clock.advance(1000);
    }
    await over;
    assert.equal(request.destroyed, true);
  });

  it("keeps the connection of a body that ends", async () => {
    const over = begin();
    request.complete = true;
    request.end("the rest");
    await over;
    assert.equal(clock.waiting, 0);
  });

  it("has nothing to wait for where the body was read, or the client is gone", async () => {
    request.complete = true;
    await begin();
    assert.equal(isOver, true);
    isOver = false;
    request = Object.assign(new PassThrough(), { complete: false });
    request.destroy();
    await begin();
    assert.equal(isOver, true);
  });
});
