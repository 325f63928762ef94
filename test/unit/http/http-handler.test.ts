/** Owns the proof that requests arrive as signed, that sockets are reused and bounded, and that nothing hangs or leaks. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { AdapterError } from "../../../utils/errors/adapter-error";
import { createHttpHandler } from "../../../utils/http/http-handler";
import { failure } from "./failure";
import { buffered, clock, closeAll, files, handlerWith, httpServer, rawServer, request } from "./servers";

const text = (body: Buffer | Readable): string => (body as Buffer).toString();

describe("createHttpHandler", () => {
  afterEach(closeAll);

  it("sends target, headers and body to the byte", async () => {
    let seen: { url?: string; headers?: IncomingHttpHeaders; raw?: string[]; body?: string } = {};
    const server = await httpServer((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => {
        const body = Buffer.concat(parts).toString();
        seen = { url: incoming.url ?? "", headers: incoming.headers, raw: incoming.rawHeaders, body };
        answer.setHeader("set-cookie", ["a=1", "b=2"]);
        answer.setHeader("x-twice", ["1", "2"]);
        answer.end("ok");
      });
    });
    const response = await handlerWith().handle(
      request(server.port, {
        method: "POST",
        path: "/a//b/../%2B%20c",
        query: { "list-type": "2", "k é": ["b", "a"], acl: null },
        headers: { host: "signed.example", "x-amz-meta-note": "grün 漢" },
        body: "Grüße",
      }),
      buffered,
    );
    assert.equal(seen.url, "/a//b/../%2B%20c?list-type=2&k%20%C3%A9=b&k%20%C3%A9=a&acl=");
    assert.equal(seen.headers?.host, "signed.example");
    assert.equal(seen.headers?.["content-length"], "7");
    assert.equal(Buffer.from(seen.headers?.["x-amz-meta-note"] as string, "latin1").toString(), "grün 漢");
    assert.equal(seen.body, "Grüße");
    assert.equal(response.headers["set-cookie"], "a=1, b=2");
    assert.equal(response.headers["x-twice"], "1, 2");
    assert.equal(text(response.body), "ok");
  });

  it("frames the body of every method, and says so when there is none", async () => {
    const server = await httpServer((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => {
        const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
        answer.end(JSON.stringify([incoming.method, length, encoding, Buffer.concat(parts).toString()]));
      });
    });
    const handler = handlerWith();
    const send = async (method: string, body?: string | Uint8Array | Readable) => {
      const made = request(server.port, { method, ...(body !== undefined && { body }) });
      return JSON.parse(text((await handler.handle(made, buffered)).body)) as unknown;
    };
    assert.deepEqual(await send("DELETE", "x=1"), ["DELETE", "3", null, "x=1"]);
    assert.deepEqual(await send("GET", "x"), ["GET", "1", null, "x"]);
    assert.deepEqual(await send("POST"), ["POST", "0", null, ""]);
    assert.deepEqual(await send("DELETE"), ["DELETE", null, null, ""]);
    assert.deepEqual(await send("PUT", Buffer.from("bytes")), ["PUT", "5", null, "bytes"]);
    assert.deepEqual(await send("PUT", Readable.from(["a", "b"])), ["PUT", null, "chunked", "ab"]);
    assert.deepEqual(await send("DELETE", Readable.from(["a", "b"])), ["DELETE", null, "chunked", "ab"]);
    assert.equal(server.connections(), 1);
  });

  it("refuses a content-length that contradicts the body, before or while it is sent", async () => {
    const server = await httpServer((incoming, answer) => {
      incoming.resume();
      incoming.on("end", () => answer.end());
    });
    const handler = handlerWith();
    const headers = { "content-length": "3" };
    for (const body of ["four", Readable.from(["fo", "ur"]), Readable.from(["2b"])]) {
      const error = await failure(handler.handle(request(server.port, { method: "PUT", headers, body }), buffered));
      assert.equal(error.code, "REQUEST_UNSERIALIZABLE");
      assert.match(error.message, /content-length|of 3 bytes/);
    }
  });

  it("passes on why a stream could not be read", async () => {
    const server = await httpServer((incoming) => incoming.resume());
    const body = new Readable({ read: () => undefined });
    setImmediate(() => body.destroy(new Error("disk gone")));
    const error = await failure(handlerWith().handle(request(server.port, { method: "PUT", body }), buffered));
    assert.equal(error.code, "REQUEST_UNSERIALIZABLE");
    assert.match(error.message, /disk gone/);
  });

  it("refuses what would break the request line or a header", async () => {
    const server = await httpServer((_, answer) => answer.end());
    const handler = handlerWith();
    for (const parts of [{ headers: { "x-a": "1\r\nx-b: 2" } }, { path: "/a b" }, { headers: { "x a": "1" } }]) {
      const error = await failure(handler.handle(request(server.port, parts), buffered));
      assert.equal(error.code, "REQUEST_UNSERIALIZABLE");
      assert.equal(error.detail["phase"], "before-request");
    }
    assert.equal(server.connections(), 0);
  });

  it("reuses one socket for requests in turn", async () => {
    const server = await httpServer((_, answer) => answer.end("ok"));
    const handler = handlerWith();
    for (let count = 0; count < 20; count += 1) await handler.handle(request(server.port), buffered);
    assert.equal(server.connections(), 1);
  });

  it("opens no more sockets than allowed for 500 requests at once", async () => {
    const server = await httpServer((_, answer) => answer.end("ok"));
    const handler = handlerWith({ maxSockets: 7 });
    const all = await Promise.all(Array.from({ length: 500 }, () => handler.handle(request(server.port), buffered)));
    assert.ok(all.every(({ statusCode }) => statusCode === 200));
    assert.equal(server.connections(), 7);
  });

  it("names the stage, the limit and the host of what did not answer", async () => {
    const silent = await rawServer(() => undefined);
    const started = performance.now();
    const error = await failure(handlerWith().handle(request(silent.port), { ...buffered, timeoutMs: 200 }));
    const tookMs = performance.now() - started;
    assert.equal(error.code, "TIMEOUT");
    assert.match(
      error.message,
      /127\.0\.0\.1:\d+ \(waiting for the first byte of the answer\) did not answer within 200 ms/,
    );
    assert.equal(error.detail["phase"], "after-request");
    assert.ok(tookMs >= 195, `${tookMs} ms`);
    await sleep(20);
    assert.equal(silent.sockets.size, 0, "its socket is closed");
  });

  it("says when the wait was for a socket of its own pool", async () => {
    const silent = await rawServer(() => undefined);
    const handler = handlerWith({ maxSockets: 1 });
    const options = { ...buffered, timeoutMs: 60 };
    const [, second] = await Promise.allSettled([
      handler.handle(request(silent.port), { ...buffered, timeoutMs: 400 }),
      handler.handle(request(silent.port), options),
    ]);
    const error = (second as PromiseRejectedResult).reason as AdapterError;
    assert.match(error.message, /waiting for a free socket/);
    assert.equal(error.detail["phase"], "before-request");
  });

  it("names a limit in whole milliseconds", async () => {
    const silent = await rawServer(() => undefined);
    const error = await failure(handlerWith().handle(request(silent.port), { ...buffered, timeoutMs: 20.25 }));
    assert.match(error.message, /within 21 ms/);
  });

  it("says when the body of the answer stopped coming", async () => {
    const stuck = await rawServer((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"));
    const error = await failure(handlerWith().handle(request(stuck.port), { ...buffered, timeoutMs: 400 }));
    assert.equal(error.code, "TIMEOUT");
    assert.equal(error.detail["stage"], "body");
  });

  it("says when the request could not be sent", async () => {
    const full = await rawServer((socket) => socket.pause());
    const body = Buffer.alloc(32 * 1024 * 1024);
    const made = request(full.port, { method: "PUT", body });
    const error = await failure(handlerWith().handle(made, { ...buffered, timeoutMs: 400 }));
    assert.equal(error.detail["stage"], "sending");
  });

  it("tells apart what cannot have reached AWS", async () => {
    const gone = await httpServer(() => undefined);
    gone.close();
    const refused = await failure(handlerWith().handle(request(gone.port), buffered));
    assert.equal(refused.code, "CONNECTION_FAILED");
    assert.match(refused.message, /connection refused \(ECONNREFUSED/);
    assert.equal(refused.detail["phase"], "before-request");
    const made = request(80, { hostname: "no-such-host.invalid" });
    const unknown = await failure(handlerWith().handle(made, buffered));
    assert.equal(unknown.detail["stage"], "dns");
    assert.equal(unknown.detail["phase"], "before-request");
    assert.match(unknown.message, /no-such-host\.invalid/);
  });

  it("tells a reset before the answer from one in its body, and a reused socket from a fresh one", async () => {
    const server = await rawServer((socket, line, count) => {
      if (line.startsWith("GET /half")) {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
        setTimeout(() => socket.resetAndDestroy(), 10);
      } else if (line.startsWith("GET /reset") || count > 1) socket.resetAndDestroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    const handler = handlerWith();
    const fresh = await failure(handler.handle(request(server.port, { path: "/reset" }), buffered));
    assert.deepEqual(
      [fresh.code, fresh.detail["phase"], fresh.detail["reusedSocket"]],
      ["CONNECTION_FAILED", "after-request", "no"],
    );
    await handler.handle(request(server.port), buffered);
    const reused = await failure(handler.handle(request(server.port), buffered));
    assert.deepEqual([reused.detail["stage"], reused.detail["reusedSocket"]], ["first-byte", "yes"]);
    const half = await failure(handler.handle(request(server.port, { path: "/half" }), buffered));
    assert.equal(half.detail["stage"], "body");
    assert.match(half.message, /closed while reading the body/);
  });

  it("calls what is not HTTP by its name and keeps none of it", async () => {
    const server = await rawServer((socket, line) =>
      socket.end(
        line.startsWith("GET /large") ? `HTTP/1.1 200 OK\r\nx: ${"a".repeat(40_000)}\r\n\r\n` : "SecretKey\r\n\r\n",
      ),
    );
    const handler = handlerWith();
    const garbage = await failure(handler.handle(request(server.port), buffered));
    assert.equal(garbage.code, "CONNECTION_FAILED");
    assert.match(garbage.message, /not valid HTTP/);
    assert.equal("rawPacket" in (garbage.cause as object), false);
    const large = await failure(handler.handle(request(server.port, { path: "/large" }), buffered));
    assert.match(large.message, /headers of the answer are too large/);
  });

  it("gives up at once when told to, before and while it waits", async () => {
    const silent = await rawServer(() => undefined);
    const handler = handlerWith();
    const early = await failure(
      handler.handle(request(silent.port), { ...buffered, signal: AbortSignal.abort(new Error("stopped")) }),
    );
    assert.deepEqual([early.code, early.detail["phase"]], ["ABORTED", "before-request"]);
    assert.equal(silent.connections(), 0);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("stopped")), 30);
    const late = await failure(handler.handle(request(silent.port), { ...buffered, signal: controller.signal }));
    assert.deepEqual([late.code, late.detail["phase"]], ["ABORTED", "after-request"]);
    assert.match(late.message, /stopped/);
  });

  it("leaves no timer and no listener behind", async () => {
    const server = await httpServer((_, answer) => answer.end("ok"));
    let pending = 0;
    const counting = {
      ...clock,
      schedule: (ms: number, task: () => void) => {
        pending += 1;
        const cancel = clock.schedule(ms, task);
        let open = true;
        return () => {
          if (open) pending -= 1;
          open = false;
          cancel();
        };
      },
    };
    const handler = createHttpHandler({ maxSockets: 2 }, { files, clock: counting });
    const listeners = new Map<string, number>();
    const signal = {
      aborted: false,
      addEventListener: (name: string) => listeners.set(name, (listeners.get(name) ?? 0) + 1),
      removeEventListener: (name: string) => listeners.set(name, (listeners.get(name) ?? 0) - 1),
    } as unknown as AbortSignal;
    await Promise.all([1, 2, 3].map(() => handler.handle(request(server.port), { ...buffered, signal })));
    assert.equal(pending, 0);
    assert.equal(listeners.get("abort"), 0);
    const warned: Error[] = [];
    const onWarning = (warning: Error): number => warned.push(warning);
    process.on("warning", onWarning);
    for (let count = 0; count < 30; count += 1) await handler.handle(request(server.port), buffered);
    await sleep(5);
    process.off("warning", onWarning);
    assert.deepEqual(warned, []);
    handler.destroy();
    await sleep(20);
    assert.equal(server.sockets.size, 0, "idle sockets are closed");
    const error = await failure(handler.handle(request(server.port), buffered));
    assert.equal(error.code, "ABORTED");
  });

  it("lets a request under way finish when it is destroyed, then closes its socket", async () => {
    const server = await httpServer((_, answer) => setTimeout(() => answer.end("late"), 40));
    const handler = handlerWith();
    const pending = handler.handle(request(server.port), buffered);
    await sleep(15);
    handler.destroy();
    assert.equal(text((await pending).body), "late");
    await sleep(20);
    assert.equal(server.sockets.size, 0);
  });
});
