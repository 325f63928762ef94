/** Owns the proof of when a request leaves: behind what its turn of the event loop brings, in the context of its own call. */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { SocketGate } from "../../../utils/http/socket-gate";
import { failure } from "./failure";
import { buffered, closeAll, handlerWith, httpServer, rawServer, request } from "./servers";

const STARTED = "http.client.request.start";

/** What `read` answers at the moment at which Node has written each request, by the request's path. */
async function whenStarted<T>(read: () => T, work: () => Promise<unknown>): Promise<Map<string, T>> {
  const seen = new Map<string, T>();
  const onStart = (message: unknown): void => {
    seen.set((message as { readonly request: ClientRequest }).request.path, read());
  };
  subscribe(STARTED, onStart);
  try {
    await work();
  } finally {
    unsubscribe(STARTED, onStart);
  }
  return seen;
}

describe("A request", () => {
  afterEach(closeAll);

  it("leaves when the turn of the event loop is over, behind what was queued before it", async () => {
    const server = await httpServer((_, answer) => answer.end());
    const handler = handlerWith();
    await handler.handle(request(server.port), buffered);
    let turn = "this turn";
    const work = async (): Promise<void> => {
      const queued = setImmediate().then(() => {
        turn = "the next one";
      });
      const answers = ["/1", "/2"].map((path) => handler.handle(request(server.port, { path }), buffered));
      await Promise.all([queued, ...answers]);
    };
    const seen = await whenStarted(() => turn, work);
    assert.deepEqual(
      [...seen],
      [
        ["/1", "the next one"],
        ["/2", "the next one"],
      ],
    );
  });

  it("leaves in the asynchronous context of its own call, whoever else leaves with it", async () => {
    const server = await httpServer((_, answer) => answer.end());
    const handler = handlerWith();
    const caller = new AsyncLocalStorage<string>();
    const paths = ["/a", "/b", "/c", "/d", "/e", "/f"];
    const send = (path: string) =>
      caller.run(`caller of ${path}`, () => handler.handle(request(server.port, { path }), buffered));
    const seen = await whenStarted(
      () => caller.getStore(),
      async () => {
        await Promise.all(paths.map(send));
        await Promise.all(paths.map((path) => send(`${path}/again`)));
      },
    );
    assert.equal(seen.size, 2 * paths.length);
    for (const [path, store] of seen) assert.equal(store, `caller of ${path}`);
  });

  it("that waited for a place leaves in its own context, too", async () => {
    const gate = new SocketGate(1);
    const caller = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const enter = (name: string) => caller.run(name, () => gate.enter("host", () => seen.push(caller.getStore())));
    const leave = enter("first");
    enter("second");
    caller.run("first", leave);
    await setImmediate();
    await setImmediate();
    assert.deepEqual(seen, ["first", "second"]);
  });

  it("that was given up before it left is not sent, and takes no socket", async () => {
    const server = await httpServer((_, answer) => answer.end());
    const handler = handlerWith({ maxSockets: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const answered = failure(handler.handle(request(server.port), { ...buffered, signal }));
    controller.abort(new Error("changed my mind"));
    assert.equal((await answered).code, "ABORTED");
    await setImmediate();
    await setImmediate();
    assert.equal(server.connections(), 0);
    await handler.handle(request(server.port), buffered);
    assert.equal(server.connections(), 1);
  });

  it("whose body breaks while it waits for a place fails then, and nothing else does", async () => {
    const server = await rawServer(() => undefined);
    const proxy = { mode: "forward", protocol: "socks5", host: "127.0.0.1", port: server.port } as const;
    const handler = handlerWith({ maxSockets: 1, proxy });
    const first = new AbortController();
    const hung = failure(handler.handle(request(1), { ...buffered, signal: first.signal }));
    await setImmediate();
    const body = new Readable({ read() {} });
    const waiting = failure(handler.handle(request(1, { method: "PUT", body }), buffered));
    await setImmediate();
    body.destroy(new Error("the disk is gone"));
    assert.match((await waiting).message, /the disk is gone/);
    first.abort();
    assert.equal((await hung).code, "ABORTED");
  });

  it("whose body was broken before fails", async () => {
    const server = await httpServer((incoming, answer) => incoming.resume().on("end", () => answer.end()));
    const body = new Readable({ read() {} }).on("error", () => undefined);
    body.destroy(new Error("the disk is gone"));
    await setImmediate();
    const error = await failure(handlerWith().handle(request(server.port, { method: "PUT", body }), buffered));
    assert.match(error.message, /the disk is gone/);
  });

  it("whose body breaks at once fails, and nothing else does", async () => {
    const server = await httpServer((incoming, answer) => incoming.resume().on("end", () => answer.end()));
    const body = new Readable({ read() {} });
    const answered = failure(handlerWith().handle(request(server.port, { method: "PUT", body }), buffered));
    body.destroy(new Error("the disk is gone"));
    const error = await answered;
    assert.equal(error.code, "REQUEST_UNSERIALIZABLE");
    assert.match(error.message, /the disk is gone/);
  });
});
